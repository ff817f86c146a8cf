package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// skewed draws times as programs have them: a floor, a long tail, and noise, of
// which the part shared by both variants of a round is given.
func skewed(random *rand.Rand, n int, shared, scaleA, scaleB float64) (a, b []float64) {
	for range n {
		round := 1 + shared*random.ExpFloat64()
		a = append(a, scaleA*round*(1+0.1*random.ExpFloat64()))
		b = append(b, scaleB*round*(1+0.1*random.ExpFloat64()))
	}
	return a, b
}

func TestSummarize(t *testing.T) {
	tests := []struct {
		name   string
		values []float64
		want   Summary
	}{
		{"one", []float64{3}, Summary{N: 1, Median: 3, Mean: 3, Min: 3, Max: 3}},
		{"five give no interval", []float64{5, 1, 4, 2, 3}, Summary{N: 5, Median: 3, Mean: 3, StdDev: math.Sqrt(2.5), Min: 1, Max: 5}},
		{"six do", []float64{6, 1, 5, 2, 4, 3}, Summary{N: 6, Median: 3.5, Lo: 1, Hi: 6, Mean: 3.5, StdDev: math.Sqrt(3.5), Min: 1, Max: 6}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := slices.Clone(test.values)
			got := Summarize(test.values)
			if !slices.Equal(before, test.values) {
				t.Errorf("Summarize changed its argument to %v", test.values)
			}
			if got.N != test.want.N || got.Median != test.want.Median || got.Mean != test.want.Mean ||
				math.Abs(got.StdDev-test.want.StdDev) > 1e-12 || got.Min != test.want.Min || got.Max != test.want.Max {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if test.want.N < MinSamples {
				if got.HasInterval() || len(got.Warnings) != 1 {
					t.Errorf("%d values: interval [%g, %g], warnings %q; want none and one", got.N, got.Lo, got.Hi, got.Warnings)
				}
			} else if got.Lo != test.want.Lo || got.Hi != test.want.Hi || got.Confidence < Confidence || got.Warnings != nil {
				t.Errorf("interval [%g, %g] at %g, warnings %q", got.Lo, got.Hi, got.Confidence, got.Warnings)
			}
		})
	}
	if s := Summarize(nil); s.HasInterval() || !math.IsNaN(s.Median) {
		t.Errorf("no values: %+v", s)
	}
}

// TestFalsePositives draws pairs without a difference and counts the claims.
func TestFalsePositives(t *testing.T) {
	const draws = 500
	for _, shared := range []float64{0, 0.2} {
		for _, n := range []int{6, 10, 25} {
			random := rand.New(rand.NewPCG(1, uint64(n)))
			claims := 0
			for range draws {
				a, b := skewed(random, n, shared, 1, 1)
				if v := Judge("a", a, "b", b); v.Outcome != NoDifference {
					claims++
				}
			}
			t.Logf("n = %d, shared noise %g: %d claims in %d draws", n, shared, claims, draws)
			if rate := float64(claims) / draws; rate > 0.05 {
				t.Errorf("n = %d, shared noise %g: false claims in %.1f %% of draws, want at most 5 %%", n, shared, 100*rate)
			}
		}
	}
}

// TestCoverage counts how often the interval holds the true ratio.
func TestCoverage(t *testing.T) {
	const draws = 500
	for _, n := range []int{12} {
		random := rand.New(rand.NewPCG(2, uint64(n)))
		hits := 0
		for range draws {
			a, b := skewed(random, n, 0.2, 3, 1)
			if r := RatioOf(a, b); r.Lo <= 3 && 3 <= r.Hi {
				hits++
			}
		}
		rate := float64(hits) / draws
		t.Logf("n = %d: the interval holds the truth in %.1f %% of draws", n, 100*rate)
		if rate < 0.93 || rate > 0.999 {
			t.Errorf("n = %d: coverage %.1f %%, want about 95 %%", n, 100*rate)
		}
	}
}

