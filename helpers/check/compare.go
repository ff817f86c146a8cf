package check

import (
	"slices"
	"time"
)

var compare = &exercise{
	name: "Compare", notebook: "05", title: "which one is faster?", plain: true,
	hints: [2]string{
		"Compare within a round: who won `a[i]` against `b[i]`? Count the rounds that `a` won and those that `b` won, and leave ties out.",
		"With `n` rounds that somebody won, and `k` the smaller number of wins, add up `2 * combinations(n, i) / 2ⁿ` for i from 0 to k. Above 0.05, the answer is `unclear`; below, the one with more wins is faster.",
	},
}

// The words that Compare may say.
const (
	faster  = "faster"
	slower  = "slower"
	unclear = "unclear"
)

// falseClaims is how many of equalPairs comparisons of equals may claim a
// difference. One in twenty would be 25; a method that keeps to that passes 45
// once in ten thousand runs, the sign test (3 to 4 %) never.
const (
	equalPairs  = 500
	falseClaims = 45
)

// Compare checks exercise 1 of notebook 05: a verdict on two variants measured
// in the same rounds, "faster", "slower" or "unclear".
func Compare(solution func(a, b []time.Duration) string) {
	judge(compare,
		test{"a clear difference", "When one of the two wins every round by far, Compare says which.", func(t *T) {
			n := t.Between(12, 40)
			quick, slow := t.pairs(n, 1.1, 1.5)
			t.says(solution, quick, slow, faster, "a won all of %d rounds by far", n)
			t.says(solution, slow, quick, slower, "b won all of %d rounds by far", n)
		}},
		test{"nobody is faster", "Of 500 comparisons between equals, about one in twenty may claim a difference.", func(t *T) {
			claims := 0
			t.Run(func() {
				for range equalPairs {
					a, b := t.pairs(t.Between(12, 30), 3, 1)
					if solution(a, b) != unclear {
						claims++
					}
				}
			})
			t.Want(claims <= falseClaims, "in %d comparisons between two equals, Compare claimed a difference %d times; about %d or fewer were expected: how likely is such a result when each round is a coin?", equalPairs, claims, equalPairs/20)
		}},
		test{"too few rounds", "With five rounds or fewer, nothing can be claimed.", func(t *T) {
			for n := 1; n <= 5; n++ {
				a, b := t.pairs(n, 1.1, 1.5)
				t.says(solution, a, b, unclear, "there were only %s, and all of that happens by chance in more than one of twenty cases", count(n, "round"))
			}
			t.says(solution, nil, nil, unclear, "there were no rounds at all")
		}},
		test{"rounds differ", "The machine is slow in some rounds, for both: what counts is who wins the round.", func(t *T) {
			n := t.Between(16, 30)
			quick, slow := t.pairs(n, 8, 1.1)
			t.says(solution, quick, slow, faster, "a won all of %d rounds, but the rounds differ much more than a and b: compare within a round", n)
			t.says(solution, slow, quick, slower, "b won all of %d rounds, but the rounds differ much more than a and b: compare within a round", n)
		}},
		test{"a few slow runs", "Two runs in which the machine did something else change nothing.", func(t *T) {
			n := t.Between(18, 30)
			quick, slow := t.pairs(n, 1.1, 1.3)
			for _, i := range t.Perm(n)[:2] {
				quick[i] *= time.Duration(t.Between(50, 90))
			}
			t.says(solution, quick, slow, faster, "a won %d of %d rounds; in the other two something else kept the machine busy, and a took very long", n-2, n)
		}},
		test{"the times stay as they are", "Compare changes nothing in a and b: they belong to the caller, and to their rounds.", func(t *T) {
			a, b := t.pairs(t.Between(12, 30), 3, 1.2)
			wasA, wasB := slices.Clone(a), slices.Clone(b)
			t.Run(func() { solution(a, b) })
			t.Want(slices.Equal(a, wasA) && slices.Equal(b, wasB), "after Compare, the times in a or b were others, or in another order, than before; they should stay as they are: does it sort them?")
		}},
	)
}

// says fails t unless the solution's verdict is want; seen says what stands in
// the data.
func (t *T) says(solution func(a, b []time.Duration) string, a, b []time.Duration, want, seen string, args ...any) {
	var got string
	t.Run(func() { got = solution(slices.Clone(a), slices.Clone(b)) })
	t.Want(slices.Contains([]string{faster, slower, unclear}, got), "Compare said %q; it should be one of %q, %q and %q", got, faster, slower, unclear)
	t.Want(got == want, "Compare said %q; %q was expected: "+seen, append([]any{got, want}, args...)...)
}

// pairs makes up n rounds. Both variants take up to spread times as long in one
// round as in another; b takes factor times as long as a, and each run is up to
// 2 % off.
func (t *T) pairs(n int, spread, factor float64) (a, b []time.Duration) {
	for range n {
		round := float64(10*time.Millisecond) * (1 + (spread-1)*t.Float64())
		noise := func() float64 { return 0.98 + 0.04*t.Float64() }
		a = append(a, time.Duration(round*noise()))
		b = append(b, time.Duration(round*factor*noise()))
	}
	return a, b
}
