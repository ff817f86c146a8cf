package notebook

import (
	"fmt"
	"strings"
	"time"
)

// An Outcome is how one cell of a run ended.
type Outcome string

const (
	OK       Outcome = "ok"
	Failed   Outcome = "failed"
	Expected Outcome = "expected error" // of a cell with TagRaises
	TimedOut Outcome = "timed out"
	Skipped  Outcome = "skipped" // for its TagSkip
)

// A Result is how one cell ended.
type Result struct {
	// Index is the cell's place in Notebook.Cells, from 0; Count is its
	// execution count, from 1, and 0 when it was skipped.
	Index, Count int
	ID           string
	Outcome      Outcome
	// Name, Value and Traceback are the error, where there was one.
	Name, Value string
	Traceback   []string
	Duration    time.Duration
	// Limit is the time that a cell which timed out had.
	Limit time.Duration
	// Report is what the kernel tells of the run, in lines; "" for nothing.
	Report string
}

// A Summary is a run.
type Summary struct {
	// Cells has a result for each code cell that the run reached.
	Cells []Result
	// Total is how many code cells the notebook has.
	Total    int
	Duration time.Duration
}

// Count is how many cells ended so.
func (s Summary) Count(o Outcome) int {
	n := 0
	for _, c := range s.Cells {
		if c.Outcome == o {
			n++
		}
	}
	return n
}

// String is one line: "12 cells in 3.4s: 10 ok, 1 expected error, 1 skipped".
func (s Summary) String() string {
	var parts []string
	for _, o := range []Outcome{OK, Expected, Failed, TimedOut, Skipped} {
		if n := s.Count(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if n := s.Total - len(s.Cells); n > 0 {
		parts = append(parts, fmt.Sprintf("%d not run", n))
	}
	cells := "cells"
	if s.Total == 1 {
		cells = "cell"
	}
	line := fmt.Sprintf("%d %s in %s", s.Total, cells, short(s.Duration))
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	return line
}

// short is a duration as a person reads it.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// A CellError is the cell that made a run fail.
type CellError struct{ Result }

func (e *CellError) Error() string {
	if e.Outcome == TimedOut {
		return fmt.Sprintf("cell [%d]: ran longer than %v and was interrupted", e.Count, e.Limit)
	}
	what := e.Name
	if e.Value != "" {
		what += ": " + e.Value
	}
	return fmt.Sprintf("cell [%d]: %s", e.Count, strings.TrimPrefix(what, ": "))
}