func TestKnownRatios(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for _, test := range []struct {
		scale float64
		want  Outcome
	}{{0.1, Faster}, {0.8, Faster}, {1.25, Slower}, {10, Slower}} {
		a, b := skewed(random, 30, 0.2, test.scale, 1)
		v := Judge("a", a, "b", b)
		if v.Outcome != test.want || v.Ratio.Lo > test.scale || v.Ratio.Hi < test.scale {
			t.Errorf("scale %g: %v, ratio %v", test.scale, v.Outcome, v.Ratio)
		}
		back := Judge("b", b, "a", a)
		if (v.Outcome == Faster) != (back.Outcome == Slower) {
			t.Errorf("scale %g: a against b is %v, b against a is %v", test.scale, v.Outcome, back.Outcome)
		}
	}
}

// TestPairing: one slow phase of the machine hits both variants; a comparison
// that ignored the rounds could not see the steady 10 %.
func TestPairing(t *testing.T) {
	var a, b []float64
	for i := range 40 {
		load := 1 + float64(i%8)*0.01
		a = append(a, load)
		b = append(b, load*1.1)
	}
	r := RatioOf(b, a)
	if r.Lo < 1.05 || r.Hi > 1.15 {
		t.Errorf("ratio %v, want close to 1.1", r)
	}
	if again := RatioOf(b, a); again != r {
		t.Errorf("same data, other interval: %v and %v", r, again)
	}
}

func TestVerdictSentences(t *testing.T) {
	tests := []struct {
		v    Verdict
		want string
	}{
		{Verdict{A: "goroutines", B: "loop", Outcome: Faster, Ratio: Ratio{1 / 9.8, 1 / 10.6, 1 / 9.1, 20}},
			"goroutines is 9.8 times as fast as loop [9.1, 10.6]"},
		{Verdict{A: "threads", B: "loop", Outcome: Slower, Ratio: Ratio{1.23, 1.16, 1.33, 20}},
			"threads takes 1.23 times as long as loop [1.16, 1.33]"},
		{Verdict{A: "a", B: "b", Ratio: Ratio{1.02, 0.97, 1.08, 20}},
			"no difference found between a and b (ratio 1.02 [0.97, 1.08], 20 rounds)"},
		{Verdict{A: "a", B: "b", Outcome: Faster, Ratio: Ratio{1 / 1.99, 1 / 2.0, 1 / 1.98, 50}},
			"a is 1.99 times as fast as b [1.98, 2.00]"},
		{Judge("a", []float64{1, 2, 3}, "b", []float64{7, 8, 9}),
			"too few rounds to compare a and b: 3, and it takes at least 6"},
	}
	for _, test := range tests {
		if got := test.v.String(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestRatioOfUnpaired(t *testing.T) {
	defer func() {
		if r, _ := recover().(string); !strings.Contains(r, "rounds must be pairs") {
			t.Errorf("recovered %q", r)
		}
	}()
	RatioOf([]float64{1}, nil)
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                              "0 s",
		7:                              "7 ns",
		999:                            "999 ns",
		1500:                           "1.50 µs",
		9412345:                        "9.4 ms",
		9412345 * 10:                   "94.1 ms",
		541 * time.Millisecond:         "541 ms",
		5 * time.Millisecond:           "5 ms",
		999700 * time.Microsecond:      "1 s",
		1250 * time.Millisecond:        "1.25 s",
		12 * time.Second:               "12 s",
		125 * time.Second:              "2 min 5 s",
		2*time.Hour + 5*time.Minute:    "2 h 5 min",
		-3 * time.Millisecond:          "-3 ms",
		999600 * time.Nanosecond:       "1 ms",
		time.Duration(math.MaxInt64):   "2562047 h 47 min",
		99*time.Second + 600*1_000_000: "1 min 40 s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d ns) = %q, want %q", int64(d), got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.032: "0.032", 0.5: "0.5", 0.97: "0.97", 1: "1.00", 1.654: "1.65", 9.8: "9.8", 27.31: "27.3",
		99.97: "100", 541.4: "541", 0.00001: "1e-05", -2.5: "-2.5", math.Inf(1): "∞",
	} {
		if got := Number(x); got != want {
			t.Errorf("Number(%g) = %q, want %q", x, got, want)
		}
	}
}

func BenchmarkRatioOf(b *testing.B) {
	x, y := skewed(rand.New(rand.NewPCG(4, 4)), 50, 0.2, 2, 1)
	for b.Loop() {
		RatioOf(x, y)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 123456: "123,456", 12345678: "12,345,678"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}
