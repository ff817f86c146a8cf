package helpers

import (
	"cmp"
	"fmt"
	"html"
	"runtime"
	"slices"
	"strings"
	"time"

	"gopark/helpers/chart"
	"gopark/helpers/display"
	"gopark/helpers/stats"
)

// A Measured is one variant of a Comparison.
type Measured struct {
	Name string
	// Times has one run a round, in the order of rounds: Times[i] of all variants
	// were measured close together.
	Times []time.Duration
	// Summary is in seconds.
	Summary stats.Summary
}

// Median returns the middle of the times.
func (m Measured) Median() time.Duration { return fromSeconds(m.Summary.Median) }

// A Comparison is what Compare found.
type Comparison struct {
	Title string
	// Variants stand in the order in which they were given.
	Variants []Measured
	// Baseline is the variant that the others are compared with.
	Baseline string
	// Verdicts has one entry for each variant but the baseline.
	Verdicts []stats.Verdict
	// Ideal is what the option said, or 0.
	Ideal time.Duration
	// Environment says where and how it was measured.
	Environment string
	// Warnings say why the numbers deserve less trust.
	Warnings []string
}

// Variant returns the variant of that name. It panics if there is none.
func (c Comparison) Variant(name string) Measured {
	for _, m := range c.Variants {
		if m.Name == name {
			return m
		}
	}
	panic(fmt.Sprintf("helpers.Comparison: no variant %q", name))
}

// Compare measures variants against each other and shows medians, their
// intervals, every single run, and a verdict that the numbers alone decide:
//
//	helpers.Compare("100 requests",
//		helpers.Variant("loop", func() { … }),
//		helpers.Variant("goroutines", func() { … }))
//
// Each variant runs once to warm up, then once in each round; the order within a
// round is random and the garbage is collected before each run. Intervals are for
// 95 % and assume nothing about the distribution; a variant is called faster only
// if the interval of the ratio leaves out 1. Ten verdicts err more often than one.
//
// While it measures, a notebook shows a progress bar. If a variant panics, Compare
// says which one on the standard error, and the panic goes on.
func Compare(title string, options ...Option) Comparison {
	return compare(realClock(), title, options)
}

func compare(c clock, title string, options []Option) Comparison {
	p := newPlan("Compare", options)
	tasks := make([]task, len(p.variants))
	for i, v := range p.variants {
		tasks[i] = task{name: v.name, run: v.run, warm: true}
	}
	bar := newProgress(title)
	times := c.measure(tasks, p.warmup, func(round time.Duration) int {
		if p.rounds > 0 {
			return p.rounds
		}
		return roundsFor(round, 10, 50)
	}, bar)
	result := p.compare(title, times)
	result.show(bar.id)
	return result
}

// compare makes numbers of times; it measures and shows nothing.
func (p *plan) compare(title string, times [][]time.Duration) Comparison {
	c := Comparison{Title: title, Baseline: p.baseline, Ideal: p.ideal}
	for i, v := range p.variants {
		c.Variants = append(c.Variants, Measured{v.name, times[i], stats.Summarize(toSeconds(times[i]))})
	}
	fastest := slices.MinFunc(c.Variants, func(a, b Measured) int {
		return cmp.Compare(a.Summary.Median, b.Summary.Median)
	})
	if c.Baseline == "" {
		c.Baseline = fastest.Name
	}
	base := c.Variant(c.Baseline)
	for _, m := range c.Variants {
		switch {
		case m.Name == base.Name:
		case p.baseline == "": // The fastest is the one to speak about.
			c.Verdicts = append(c.Verdicts, stats.Judge(base.Name, toSeconds(base.Times), m.Name, toSeconds(m.Times)))
		default:
			c.Verdicts = append(c.Verdicts, stats.Judge(m.Name, toSeconds(m.Times), base.Name, toSeconds(base.Times)))
		}
	}
	c.Environment = environment(len(base.Times), p.warmup)
	for _, m := range c.Variants {
		c.Warnings = append(c.Warnings, doubts(m)...)
	}
	if n := len(base.Times); n < stats.MinSamples && len(c.Verdicts) == 0 {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%d rounds give no interval: it takes at least %d", n, stats.MinSamples))
	}
	return c
}

// String returns all that Compare shows, as text.
func (c Comparison) String() string { return c.heading() + "\n" + c.findings() }

func (c Comparison) heading() string { return c.Title + "\n\n" + c.table().String() }

func (c Comparison) findings() string {
	var b strings.Builder
	for _, v := range c.Verdicts {
		b.WriteString(v.String() + "\n")
	}
	if c.Ideal > 0 {
		b.WriteString("ideal: " + stats.Duration(c.Ideal) + "\n")
	}
	b.WriteString(c.Environment + "\n")
	for _, w := range c.Warnings {
		b.WriteString("note: " + w + "\n")
	}
	return b.String()
}

// table has hyperfine's columns and the median, of which the ratio is made.
func (c Comparison) table() chart.Table {
	t := chart.Table{
		Header: []string{"Variant", "Median", "Mean ± σ", "Min", "Max", "Relative"},
		Right:  []int{1, 2, 3, 4},
	}
	base := c.Variant(c.Baseline)
	for _, m := range c.Variants {
		relative := "1"
		if m.Name != base.Name {
			relative = stats.RatioOf(toSeconds(m.Times), toSeconds(base.Times)).String()
		}
		s := m.Summary
		t.Rows = append(t.Rows, []string{m.Name, human(s.Median),
			human(s.Mean) + " ± " + human(s.StdDev), human(s.Min), human(s.Max), relative})
	}
	return t
}

// show displays the picture in place of the progress bar, and under it what a
// picture cannot say.
func (c Comparison) show(id string) {
	groups := make([]chart.Group, len(c.Variants))
	for i, m := range c.Variants {
		groups[i] = chart.Group{Name: m.Name, Times: m.Times, Summary: m.Summary}
	}
	subtitle := c.Environment
	if len(c.Verdicts) == 1 {
		subtitle = c.Verdicts[0].String()
	}
	_ = display.Bundle(chart.Bars(c.Title, subtitle, groups, c.Ideal, c.heading()).Bundle(), id)

	var b strings.Builder
	for _, v := range c.Verdicts {
		fmt.Fprintf(&b, "<p><b>%s</b></p>", html.EscapeString(v.String()))
	}
	b.WriteString(c.table().HTML())
	notes := []string{c.Environment}
	for _, w := range c.Warnings {
		notes = append(notes, "Note: "+w+".")
	}
	for _, n := range notes {
		fmt.Fprintf(&b, "<p><small>%s</small></p>", html.EscapeString(n))
	}
	_ = display.Bundle(map[string]any{display.HTML: b.String(), display.Plain: "\n" + c.findings()}, "")
}

// environment says where and how times were taken.
func environment(rounds, warmup int) string {
	cpus := "CPUs"
	if runtime.NumCPU() == 1 {
		cpus = "CPU"
	}
	s := fmt.Sprintf("%d %s, GOMAXPROCS %d, %s; %d rounds in random order", runtime.NumCPU(), cpus,
		runtime.GOMAXPROCS(0), runtime.Version(), rounds)
	if warmup > 0 {
		s += fmt.Sprintf(" after %d to warm up", warmup)
	}
	return s
}

func toSeconds(times []time.Duration) []float64 {
	out := make([]float64, len(times))
	for i, t := range times {
		out[i] = t.Seconds()
	}
	return out
}

func fromSeconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func human(seconds float64) string { return stats.Duration(fromSeconds(seconds)) }
