package session

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopark/helpers/chart"
)

var number = regexp.MustCompile(`-?\d+(?:\.\d+)?`)

// onlyNumbers finds the one number in which the names of all outcomes differ.
// It wants at least two outcomes.
func onlyNumbers(g []outcome) ([]float64, bool) {
	if len(g) < 2 {
		return nil, false
	}
	frame := number.Split(g[0].Name, -1)
	all := make([][]string, len(g))
	for i := range g {
		if !slices.Equal(number.Split(g[i].Name, -1), frame) {
			return nil, false
		}
		all[i] = number.FindAllString(g[i].Name, -1)
	}
	differs := -1
	for n := range all[0] {
		for i := range all {
			if all[i][n] != all[0][n] {
				if differs >= 0 && differs != n {
					return nil, false
				}
				differs = n
			}
		}
	}
	if differs < 0 {
		return nil, false
	}
	values := make([]float64, len(g))
	for i := range all {
		values[i], _ = strconv.ParseFloat(all[i][differs], 64)
	}
	return values, true
}

// inRanges orders outcomes by their numbers. Where there are too many of them,
// the most frequent one keeps a bar of its own and the others share some.
func inRanges(g []outcome, values []float64, series int) (out []outcome, sentence string) {
	type valued struct {
		outcome
		value float64
	}
	all := make([]valued, len(g))
	for i := range g {
		all[i] = valued{g[i], values[i]}
	}
	// g is in order of frequency: of those that are as frequent, the largest
	// counts, which is what a lost update falls short of.
	top := all[0]
	for _, v := range all {
		if v.Total() == top.Total() && v.value > top.value {
			top = v
		}
	}
	slices.SortFunc(all, func(a, b valued) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	less, more := 0, 0
	for _, v := range all {
		switch {
		case v.value < top.value:
			less += v.Total()
		case v.value > top.value:
			more += v.Total()
		}
	}
	if len(all) > 3 {
		parts := []string{fmt.Sprintf("%s %s", times(top.Total()), top.Name)}
		if less > 0 {
			parts = append(parts, times(less)+" less")
		}
		if more > 0 {
			parts = append(parts, times(more)+" more")
		}
		sentence = strings.Join(parts, ", ")
	}
	if len(all) <= maxOutcomes {
		for _, v := range all {
			out = append(out, v.outcome)
		}
		return out, sentence
	}
	// Ranges of the same width on either side of the most frequent.
	lo, hi := all[0].value, all[len(all)-1].value
	width := (hi - lo) / (maxOutcomes - 1)
	bin := func(v float64) int {
		if v == top.value {
			return -1
		}
		return min(int((v-lo)/width), maxOutcomes-2)
	}
	for i := 0; i < len(all); {
		first, j := all[i], i
		merged := outcome{Count: chart.Count{Parts: make([]int, series)}}
		for ; j < len(all) && bin(all[j].value) == bin(first.value); j++ {
			for s, n := range all[j].Parts {
				merged.Parts[s] += n
			}
		}
		last := all[j-1]
		merged.Name = first.Name
		if j-i > 1 {
			merged.Name, merged.many = plainNumber(first.value)+" to "+plainNumber(last.value), j-i
		}
		out = append(out, merged)
		i = j
	}
	return out, sentence
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
