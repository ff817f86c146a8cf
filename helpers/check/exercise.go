package check

import "slices"

// An exercise is what stays the same whoever solves it. Its checks are made
// where the learner's function is known, and go to judge with it.
type exercise struct {
	// name is that of the function that checks it, check.<name>, and of its
	// folder under solutions.
	name string
	// notebook is the number of its notebook: "02".
	notebook string
	// title is what its heading in the notebook says, in small letters.
	title string
	// hints are shown on request, one after the other.
	hints [2]string
	// plain says that no goroutine is expected: nobody looks for data races
	// and for goroutines left behind.
	plain bool
}

// A test is one check of an exercise: one judgement.
type test struct {
	// name is a few words, unique in its exercise.
	name string
	// what says in one sentence what is judged.
	what string
	// run judges. It runs in a process of its own, and returns or calls t.Fail.
	run func(t *T)
}

// The names of the two checks that every exercise has, unless it is plain: they
// are judged from the runs of the others.
const (
	leakTest = "nothing left behind"
	raceTest = "no data race"
)

const (
	leakWhat = "When the work is done, no goroutine is left waiting."
	raceWhat = "The race detector sees no two goroutines at the same memory with nothing to order them."
)

// exercises lists all of the course, in its order.
func exercises() []*exercise {
	return slices.Concat(notebook00, notebook01, notebook02, notebook03, notebook04, notebook05, notebook06)
}

// find returns the exercise with that name, or nil.
func find(name string) *exercise {
	all := exercises()
	if i := slices.IndexFunc(all, func(e *exercise) bool { return e.name == name }); i >= 0 {
		return all[i]
	}
	return nil
}

// An Exercise is what a tool may want to know of one.
type Exercise struct {
	// Name is that of its function in this package.
	Name string
	// Notebook is the number of its notebook: "02".
	Notebook string
	Title    string
	Hints    []string
	// Plain says that no goroutine is expected in an answer.
	Plain bool
}

// Exercises lists the exercises of the course in its order, for tools.
func Exercises() (all []Exercise) {
	for _, e := range exercises() {
		all = append(all, Exercise{e.name, e.notebook, e.title, e.hints[:], e.plain})
	}
	return all
}
