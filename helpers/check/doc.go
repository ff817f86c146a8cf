// Package check judges a learner's answers to the exercises of the course:
// whether they are right, and whether they are concurrent in the way that was
// asked for. A cell says
//
//	import "gopark/helpers/check"
//
//	%%
//	check.FetchAll(FetchAll)
//
// and reads what was observed and what was expected, sees its own run as a
// picture, and can ask for a hint (Hint) and for a table of all exercises
// (Progress). The same works in the gopark kernel, in GoNB, and with go run.
//
// # How it judges
//
// Each check runs in a process of its own: the program starts itself again, with
// an order in its environment, runs main up to the same call of this package,
// runs the one check there, reports through a pipe and exits. A panic, a
// deadlock, an endless loop or an os.Exit fails that check alone. What stands in
// main before the call runs again for each check, so a check deserves a cell of
// its own.
//
// Inside, the learner's function runs in a bubble of testing/synctest, with a
// clock that jumps ahead when everybody waits. Times are exact there, and do not
// depend on the machine: a verdict is never a matter of luck. The bubble knows
// of channels, sleeps, WaitGroups and the like; it does not know of waits for a
// sync.Mutex, a socket or a file, and its clock stands still meanwhile.
//
// Every check runs again with the race detector, under several GOMAXPROCS, where
// there is a build with it: the gopark kernel makes one for cells that import
// this package and names it in GOPARK_CHECK_RACE. Without, that check is "not
// run", and nobody says that all have passed.
//
// # Invariants
//
//   - The process that the learner started runs none of the learner's functions;
//     its children do. No child outlives the limit (10 s) or its parent.
//   - Everything from the learner is text: it is escaped in HTML.
//   - Nothing here is safe to call from two goroutines at once, but for what is
//     said of Probe.
//
// # How to add an exercise, in ten lines
//
//  1. Name it after the learner's function, as X below. Make solutions/X with
//     stub.go.txt and reference.go.txt: the cells as in the notebook.
//  2. Add wrong_what_it_does.go.txt at least five times, each headed by // want:
//     (a regular expression for the first sentence) and // why:. The stub has a
//     want too.
//  3. Write x.go: var x = &exercise{name: "X", notebook: "03", title: …, hints: …},
//     and func X(solution func(…) …) { judge(x, test{name, what, run}, …) }, whose
//     parameter is the type of the learner's function.
//  4. Add x to the list in notebook03.go.
//  5. In run, draw everything from t (t.Between, t.IDs, t.Latencies), so that a
//     seed repeats it; put t.Probe in place of what the learner's code calls.
//  6. Call the solution inside t.Run(func() { … }), once; look inside at what
//     must hold on return (p.Done), outside at what the whole run was (p.Most,
//     p.Count, p.Calls, the time that Run returns).
//  7. t.Want(ok, "what was observed; what was expected: what to look at?"): one
//     sentence with numbers. What was shared is in verdicts.go: allAtOnce,
//     onceEach, tookExactly, Makespan.
//  8. Order the tests from the coarse to the fine: the first that fails is told.
//     Data races and goroutines left behind are judged for you (but for
//     exercises that are plain).
//  9. Run gopark check --all X: the stub fails, the reference passes 1,000 seeds
//     and with the race detector, every wrong way fails with its want.
//  10. Add the cell check.X(X) to the notebook.
//
// The file fetch_all.go is the pattern.
package check
