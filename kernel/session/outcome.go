package session

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gopark/helpers/chart"
	"gopark/kernel/explain"
)

// A trial is one run of a program that runs many times.
type trial struct {
	series  int    // which GOMAXPROCS it had, by index
	text    string // what it printed, and its result
	failure *explain.Failure
}

// noEnd is the name of the failure of a run that was ended from outside.
const noEnd = "NoEnd"

// varying is what differs from run to run and means nothing: durations,
// addresses, numbers of goroutines.
var varying = regexp.MustCompile(`\b(?:\d+(?:\.\d+)? ?(?:ns|µs|μs|us|ms|h|m|s))+\b|\b0x[0-9a-f]+\b|\bgoroutine \d+\b`)

// atLeast is how many goroutines a dump had where it was cut: where that is differs,
// too.
var atLeast = regexp.MustCompile(`at least [\d,]+\d`)

func settled(text string) string {
	return varying.ReplaceAllStringFunc(strings.TrimSpace(text), func(s string) string {
		if strings.HasPrefix(s, "goroutine") {
			return "a goroutine"
		}
		return "…"
	})
}

const (
	// maxOutcomes bounds the bars; what comes less often is put together.
	maxOutcomes = 8
	labelRunes  = 60
)

// A tally is what came out of many trials: the rows of a histogram, and the
// same in one sentence without its end.
type tally struct {
	counts   []chart.Count
	sentence string
}

// count groups trials by what came out. Failures are grouped by their words.
// Good runs are the same when they printed the same; if that makes too many
// groups, when they printed the same last line; and if those differ in one
// number only, by that number, put into ranges when there are many.
func count(trials []trial, series int) tally {
	var good, bad []trial
	for _, t := range trials {
		if t.failure == nil {
			good = append(good, t)
		} else {
			bad = append(bad, t)
		}
	}
	g := group(good, series, func(t trial) string { return settled(t.text) })
	if len(g) > maxOutcomes {
		g = group(good, series, func(t trial) string { return lastLine(settled(t.text)) })
	}
	label(g)
	// All good outcomes in one number?
	sentence := ""
	if numbers, ok := onlyNumbers(g); ok {
		g, sentence = inRanges(g, numbers, series)
	}
	f := group(bad, series, func(t trial) string {
		if t.failure.Name == noEnd {
			return "did not end" // where it stood differs, and is told elsewhere
		}
		return t.failure.Name + ": " + atLeast.ReplaceAllString(settled(t.failure.Value), "at least …")
	})
	labelFailures(f)
	return tally{counts: counts(fold(g, series), fold(f, series)), sentence: say(g, f, sentence)}
}

// An outcome is what some trials have in common.
type outcome struct {
	chart.Count
	key  string // the whole of it
	many int    // outcomes put together under this name; 0 for one
}

// group makes the outcomes, the most frequent first.
func group(trials []trial, series int, key func(trial) string) (out []outcome) {
	at := map[string]int{}
	for _, t := range trials {
		k := key(t)
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, outcome{key: k, Count: chart.Count{Parts: make([]int, series)}})
		}
		out[i].Parts[t.series]++
	}
	slices.SortStableFunc(out, func(a, b outcome) int { return b.Total() - a.Total() })
	return out
}

// label names outcomes by their last lines, or by all of their lines when that
// would call two of them the same.
func label(g []outcome) {
	name, seen := lastLine, map[string]bool{}
	for _, o := range g {
		if last := lastLine(o.key); !seen[last] {
			seen[last] = true
			continue
		}
		name = func(text string) string { return strings.ReplaceAll(text, "\n", " · ") }
	}
	for i := range g {
		g[i].Name = shorten(name(g[i].key))
		if g[i].key == "" {
			g[i].Name = "nothing printed"
		}
	}
}

// labelFailures names failures by their words, or by their kind alone where
// the words are many and the kind is enough.
func labelFailures(f []outcome) {
	kinds := map[string]int{}
	kind := func(o outcome) string {
		name, _, _ := strings.Cut(o.key, ":")
		return name
	}
	for _, o := range f {
		kinds[kind(o)]++
	}
	for i := range f {
		f[i].Failed, f[i].Name = true, shorten(f[i].key)
		if utf8.RuneCountInString(f[i].key) > labelRunes && kinds[kind(f[i])] == 1 {
			f[i].Name = kind(f[i])
		}
	}
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= labelRunes {
		return s
	}
	return string([]rune(s)[:labelRunes-1]) + "…"
}

// fold puts the least frequent outcomes together where there are too many.
func fold(g []outcome, series int) []outcome {
	if len(g) <= maxOutcomes+1 {
		return g
	}
	rest := outcome{many: len(g) - maxOutcomes, Count: chart.Count{Parts: make([]int, series), Failed: g[0].Failed}}
	for _, o := range g[maxOutcomes:] {
		for s, n := range o.Parts {
			rest.Parts[s] += n
		}
	}
	rest.Name = fmt.Sprintf("%d other outcomes", rest.many)
	return append(slices.Clone(g[:maxOutcomes]), rest)
}

func counts(groups ...[]outcome) (out []chart.Count) {
	for _, g := range groups {
		for _, o := range g {
			out = append(out, o.Count)
		}
	}
	return out
}

// say is the tally in words; good is the beginning where the good outcomes
// have better words than their list.
func say(g, f []outcome, good string) string {
	var parts []string
	add := func(list []outcome, limit int) {
		rest := 0
		for i, o := range list {
			if i >= limit {
				rest += o.Total()
				continue
			}
			name := o.Name
			if o.Failed {
				name, _, _ = strings.Cut(o.key, ":")
			}
			parts = append(parts, times(o.Total())+" "+name)
		}
		if rest > 0 {
			parts = append(parts, times(rest)+" something else")
		}
	}
	if good != "" {
		parts = append(parts, good)
	} else {
		byFrequency := slices.Clone(g)
		slices.SortStableFunc(byFrequency, func(a, b outcome) int { return b.Total() - a.Total() })
		add(byFrequency, 3)
	}
	add(f, 3)
	return strings.Join(parts, ", ")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
