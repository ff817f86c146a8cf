package session

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchunit"

	"gopark/helpers/chart"
	"gopark/helpers/stats"
)

// measurements are what rounds of benchmarks have printed.
type measurements struct {
	names   []string // in the order in which they came
	samples map[string]*sample
	machine string // the processor, as package testing names it
}

// A sample holds a benchmark's values by unit: sec/op, B/op, allocs/op, and what
// the benchmark reports itself.
type sample struct {
	units  []string
	values map[string][]float64
}

const secPerOp = "sec/op"

func newMeasurements() *measurements { return &measurements{samples: map[string]*sample{}} }

// add reads one round's output, in the format of package testing.
func (m *measurements) add(text string) {
	r := benchfmt.NewReader(strings.NewReader(text), "")
	for r.Scan() {
		res, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue // a line that somebody printed
		}
		name := string(res.Name)
		s := m.samples[name]
		if s == nil {
			s = &sample{values: map[string][]float64{}}
			m.samples[name] = s
			m.names = append(m.names, name)
		}
		for _, v := range res.Values {
			if s.values[v.Unit] == nil {
				s.units = append(s.units, v.Unit)
			}
			s.values[v.Unit] = append(s.values[v.Unit], v.Value)
		}
		if cpu := res.GetConfig("cpu"); cpu != "" {
			m.machine = cpu
		}
	}
}

// short is a benchmark's name without what all have in common: the word in front
// and, unless -cpu made several, the number of processors behind.
func (m *measurements) short(name string) string {
	suffix := ""
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			suffix = name[i:]
		}
	}
	if slices.ContainsFunc(m.names, func(n string) bool { return !strings.HasSuffix(n, suffix) }) {
		suffix = ""
	}
	return strings.TrimPrefix(strings.TrimSuffix(name, suffix), "Benchmark")
}

// units are those of all benchmarks; time comes first.
func (m *measurements) units() []string {
	var all []string
	for _, name := range m.names {
		for _, u := range m.samples[name].units {
			if !slices.Contains(all, u) {
				all = append(all, u)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return unitRank(a) - unitRank(b) })
	return all
}

func unitRank(unit string) int {
	if i := slices.Index([]string{secPerOp, "B/op", "allocs/op"}, unit); i >= 0 {
		return i
	}
	return 3
}

// table is benchstat's: the median of each benchmark and how far its 95 %
// interval reaches; where the session measured it before, that and the
// difference, or ~ where the numbers do not show one.
func (m *measurements) table(before map[string]*sample) chart.Table {
	t := chart.Table{Header: []string{"benchmark"}}
	units := m.units()
	var again []bool
	for _, u := range units {
		known := slices.ContainsFunc(m.names, func(name string) bool { return before[name] != nil && before[name].values[u] != nil })
		again = append(again, known && u == secPerOp)
		if again[len(again)-1] {
			t.Header = append(t.Header, u+" before", u, "difference")
		} else {
			t.Header = append(t.Header, u)
		}
	}
	for i := 1; i < len(t.Header); i++ {
		t.Right = append(t.Right, i)
	}
	for _, name := range m.names {
		row := []string{m.short(name)}
		for i, u := range units {
			now := m.samples[name].values[u]
			if again[i] {
				old, difference := "", ""
				if b := before[name]; b != nil && b.values[u] != nil {
					old, difference = median(b.values[u], u), delta(b.values[u], now)
				}
				row = append(row, old, median(now, u), difference)
			} else {
				row = append(row, median(now, u))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func measured(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}

// median is a sample in benchstat's form: 12.3µ ± 2%.
func median(values []float64, unit string) string {
	if len(values) == 0 {
		return ""
	}
	s := benchmath.AssumeNothing.Summary(measured(values), stats.Confidence)
	text := benchunit.Scale(s.Center, benchunit.ClassOf(unit))
	if unit != secPerOp && s.Center == math.Trunc(s.Center) && math.Abs(s.Center) < 1000 {
		text = strconv.Itoa(int(s.Center)) // bytes and allocations are counted
	}
	if len(values) < 2 || slices.Min(values) == slices.Max(values) {
		return text
	}
	return text + " ± " + s.PctRangeString()
}

// delta is the difference of two samples, and how likely chance alone would
// bring one so large.
func delta(before, now []float64) string {
	a, b := measured(before), measured(now)
	c := benchmath.AssumeNothing.Compare(a, b)
	text := c.FormatDelta(stats.Summarize(before).Median, stats.Summarize(now).Median)
	return fmt.Sprintf("%s (%s)", text, c)
}

// notes say how the numbers came about.
func (m *measurements) notes(before map[string]*sample, b *benching) []string {
	how := fmt.Sprintf("medians ± 95 %% interval; %d rounds of %s each, all benchmarks in every round", b.rounds, b.time)
	if b.rounds == 1 {
		how = "one round of " + b.time + " each"
	}
	if m.machine != "" {
		how += "; " + m.machine
	}
	notes := []string{how}
	if b.rounds < stats.MinSamples {
		notes = append(notes, fmt.Sprintf("an interval takes %d rounds: -count=%d", stats.MinSamples, benchRounds))
	}
	if len(before) > 0 {
		notes = append(notes, "before: the last %bench of the same name in this session; ~: no difference found")
	}
	return notes
}

// chart draws the times. What is too short for a clock's smallest unit is drawn
// as the time of a thousand.
func (m *measurements) chart(b *benching) chart.Chart {
	title, scale := "Time for one operation", 1.0
	for _, name := range m.names {
		if v := m.samples[name].values[secPerOp]; len(v) > 0 && stats.Summarize(v).Median < 100e-9 {
			title, scale = "Time for a thousand operations", 1000
		}
	}
	var groups []chart.Group
	for _, name := range m.names {
		var values []float64
		var times []time.Duration
		for _, v := range m.samples[name].values[secPerOp] {
			values = append(values, v*scale)
			times = append(times, time.Duration(math.Round(v*scale*1e9)))
		}
		if len(values) > 0 {
			groups = append(groups, chart.Group{Name: m.short(name), Times: times, Summary: stats.Summarize(values)})
		}
	}
	return chart.Bars(title, fmt.Sprintf("%d rounds of %s each", b.rounds, b.time), groups, 0, "")
}
