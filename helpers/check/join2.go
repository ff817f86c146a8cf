package check

import (
	"errors"
	"slices"
	"time"

	"gopark/helpers/stats"
)

var join2 = &exercise{
	name: "Join2", notebook: "04", title: "join two that may fail",
	hints: [2]string{
		"You need one goroutine, not two: somebody has to call `g` while you call `f` yourself. Where do the result and the error of `g` go meanwhile?",
		"`var wg sync.WaitGroup`, then `wg.Go(func() { b, errB = g() })`, then `a, errA := f()`, and then `wg.Wait()`. For the errors there is `errors.Join(errA, errB)`: it is `nil` if both are.",
	},
}

// The keys of the two calls.
const (
	keyF = 1
	keyG = 2
)

// A pair is f and g of one run.
type pair struct {
	p          *Probe
	f, g       time.Duration
	errF, errG error
}

// newPair makes f and g, of which the one with the key slower takes longer.
func newPair(t *T, slower int, errF, errG error) pair {
	d := t.Latencies(2, 5*time.Millisecond, 90*time.Millisecond)
	slices.Sort(d)
	if slower == keyF {
		slices.Reverse(d)
	}
	return pair{t.Probe("call", ByKey([]int{keyF, keyG}, d)), d[0], d[1], errF, errG}
}

// functions are f and g; the results are known only to who has called them.
func (x pair) functions() (f, g func() (string, error)) {
	call := func(key int, err error) func() (string, error) {
		return func() (string, error) {
			if x.p.CallErr(key, err) != nil {
				return "", err
			}
			return x.p.Answer(key), nil
		}
	}
	return call(keyF, x.errF), call(keyG, x.errG)
}

// Join2 checks exercise 1 of notebook 04: two functions at the same time, both
// results, the error of either.
func Join2(solution func(f, g func() (string, error)) (string, string, error)) {
	// run calls solution and says how many calls were done when it returned.
	run := func(t *T, x pair) (a, b string, done int, took time.Duration, err error) {
		f, g := x.functions()
		took = t.Run(func() {
			a, b, err = solution(f, g)
			done = x.p.Done()
		})
		t.Want(x.p.Count() == 2, "f and g were called %s together; one call of each was expected", times(x.p.Count()))
		return a, b, done, took, err
	}
	judge(join2,
		test{"both results", "Join2 returns the result of f, then that of g.", func(t *T) {
			for _, slower := range []int{keyF, keyG} {
				words := "f was done first"
				if slower == keyF {
					words = "g was done first"
				}
				x := newPair(t, slower, nil, nil)
				a, b, done, _, err := run(t, x)
				wantA, wantB := x.p.Answer(keyF), x.p.Answer(keyG)
				t.Want(done == 2, "Join2 returned when %d of 2 calls were done: does it wait for both?", done)
				t.Want(a != wantB || b != wantA, "%s, and Join2 returned the result of g, then that of f; it should be the other way round", words)
				t.Want(a == wantA, "the first result is %q; f had returned %q", a, wantA)
				t.Want(b == wantB, "the second result is %q; g had returned %q", b, wantB)
				t.Want(err == nil, "neither f nor g failed, and Join2 returned the error %v", err)
			}
		}},
		test{"at the same time", "f and g are under way at once.", func(t *T) {
			x := newPair(t, t.Between(keyF, keyG), nil, nil)
			run(t, x)
			t.Want(x.p.Most() == 2, "at most 1 of f and g was under way; both at the same time were expected: what is waited for before the second one starts?")
		}},
		test{"no longer than the slower", "Join2 takes as long as the slower of the two.", func(t *T) {
			x := newPair(t, t.Between(keyF, keyG), nil, nil)
			_, _, _, took, _ := run(t, x)
			tookExactly(t, "Join2", took, max(x.f, x.g), x.f+x.g)
		}},
		test{"f fails", "If f fails, Join2 returns an error that says so, when both are done.", func(t *T) {
			for _, slower := range []int{keyF, keyG} {
				x := newPair(t, slower, errors.New("f cannot do it"), nil)
				_, _, done, took, err := run(t, x)
				failing(t, x, "f", x.f, err, done, took, x.errF)
			}
		}},
		test{"g fails", "If g fails, Join2 returns an error that says so, when both are done.", func(t *T) {
			for _, slower := range []int{keyF, keyG} {
				x := newPair(t, slower, nil, errors.New("g cannot do it"))
				_, _, done, took, err := run(t, x)
				failing(t, x, "g", x.g, err, done, took, x.errG)
			}
		}},
		test{"both fail", "If both fail, Join2 returns the error of either, or both.", func(t *T) {
			x := newPair(t, t.Between(keyF, keyG), errors.New("f cannot do it"), errors.New("g cannot do it"))
			_, _, done, took, err := run(t, x)
			failing(t, x, "f", x.f, err, done, took, x.errF, x.errG)
		}},
	)
}

// failing wants an error that is one of wants, after both calls.
func failing(t *T, x pair, who string, when time.Duration, err error, done int, took time.Duration, wants ...error) {
	t.Want(err != nil, "%s failed after %s (f took %s, g took %s), and Join2 returned no error", who, stats.Duration(when), stats.Duration(x.f), stats.Duration(x.g))
	found := false
	for _, want := range wants {
		found = found || errors.Is(err, want)
	}
	t.Want(found, "Join2 returned the error %q; it does not contain %q, as errors.Is sees it", err, wants[0])
	t.Want(done == 2, "%s failed, and Join2 returned when %d of 2 calls were done; it should wait for both: nobody has told the other one to stop", who, done)
	t.Want(took == max(x.f, x.g), "%s failed, and Join2 took %s; exactly %s were expected, as long as the slower of the two", who, stats.Duration(took), stats.Duration(max(x.f, x.g)))
}
