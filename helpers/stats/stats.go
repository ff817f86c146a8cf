// Package stats turns measured values into numbers that say how sure they are.
//
// Nothing here assumes a shape of the distribution: run times are skewed, have
// several humps and long tails, so the centre is the median and every interval
// comes from order statistics or from resampling. All functions are pure and
// safe for concurrent use; none changes the slices that it is given.
//
// The unit is the caller's. Where a function speaks of time (Duration, Verdict's
// sentences) smaller is better.
package stats

import (
	"fmt"
	"math"

	"golang.org/x/perf/benchmath"
)

// Confidence is the level of every interval that this package makes.
const Confidence = 0.95

// MinSamples is how many values a 95 % interval of the median needs: with five,
// all of them lie on one side of the true median in 2 · ½⁵ = 6.25 % of cases.
const MinSamples = 6

// A Summary describes one sample.
type Summary struct {
	// N is the number of values.
	N int
	// Median is the middle value; it is NaN when N is 0, as all others then are.
	Median float64
	// Lo and Hi bound the median with the probability Confidence, which is at
	// least 0.95. With fewer than MinSamples values they are -Inf and +Inf and
	// Warnings says so.
	Lo, Hi     float64
	Confidence float64
	// Mean and StdDev are what hyperfine and most tables print; one slow outlier
	// moves both. StdDev is 0 when N is 1.
	Mean, StdDev float64
	// Min and Max are the extremes. Max grows with N.
	Min, Max float64
	// Warnings say, in words for a reader, why the numbers deserve less trust.
	Warnings []string
}

// HasInterval reports whether Lo and Hi are finite.
func (s Summary) HasInterval() bool {
	return s.N > 0 && !math.IsInf(s.Lo, 0) && !math.IsInf(s.Hi, 0)
}

// Summarize describes values, in any order.
func Summarize(values []float64) Summary {
	n := len(values)
	if n == 0 {
		nan := math.NaN()
		return Summary{Median: nan, Lo: nan, Hi: nan, Mean: nan, StdDev: nan, Min: nan, Max: nan,
			Warnings: []string{"no values"}}
	}
	sorted := append([]float64(nil), values...) // NewSample sorts in place.
	sample := benchmath.NewSample(sorted, &benchmath.DefaultThresholds)
	center := benchmath.AssumeNothing.Summary(sample, Confidence)
	s := Summary{
		N: n, Median: center.Center, Lo: center.Lo, Hi: center.Hi, Confidence: center.Confidence,
		Min: sorted[0], Max: sorted[n-1],
	}
	s.Mean, s.StdDev = meanStdDev(sorted)
	if n < MinSamples {
		s.Warnings = append(s.Warnings,
			fmt.Sprintf("%s no interval: it takes at least %d", countNoun(n, "value gives", "values give"), MinSamples))
	}
	return s
}

// meanStdDev returns the mean and the sample standard deviation (n-1).
func meanStdDev(values []float64) (mean, stdDev float64) {
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	if len(values) < 2 {
		return mean, 0
	}
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(squares / float64(len(values)-1))
}

func countNoun(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
