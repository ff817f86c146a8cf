package timeline

import (
	"time"
)

// A Timeline is one run. Times are counted from its beginning.
type Timeline struct {
	// Wall is the time from the begin mark to the end.
	Wall time.Duration
	// Procs is GOMAXPROCS at the beginning, 0 if the trace does not say.
	Procs int
	// Rows are the goroutines: the root first, and each followed by its children
	// in the order of their creation.
	Rows []Row
	// Edges are the wake-ups, in the order in which they happened.
	Edges []Edge
	// Counts is how many rows were running, and how many more could have been.
	Counts []Count
	// Totals is the time of all rows in each state.
	Totals [NumStates]time.Duration
	// MostRunning and MostAlive are the highest numbers at one moment.
	MostRunning, MostAlive int
	// Left counts the rows, other than the root, that were still there when the
	// trace ended.
	Left int
	// Ended says that the trace has its end mark: the run was not broken off.
	Ended bool
	// Broken is why the trace could not be read to its end, or "".
	Broken string
}

// A Row is one goroutine.
type Row struct {
	// ID is the runtime's number of it.
	ID int64
	// Name says what runs in it: "main", "worker", "func in fetchAll".
	Name string
	// Started is where it was started: the place of its go statement, or of the
	// call of wg.Go. It is zero for the root.
	Started Place
	// Parent is the index of the row that started it, or -1.
	Parent int
	// Depth is the number of its ancestors.
	Depth int
	// Created and Ended are when it came and went; Ended is the run's end for one
	// that is Left.
	Created, Ended time.Duration
	Left           bool
	// Spans are its states, without gaps, in order.
	Spans  []Span
	Totals [NumStates]time.Duration
}

// Ran says whether the goroutine was ever given a processor.
func (r *Row) Ran() bool { return r.Totals[Running] > 0 }

// A Span is a time in one state.
type Span struct {
	From, To time.Duration
	State    State
	// Why is the reason in the runtime's words, refined by what the stack knows:
	// "mutex", "WaitGroup", "nil channel". It may be empty.
	Why string
	// At is where it waits; for a span of running, where that ended.
	At Place
}

// A Place is a line of source.
type Place struct {
	Func string // without the package main
	File string // as the compiler was told: "cell[4]", "/tmp/x/main.go"
	Line int
}

// An Edge is one wake-up: From did what To waited for.
type Edge struct {
	At time.Duration
	// From and To are indexes of rows.
	From, To int
	// Was is what To waited in.
	Was State
	// By is where From did it.
	By Place
}

// A Count is how many rows ran and how many wanted to, from At until the next
// Count.
type Count struct {
	At       time.Duration
	Running  int
	Runnable int
}

// count fills in what follows from the rows.
func (t *Timeline) count() {
	type change struct {
		at                       time.Duration
		running, runnable, alive int
	}
	var changes []change
	for i := range t.Rows {
		r := &t.Rows[i]
		for _, s := range r.Spans {
			d := s.To - s.From
			r.Totals[s.State] += d
			t.Totals[s.State] += d
			switch s.State {
			case Running:
				changes = append(changes, change{s.From, 1, 0, 0}, change{s.To, -1, 0, 0})
			case Runnable:
				changes = append(changes, change{s.From, 0, 1, 0}, change{s.To, 0, -1, 0})
			}
		}
		changes = append(changes, change{r.Created, 0, 0, 1}, change{r.Ended, 0, 0, -1})
		if r.Left && r.Parent >= 0 {
			t.Left++
		}
	}
	sortBy(changes, func(c change) time.Duration { return c.at })
	running, runnable, alive := 0, 0, 0
	for i, c := range changes {
		running, runnable, alive = running+c.running, runnable+c.runnable, alive+c.alive
		if i+1 < len(changes) && changes[i+1].at == c.at {
			continue // what happens at one moment is one step
		}
		t.MostRunning, t.MostAlive = max(t.MostRunning, running), max(t.MostAlive, alive)
		now := Count{c.at, running, runnable}
		if n := len(t.Counts); n > 0 && t.Counts[n-1].Running == running && t.Counts[n-1].Runnable == runnable {
			continue
		}
		t.Counts = append(t.Counts, now)
	}
}

// Alive is the time of all rows together.
func (t *Timeline) Alive() (all time.Duration) {
	for _, d := range t.Totals {
		all += d
	}
	return all
}

// WaitingTime is the part of Alive in which rows neither ran nor could.
func (t *Timeline) WaitingTime() (all time.Duration) {
	for s, d := range t.Totals {
		if State(s).Waiting() {
			all += d
		}
	}
	return all
}
