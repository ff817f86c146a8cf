package stats

import "fmt"

// An Outcome is what a comparison may claim.
type Outcome int

const (
	// NoDifference means that none was found, not that there is none.
	NoDifference Outcome = iota
	// Faster means that a takes less time than b.
	Faster
	// Slower means that a takes more time than b.
	Slower
	// TooFewRounds means that no number of this size could show anything.
	TooFewRounds
)

// String returns "faster", "slower", "no difference" or "too few rounds".
func (o Outcome) String() string {
	switch o {
	case Faster:
		return "faster"
	case Slower:
		return "slower"
	case TooFewRounds:
		return "too few rounds"
	}
	return "no difference"
}

// A Verdict compares two variants a and b that were measured in the same rounds.
type Verdict struct {
	A, B    string
	Outcome Outcome
	// Ratio is time(a) / time(b): below 1 means that a is faster.
	Ratio Ratio
}

// Judge compares the times of a and b, values of the same rounds in the same
// order, and claims a difference only when the interval of the ratio leaves out
// 1. Between equal variants it then claims one in at most 5 % of comparisons
// (measured: 1 to 4 %, the tests of this package count); who makes ten
// comparisons must expect a false claim more often than who makes one.
func Judge(nameA string, a []float64, nameB string, b []float64) Verdict {
	v := Verdict{A: nameA, B: nameB, Ratio: RatioOf(a, b)}
	switch {
	case len(a) < MinSamples:
		v.Outcome = TooFewRounds
	case v.Ratio.Hi < 1:
		v.Outcome = Faster
	case v.Ratio.Lo > 1:
		v.Outcome = Slower
	}
	return v
}

// String is one sentence, made of the statistics alone.
func (v Verdict) String() string {
	switch v.Outcome {
	case Faster:
		return fmt.Sprintf("%s is %s as fast as %s %s", v.A, times(v.Ratio.Inverse()), v.B, v.Ratio.Inverse().interval())
	case Slower:
		return fmt.Sprintf("%s takes %s as long as %s %s", v.A, times(v.Ratio), v.B, v.Ratio.interval())
	case TooFewRounds:
		return fmt.Sprintf("too few rounds to compare %s and %s: %d, and it takes at least %d",
			v.A, v.B, v.Ratio.Rounds, MinSamples)
	}
	return fmt.Sprintf("no difference found between %s and %s (ratio %s, %d rounds)", v.A, v.B, v.Ratio, v.Ratio.Rounds)
}

func times(r Ratio) string { return Number(r.Value) + " times" }
