package helpers

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gopark/helpers/stats"
)

// tooShort is hyperfine's limit. A run below it weighs less than one interruption
// by the operating system.
const tooShort = 5 * time.Millisecond

// outlier is hyperfine's limit for the modified Z-score: a distance from the
// median of ten median absolute deviations, scaled as for a normal distribution.
const outlier = 14.826

// doubts says, in plain words, what is suspicious about a variant's times. It
// looks for what hyperfine warns of.
func doubts(m Measured) (warnings []string) {
	if m.Median() < tooShort {
		warnings = append(warnings, fmt.Sprintf(
			"%s takes less than 5 ms, so that a single interruption counts: let it do its work several times over", m.Name))
	}
	if m.Summary.N < stats.MinSamples {
		return warnings
	}
	deviations := make([]float64, len(m.Times))
	for i, t := range m.Times {
		deviations[i] = math.Abs(t.Seconds() - m.Summary.Median)
	}
	slices.Sort(deviations)
	spread := stats.Summarize(deviations).Median / 0.6745
	slow := 0
	for _, t := range m.Times {
		if spread > 0 && (t.Seconds()-m.Summary.Median)/spread > outlier {
			slow++
		}
	}
	switch {
	case slow == 0:
	case slow == 1 && m.Times[0] == slices.Max(m.Times):
		warnings = append(warnings, fmt.Sprintf(
			"the first run of %s took %s, far longer than the others: something was still cold, try Warmup(3)",
			m.Name, stats.Duration(m.Times[0])))
	default:
		warnings = append(warnings, fmt.Sprintf(
			"%d of %d runs of %s took far longer than the rest: something else was using the machine", slow, len(m.Times), m.Name))
	}
	return warnings
}
