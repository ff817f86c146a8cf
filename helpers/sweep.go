package helpers

import (
	"fmt"
	"strings"
	"time"

	"gopark/helpers/chart"
	"gopark/helpers/display"
	"gopark/helpers/stats"
)

// A Point is one variant at one size.
type Point struct {
	X     int
	Times []time.Duration
	// Summary is in seconds.
	Summary stats.Summary
}

// Median returns the middle of the times.
func (p Point) Median() time.Duration { return fromSeconds(p.Summary.Median) }

// A SweepLine is one variant at all sizes, in the order of Sweeps.Xs.
type SweepLine struct {
	Name   string
	Points []Point
}

// Sweeps is what Sweep found.
type Sweeps struct {
	Title string
	XName string
	Xs    []int
	Lines []SweepLine
	// Ideal has a time for each x, or is nil.
	Ideal []time.Duration
	// Environment says where and how it was measured.
	Environment string
}

// Line returns the line of that name. It panics when there is none.
func (s Sweeps) Line(name string) SweepLine {
	for _, l := range s.Lines {
		if l.Name == name {
			return l
		}
	}
	panic(fmt.Sprintf("helpers.Sweeps: no line %q", name))
}

// At returns the point at size x. It panics when there is none.
func (l SweepLine) At(x int) Point {
	for _, p := range l.Points {
		if p.X == x {
			return p
		}
	}
	panic(fmt.Sprintf("helpers.SweepLine: nothing was measured at %d", x))
}

// Sweep measures how time grows with size: each variant at each of xs, drawn as
// one line a variant, the ideal dashed:
//
//	helpers.Sweep("requests, one after the other", []int{1, 10, 50, 100},
//		helpers.VariantN("loop", func(n int) { … }),
//		helpers.IdealN(func(n int) time.Duration { return time.Duration(n) * latency }))
//
// It measures as Compare does: all variants and sizes once in each round, in
// random order. Only the first size is warmed up, since the largest may take long.
func Sweep(title string, xs []int, options ...Option) Sweeps {
	return sweep(realClock(), title, xs, options)
}

func sweep(c clock, title string, xs []int, options []Option) Sweeps {
	p := newPlan("Sweep", options)
	if len(xs) == 0 {
		p.fail("there are no sizes: give some, like []int{1, 10, 100}")
	}
	var tasks []task
	for _, v := range p.variants {
		for i, x := range xs {
			tasks = append(tasks, task{
				name: fmt.Sprintf("%s at %d", v.name, x),
				run:  func() { v.runN(x) },
				warm: i == 0,
			})
		}
	}
	bar := newProgress(title)
	times := c.measure(tasks, p.warmup, func(round time.Duration) int {
		if p.rounds > 0 {
			return p.rounds
		}
		return roundsFor(round, stats.MinSamples, 20)
	}, bar)

	s := Sweeps{Title: title, XName: p.xName, Xs: xs, Environment: environment(len(times[0]), p.warmup)}
	for i, v := range p.variants {
		line := SweepLine{Name: v.name}
		for j, x := range xs {
			t := times[i*len(xs)+j]
			line.Points = append(line.Points, Point{x, t, stats.Summarize(toSeconds(t))})
		}
		s.Lines = append(s.Lines, line)
	}
	if p.idealN != nil {
		for _, x := range xs {
			s.Ideal = append(s.Ideal, p.idealN(x))
		}
	}
	s.show(bar.id)
	return s
}

// String returns what Sweep shows, as text.
func (s Sweeps) String() string {
	return s.Title + "\n\n" + s.table().String() + "\n" + s.Environment + "\n"
}

// table has one row a size and one column a line.
func (s Sweeps) table() chart.Table {
	t := chart.Table{Header: []string{s.XName}, Right: []int{0}}
	for _, l := range s.Lines {
		t.Header = append(t.Header, l.Name)
		t.Right = append(t.Right, len(t.Right))
	}
	if s.Ideal != nil {
		t.Header = append(t.Header, "ideal")
		t.Right = append(t.Right, len(t.Right))
	}
	for i, x := range s.Xs {
		row := []string{fmt.Sprint(x)}
		for _, l := range s.Lines {
			row = append(row, withInterval(l.Points[i].Summary))
		}
		if s.Ideal != nil {
			row = append(row, stats.Duration(s.Ideal[i]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func withInterval(s stats.Summary) string {
	if !s.HasInterval() {
		return human(s.Median)
	}
	return fmt.Sprintf("%s [%s, %s]", human(s.Median), human(s.Lo), human(s.Hi))
}

func (s Sweeps) show(id string) {
	lines := make([]chart.Line, len(s.Lines))
	for i, l := range s.Lines {
		lines[i].Name = l.Name
		for _, p := range l.Points {
			lines[i].At = append(lines[i].At, p.Summary)
		}
	}
	text := strings.TrimSuffix(s.String(), "\n")
	c := chart.Lines(s.Title, s.Environment, s.XName, s.Xs, lines, s.Ideal, s.table(), text)
	_ = display.Bundle(c.Bundle(), id)
}
