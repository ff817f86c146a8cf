package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gopark/helpers/stats"
)

var first = &exercise{
	name: "First", notebook: "04", title: "the first success",
	hints: [2]string{
		"Receive in a loop, once for each function, and return at the first result that has no error. Keep the errors meanwhile. What does the loop know when it comes to its end?",
		"A channel with room for `len(fs)` results; `ctx, cancel := context.WithCancel(ctx)` and `defer cancel()`; at the end of the loop `errors.Join(errs...)`. Each receive is one case of a `select`, and `<-ctx.Done()` is the other.",
	},
}

// firstFunc is what First runs.
type firstFunc = func(ctx context.Context) (string, error)

// A field is who takes part in a race: runner i takes d[i], and then fails if
// errs[i] is not nil.
type field struct {
	p    *Probe
	d    []time.Duration
	errs []error
}

// newField makes n runners, no two of the same time, fastest first if sorted.
func newField(t *T, n int, sorted bool) field {
	x := field{d: make([]time.Duration, n), errs: make([]error, n)}
	for i := range x.d {
		x.d[i] = time.Duration(10*(i+1))*time.Millisecond + t.Duration(0, 9*time.Millisecond)
	}
	if !sorted {
		t.Shuffle(n, func(i, j int) { x.d[i], x.d[j] = x.d[j], x.d[i] })
	}
	keys := make([]int, n)
	for i := range keys {
		keys[i] = i + 1
	}
	x.p = t.Probe("function", ByKey(keys, x.d))
	return x
}

// fail lets runner i fail.
func (x field) fail(i int) { x.errs[i] = fmt.Errorf("function %d cannot do it", i+1) }

// fastest is the fastest runner that does not fail.
func (x field) fastest() int {
	best := -1
	for i := range x.d {
		if x.errs[i] == nil && (best < 0 || x.d[i] < x.d[best]) {
			best = i
		}
	}
	return best
}

// functions are the runners. Deaf ones do not listen to their context.
func (x field) functions(deaf bool) []firstFunc {
	fs := make([]firstFunc, len(x.d))
	for i := range fs {
		fs[i] = func(ctx context.Context) (string, error) {
			if deaf {
				ctx = context.Background()
			}
			if err := x.p.CallContext(ctx, i+1, x.errs[i]); err != nil {
				return "", err
			}
			return x.p.Answer(i + 1), nil
		}
	}
	return fs
}

// First checks exercise 2 of notebook 04: the fastest success, the others told to
// stop, all errors if there is none, and nobody left behind.
func First(solution func(ctx context.Context, fs ...firstFunc) (string, error)) {
	judge(first,
		test{"the fastest", "First runs all at the same time, returns the result of the fastest, and does not wait for the others.", func(t *T) {
			x := newField(t, t.Between(3, 6), false)
			i := x.fastest()
			var got string
			var err error
			took := t.Run(func() { got, err = solution(context.Background(), x.functions(true)...) })
			n := len(x.d)
			t.Want(x.p.Count() > 0, "none of the %d functions was called", n)
			t.Want(x.p.Most() == n, "at most %d of %d functions were under way; all at the same time were expected", x.p.Most(), n)
			t.Want(err == nil, "no function failed, and First returned the error %v", err)
			t.Want(got == x.p.Answer(i+1), "First returned %q; the fastest, function %d, had returned %q", got, i+1, x.p.Answer(i+1))
			t.Want(took == x.d[i], "First took %s; the fastest of %d functions took exactly %s, and the others need not be waited for", stats.Duration(took), n, stats.Duration(x.d[i]))
		}},
		test{"a failure is no answer", "A function that fails does not win, however fast it is.", func(t *T) {
			n := t.Between(4, 7)
			x := newField(t, n, true)
			failing := t.Between(1, n-2)
			for i := range failing {
				x.fail(i)
			}
			i := x.fastest()
			var got string
			var err error
			took := t.Run(func() { got, err = solution(context.Background(), x.functions(false)...) })
			t.Want(err == nil, "First returned an error after %s (%v), but another function succeeds after %s: it should wait for that one", stats.Duration(took), err, stats.Duration(x.d[i]))
			t.Want(got == x.p.Answer(i+1), "First returned %q after %s; the first success is %q, from function %d, after %s", got, stats.Duration(took), x.p.Answer(i+1), i+1, stats.Duration(x.d[i]))
			t.Want(took == x.d[i], "First took %s; exactly %s were expected, until the first success", stats.Duration(took), stats.Duration(x.d[i]))
		}},
		test{"all fail", "If all fail, First returns all of their errors.", func(t *T) {
			x := newField(t, t.Between(2, 5), false)
			for i := range x.errs {
				x.fail(i)
			}
			var err error
			returned := false
			took := t.Run(func() {
				_, returned = within(func() string {
					var s string
					s, err = solution(context.Background(), x.functions(false)...)
					return s
				})
			})
			n := len(x.d)
			t.Want(returned, "all %d functions had failed after %s, and First did not return: what does it wait for when nobody is left?", n, stats.Duration(Slowest(x.d)))
			t.Want(err != nil, "all %d functions failed, and First returned no error", n)
			found := 0
			for _, want := range x.errs {
				if errors.Is(err, want) {
					found++
				}
			}
			t.Want(found == n, "all %d functions failed, and First's error contains %d of their errors; all were expected, as errors.Join puts them together", n, found)
			t.Want(took == Slowest(x.d), "all %d functions failed, the last one after %s, and First took %s", n, stats.Duration(Slowest(x.d)), stats.Duration(took))
		}},
		test{"the losers stop", "At the first success, the others are told to stop.", func(t *T) {
			x := newField(t, t.Between(3, 6), false)
			i := x.fastest()
			t.Run(func() { _, _ = solution(context.Background(), x.functions(false)...) })
			on, longest := 0, time.Duration(0)
			for _, c := range x.p.Calls() {
				if c.Key != i+1 && (!c.Done || c.End > x.d[i]) {
					on++
					longest = max(longest, c.End-x.d[i])
				}
			}
			t.Want(on == 0, "after the first success, %d of %d others worked on, for up to %s; all should stop at once: which context do they listen to, and who ends it?", on, len(x.d)-1, stats.Duration(longest))
		}},
		test{"the winner is not stopped", "The functions may work until one of them has succeeded.", func(t *T) {
			x := newField(t, t.Between(3, 6), false)
			x.fail(x.fastest())
			t.Run(func() { _, _ = solution(context.Background(), x.functions(false)...) })
			early := slices.DeleteFunc(x.p.Calls(), func(c Call) bool { return !c.Stopped || c.End >= x.d[x.fastest()] })
			t.Want(len(early) == 0, "%d of %d functions were stopped before any had succeeded", len(early), len(x.d))
		}},
		test{"the caller gives up", "If ctx ends, First returns at once, whether the functions listen or not.", func(t *T) {
			x := newField(t, t.Between(2, 5), false)
			when := t.Duration(2*time.Millisecond, 9*time.Millisecond)
			var err error
			took := t.Run(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				time.AfterFunc(when, cancel)
				_, err = solution(ctx, x.functions(true)...)
			})
			t.Want(took == when, "ctx ended after %s, and First returned after %s; exactly then was expected, even if the functions do not listen", stats.Duration(when), stats.Duration(took))
			t.Want(errors.Is(err, context.Canceled), "ctx ended, and First returned the error %v; it should say so, as ctx.Err() does", err)
		}},
	)
}
