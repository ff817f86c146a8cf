package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gopark/helpers/check"
	"gopark/helpers/check/solutions"
	"gopark/kernel/notebook"
)

// suiteOptions are the flags of check --all.
type suiteOptions struct {
	seeds, parallel int
}

// suiteLimit is the real time that one check may take in the suite: there are
// solutions that never end.
const suiteLimit = "5s"

// fewestWrong is how many wrong solutions an exercise has at least.
const fewestWrong = 5

// A trial is one solution of one exercise.
type trial struct {
	exercise string
	call     string
	solutions.Solution
}

func (t trial) reference() bool { return t.Name == "reference" }

// A verdict is what the suite found about a trial.
type verdict struct {
	trial
	problems []string
	took     time.Duration
}

// checkExercises tests the exercises that are named, or all.
func checkExercises(ctx context.Context, cmd *cobra.Command, p parts, o suiteOptions, names []string) error {
	started := time.Now()
	exercises, err := selected(names)
	if err != nil {
		return err
	}
	var trials []trial
	problems := map[string][]string{}
	for _, e := range exercises {
		all := solutions.Of(e.Name)
		problems[e.Name] = incomplete(e, all)
		for _, s := range all {
			trials = append(trials, trial{e.Name, solutions.Call(e.Name), s})
		}
	}
	// References take longest: they begin.
	slices.SortStableFunc(trials, func(a, b trial) int { return rank(a) - rank(b) })
	verdicts, err := tryAll(ctx, cmd, p, o, trials)
	if err != nil {
		return err
	}
	failed := 0
	for _, e := range exercises {
		list := problems[e.Name]
		told := 0
		for _, v := range verdicts {
			if v.exercise != e.Name {
				continue
			}
			for _, p := range v.problems {
				list = append(list, v.Name+": "+p)
			}
			if len(v.problems) == 0 && !v.reference() && v.Name != "stub" {
				told++
			}
		}
		word := "ok"
		if len(list) > 0 {
			word = "FAILED"
			failed++
		}
		race := " and with the race detector"
		if e.Plain {
			race = ""
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%-6s  %-14s  %d wrong answers and the stub told what is wrong; the reference with %d seeds%s\n", word, e.Name, told, o.seeds, race)
		for _, p := range list {
			fmt.Fprintf(cmd.OutOrStdout(), "        - %s\n", p)
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d exercises, %d solutions, in %.1f s; %d failed\n", len(exercises), len(trials), time.Since(started).Seconds(), failed)
	if failed > 0 || len(exercises) == 0 {
		return &statusError{1}
	}
	return nil
}

func rank(t trial) int {
	if t.reference() {
		return 0
	}
	return 1
}

func selected(names []string) ([]check.Exercise, error) {
	all := check.Exercises()
	for _, name := range solutions.Names() {
		if !slices.ContainsFunc(all, func(e check.Exercise) bool { return e.Name == name }) {
			return nil, fmt.Errorf("there are solutions of %s, which is no exercise: is it in the list of its notebook?", name)
		}
	}
	if len(names) == 0 {
		return all, nil
	}
	var some []check.Exercise
	for _, name := range names {
		i := slices.IndexFunc(all, func(e check.Exercise) bool { return e.Name == name })
		if i < 0 {
			return nil, wrongCall("there is no exercise %q", name)
		}
		some = append(some, all[i])
	}
	return some, nil
}

// incomplete says what an exercise lacks.
func incomplete(e check.Exercise, all []solutions.Solution) (problems []string) {
	wrong := 0
	has := map[string]bool{}
	for _, s := range all {
		has[s.Name] = true
		if s.Name != "stub" && s.Name != "reference" {
			wrong++
			if s.Why == "" {
				problems = append(problems, s.Name+": it does not say why it fails")
			}
		}
		if _, err := regexp.Compile(s.Want); err != nil {
			problems = append(problems, s.Name+": want: "+err.Error())
		}
		if s.Name != "reference" && s.Want == "" {
			problems = append(problems, s.Name+": it does not say what it must be told")
		}
	}
	for _, name := range []string{"stub", "reference"} {
		if !has[name] {
			problems = append(problems, "there is no "+name)
		}
	}
	if wrong < fewestWrong {
		problems = append(problems, fmt.Sprintf("%d wrong solutions; at least %d are wanted", wrong, fewestWrong))
	}
	if slices.Contains(e.Hints, "") {
		problems = append(problems, "a hint is empty")
	}
	return problems
}

// tryAll runs the trials, each worker in a session of its own.
func tryAll(ctx context.Context, cmd *cobra.Command, p parts, o suiteOptions, trials []trial) ([]verdict, error) {
	dir, err := os.MkdirTemp("", "gopark-check-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex // guards what follows
		verdicts []verdict
		next     int
		failure  error
	)
	take := func() (trial, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(trials) || failure != nil || ctx.Err() != nil {
			return trial{}, false
		}
		next++
		return trials[next-1], true
	}
	log := logger(cmd)
	for range max(1, min(o.parallel, len(trials))) {
		wg.Go(func() {
			k, err := p.open(ctx, log, dir)
			if err == nil {
				for t, ok := take(); ok; t, ok = take() {
					begin := time.Now()
					found := tryOne(ctx, k, o, t)
					mu.Lock()
					verdicts = append(verdicts, verdict{t, found, time.Since(begin)})
					progressLine(cmd.ErrOrStderr(), verdicts[len(verdicts)-1], len(verdicts), len(trials))
					mu.Unlock()
				}
				err = k.close()
			}
			mu.Lock()
			defer mu.Unlock()
			failure = errors.Join(failure, err)
		})
	}
	wg.Wait()
	return verdicts, errors.Join(failure, context.Cause(ctx))
}

func progressLine(w io.Writer, v verdict, n, all int) {
	word := "ok"
	if len(v.problems) > 0 {
		word = "FAILED"
	}
	fmt.Fprintf(w, "[%d/%d] %s, %s: %s, %.1f s\n", n, all, v.exercise, v.Name, word, v.took.Seconds())
}

// tryOne runs one solution as a learner would, and says what is wrong with what
// the learner would read. Then it does the same with a checker that checks
// nothing, and wants to find something wrong.
func tryOne(ctx context.Context, k notebook.Kernel, o suiteOptions, t trial) []string {
	r, err := answer(ctx, k, o, t, false)
	if err != nil {
		return []string{err.Error()}
	}
	problems := t.judge(r)
	if !t.reference() {
		r, err := answer(ctx, k, o, t, true)
		if err != nil {
			return append(problems, err.Error())
		}
		if len(t.judge(r)) == 0 {
			problems = append(problems, "a checker that checks nothing gets through: this solution proves nothing")
		}
	}
	return problems
}

// answer runs the cells of a learner in a session that starts over.
func answer(ctx context.Context, k notebook.Kernel, o suiteOptions, t trial, control bool) (check.Result, error) {
	seeds := 1
	if t.reference() {
		seeds = o.seeds
	}
	on := "0"
	if control {
		on = "1"
	}
	out := &collector{}
	for i, code := range []string{
		"%reset",
		"%env GOPARK_CHECK_PROGRESS off",
		"%env GOPARK_CHECK_LIMIT " + suiteLimit,
		fmt.Sprintf("%%env GOPARK_CHECK_SEEDS %d", seeds),
		"%env GOPARK_CHECK_CONTROL " + on,
		t.Source,
		"import \"gopark/helpers/check\"\n\n%%\n" + t.call,
	} {
		reply := k.Execute(ctx, notebook.Request{Code: code, Count: i + 1}, out)
		if reply.Status != "ok" {
			return check.Result{}, fmt.Errorf("its cell fails: %s: %s", reply.Name, reply.Value)
		}
	}
	if len(out.results) != 1 {
		return check.Result{}, fmt.Errorf("%d verdicts instead of one; it printed %q", len(out.results), out.text.String())
	}
	return out.results[0], nil
}

// judge says what is wrong with a verdict about this solution.
func (t trial) judge(r check.Result) (problems []string) {
	var bad []string
	for _, c := range r.Checks {
		if c.Status != check.Passed {
			bad = append(bad, fmt.Sprintf("%s %s: %s", c.Name, c.Status, c.Message))
		}
	}
	if t.reference() {
		if len(bad) > 0 || len(r.Checks) == 0 {
			problems = append(problems, "not all passed (seed "+r.Seed+"): "+strings.Join(bad, "; "))
		}
		return problems
	}
	if r.Failed == 0 {
		return append(problems, "it was accepted: "+r.Summary())
	}
	if want, err := regexp.Compile(t.Want); err == nil && !want.MatchString(r.Message) {
		problems = append(problems, fmt.Sprintf("it was told %q, want %q (seed %s); all: %s", r.Message, t.Want, r.Seed, strings.Join(bad, "; ")))
	}
	return problems
}
