package check

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gopark/helpers/stats"
)

var fetchInOrder = &exercise{
	name: "FetchInOrder", notebook: "01", title: "a careful loop",
	hints: [2]string{
		"For `Predict`: Go does not multiply an `int` with a `time.Duration`; convert one, `time.Duration(n)`. For `FetchInOrder`: a plain loop, one call of `fetch` in it.",
		"Collect with `append`. When `fetch` returns an error, return what you have collected so far, not `nil`, together with that error, and do not go on.",
	},
}

// FetchInOrder checks exercise 2 of notebook 01, both functions of it: how long
// n requests take in a row, and a loop that makes them and stops at an error.
func FetchInOrder(predict func(n int, latency time.Duration) time.Duration, solution func(ids []int, fetch func(id int) (string, error)) ([]string, error)) {
	const noun = "request"
	broken := errors.New("the server is out for lunch")
	// fetch asks p, and fails from the call number failAt on; below 0, never.
	fetch := func(p *Probe, failAt int) func(id int) (string, error) {
		return func(id int) (string, error) {
			if failAt >= 0 && p.Count() >= failAt {
				return "", p.CallErr(id, broken)
			}
			return p.Answer(id), p.CallErr(id, nil)
		}
	}
	want := func(p *Probe, ids []int) (answers []string) {
		for _, id := range ids {
			answers = append(answers, p.Answer(id))
		}
		return answers
	}
	judge(fetchInOrder,
		test{"the prediction", "Predict says how long n requests take, one after the other.", func(t *T) {
			for _, n := range []int{0, 1, t.Between(2, 100), t.Between(100, 10000)} {
				d := t.Duration(time.Millisecond, time.Second)
				var got time.Duration
				took := t.Run(func() { got = predict(n, d) })
				t.Want(got == time.Duration(n)*d, "Predict(%d, %v) returned %v; %v was expected: each request waits for the one before", n, d, got, time.Duration(n)*d)
				t.Want(took == 0, "Predict took %s; it should work it out, not wait for it", stats.Duration(took))
			}
		}},
		test{"all answers, in order", "answers[k] is the answer for ids[k], and there is one for each.", func(t *T) {
			ids := t.IDs(t.Between(5, 20))
			p := t.Probe(noun, ByKey(ids, t.Latencies(len(ids), time.Millisecond, 50*time.Millisecond)))
			var got []string
			var err error
			t.Run(func() { got, err = solution(slices.Clone(ids), fetch(p, -1)); got = slices.Clone(got) })
			t.Want(p.Count() > 0, "fetch was never called; %d requests were expected", len(ids))
			onceEach(t, p, ids)
			t.Want(err == nil, "no request failed, and FetchInOrder returned the error %q", fmt.Sprint(err))
			t.Want(len(got) == len(ids), "FetchInOrder returned %d answers for %d ids; there should be one for each", len(got), len(ids))
			right := inOrder(got, want(p, ids))
			t.Want(right == len(ids), "%d of %d answers are in the place of their id; all were expected there", right, len(ids))
		}},
		test{"one at a time", "A request begins when the one before has been answered, in the order of ids.", func(t *T) {
			ids := t.IDs(t.Between(5, 20))
			d := t.Latencies(len(ids), time.Millisecond, 50*time.Millisecond)
			p := t.Probe(noun, ByKey(ids, d))
			took := t.Run(func() { _, _ = solution(slices.Clone(ids), fetch(p, -1)) })
			t.Want(p.Most() == 1, "%d requests were in flight at the same time; 1 was expected: this exercise wants a plain loop, and the next notebook the other thing", p.Most())
			t.Want(slices.Equal(p.Keys(), ids), "the requests were for %s; %s was expected: the order of ids", some(p.Keys()), some(ids))
			t.Want(took == Sum(d), "FetchInOrder took %s; exactly %s were expected, the sum of all: what does it wait for besides?", stats.Duration(took), stats.Duration(Sum(d)))
		}},
		test{"stops at an error", "After an error, nothing more is asked for.", func(t *T) {
			ids := t.IDs(t.Between(8, 20))
			k := t.Between(1, len(ids)-3)
			p := t.Probe(noun, Fixed(5*time.Millisecond))
			took := t.Run(func() { _, _ = solution(slices.Clone(ids), fetch(p, k)) })
			t.Want(p.Count() == k+1, "request %d of %d failed, and %d requests were made; exactly %d were expected: does it go on after the error?", k+1, len(ids), p.Count(), k+1)
			t.Want(took == p.last(), "FetchInOrder returned %s after its last request had failed; at once was expected", stats.Duration(took-p.last()))
		}},
		test{"tells the error", "The error of fetch is returned.", func(t *T) {
			ids := t.IDs(t.Between(8, 20))
			p := t.Probe(noun, Fixed(5*time.Millisecond))
			var err error
			t.Run(func() { _, err = solution(slices.Clone(ids), fetch(p, t.Between(0, len(ids)-1))) })
			t.Want(err != nil, "a request failed with %q, and FetchInOrder returned no error: where did it go?", broken)
			t.Want(errors.Is(err, broken), "a request failed with %q, and FetchInOrder returned another error: %q", broken, fmt.Sprint(err))
		}},
		test{"keeps what it has", "The answers until the error are returned.", func(t *T) {
			ids := t.IDs(t.Between(8, 20))
			k := t.Between(2, len(ids)-3)
			p := t.Probe(noun, Fixed(5*time.Millisecond))
			var got []string
			t.Run(func() { got, _ = solution(slices.Clone(ids), fetch(p, k)); got = slices.Clone(got) })
			t.Want(len(got) == k, "request %d failed, and FetchInOrder returned %d answers; the %d answers before it were expected", k+1, len(got), k)
			right := inOrder(got, want(p, ids))
			t.Want(right == k, "%d of the %d answers before the error are right; all were expected", right, k)
		}},
	)
}
