package check

import (
	"slices"
	"sync"
	"time"
)

var sumParallel = &exercise{
	name: "SumParallel", notebook: "06", title: "a sum in p parts",
	hints: [2]string{
		"Make a slice for p results before the loop. The goroutine for part k writes the result of its part, and nobody else does. Add them up after `wg.Wait()`.",
		"Part k goes from `k*len(xs)/p` to `(k+1)*len(xs)/p`. When there are fewer numbers than p, make p as small as their number.",
	},
}

// SumParallel checks exercise 1 of notebook 06: a sum in p parts of equal
// length, each in a goroutine of its own.
func SumParallel(solution func(xs []int, p int, sum func(part []int) int) int) {
	judge(sumParallel,
		test{"every number once", "Each number is in exactly one part.", func(t *T) {
			s := t.addUp(solution, t.uneven())
			s.covered(t)
		}},
		test{"the right sum", "SumParallel returns what the parts add up to, all of them.", func(t *T) {
			s := t.addUp(solution, t.uneven())
			t.Want(s.got == s.want, "SumParallel returned %d; the results of all parts add up to %d: does it wait for all of them, and add each of them once?", s.got, s.want)
		}},
		test{"p parts", "There is one part for each of p goroutines.", func(t *T) {
			c := t.uneven()
			s := t.addUp(solution, c)
			t.Want(s.probe.Count() == c.p, "with %d numbers and p = %d, sum was called for %s; %d were expected", c.n, c.p, count(s.probe.Count(), "part"), c.p)
		}},
		test{"at the same time", "All parts are added up at once.", func(t *T) {
			c := t.uneven()
			allAtOnce(t, t.addUp(solution, c).probe, c.p)
		}},
		test{"equal parts", "No part is more than one number longer than another, so SumParallel takes as long as that part: on the check's clock, 1 ms for each number in it.", func(t *T) {
			c := t.uneven()
			s := t.addUp(solution, c)
			shortest, longest := slices.Min(s.lengths), slices.Max(s.lengths)
			t.Want(longest-shortest <= 1, "with %d numbers and p = %d, the longest part had %d numbers and the shortest %d; they should differ by 1 at most: all wait for the longest", c.n, c.p, longest, shortest)
			ideal := time.Duration((c.n+c.p-1)/c.p) * time.Millisecond
			tookExactly(t, "SumParallel", s.took, ideal, time.Duration(c.n)*time.Millisecond)
		}},
		test{"fewer numbers than p", "No part is empty; without numbers there is nothing to add up.", func(t *T) {
			p := t.Between(5, 12)
			for _, n := range []int{t.Between(2, p-1), 1, 0} {
				s := t.addUp(solution, sumCase{n, p})
				s.covered(t)
				t.Want(!slices.Contains(s.lengths, 0), "with %d numbers and p = %d, sum was called for an empty part; there should be no more parts than numbers", n, p)
				t.Want(s.probe.Count() == n, "with %d numbers and p = %d, sum was called for %s; %d were expected", n, p, count(s.probe.Count(), "part"), n)
				t.Want(s.got == s.want, "with %d numbers and p = %d, SumParallel returned %d; %d was expected", n, p, s.got, s.want)
			}
		}},
		test{"a single part", "With p = 1, all numbers are one part.", func(t *T) {
			s := t.addUp(solution, sumCase{t.Between(5, 50), 1})
			s.covered(t)
			t.Want(s.probe.Count() == 1 && s.got == s.want, "with p = 1, sum was called for %s, and SumParallel returned %d; 1 part and %d were expected", count(s.probe.Count(), "part"), s.got, s.want)
		}},
	)
}

// A sumCase is a number of numbers, and into how many parts they go.
type sumCase struct{ n, p int }

// uneven is a sumCase in which rounding down loses at least two numbers, and
// rounding up makes a part that is too short.
func (t *T) uneven() sumCase {
	p := t.Between(4, 8)
	return sumCase{p*t.Between(10, 20) + t.Between(2, p-2), p}
}

// A sumRun is what was seen of one call of SumParallel.
type sumRun struct {
	n         int
	probe     *Probe
	got, want int
	took      time.Duration

	mu      sync.Mutex
	index   map[int]int // of each number
	times   []int       // how often each number was added up
	lengths []int       // of the parts
}

// addUp lets the solution add up numbers of this run, all different. What it is
// to use for a part adds something secret for each number, so that no other way
// finds the result.
func (t *T) addUp(solution func(xs []int, p int, sum func(part []int) int) int, c sumCase) *sumRun {
	s := &sumRun{n: c.n, index: make(map[int]int, c.n), times: make([]int, c.n)}
	secret := t.Between(1000, 9999)
	xs := t.IDs(c.n)
	for i, x := range xs {
		s.index[x] = i
		s.want += x + secret
	}
	s.probe = t.Probe("part", func(length, _ int) time.Duration { return time.Duration(length) * time.Millisecond })
	s.took = t.Run(func() {
		s.got = solution(xs, c.p, func(part []int) int {
			s.note(part)
			s.probe.Call(len(part))
			total := 0
			for _, x := range part {
				total += x + secret
			}
			return total
		})
	})
	return s
}

// note is invisible to the race detector, as the probe is: it must not put the
// learner's goroutines in an order.
//
//go:norace
func (s *sumRun) note(part []int) {
	raceDisable()
	defer raceEnable()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lengths = append(s.lengths, len(part))
	for _, x := range part {
		if i, ok := s.index[x]; ok {
			s.times[i]++
		}
	}
}

// covered wants each number in one part.
func (s *sumRun) covered(t *T) {
	never, again := 0, 0
	for _, n := range s.times {
		switch {
		case n == 0:
			never++
		case n > 1:
			again++
		}
	}
	t.Want(never == 0, "%d of %d numbers were in no part; each should be in one: where does the last part end?", never, s.n)
	t.Want(again == 0, "%d of %d numbers were in more than one part; each should be in one: where does a part begin, and where did the one before it end?", again, s.n)
}
