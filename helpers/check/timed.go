package check

import (
	"errors"
	"fmt"
	"time"

	"gopark/helpers/stats"
)

var timed = &exercise{
	name: "Timed", notebook: "01", title: "a stopwatch", plain: true,
	hints: [2]string{
		"Look at the clock twice: `time.Now()` before `f` runs, `time.Since(start)` after it has returned.",
		"Keep the error of `f` in a variable. Then take the time, whether it is nil or not, and return both.",
	},
}

// Timed checks exercise 1 of notebook 01: how long f took, and its error.
func Timed(solution func(f func() error) (time.Duration, error)) {
	// one times a function that takes d, and returns how often it was called.
	one := func(t *T, d time.Duration, fails error) (elapsed time.Duration, err error) {
		p := t.Probe("call of f", Fixed(d))
		took := t.Run(func() { elapsed, err = solution(func() error { return p.CallErr(1, fails) }) })
		t.Want(p.Count() == 1, "f was called %d times; once was expected", p.Count())
		t.Want(took == d, "Timed took %s for an f of %s: what does it do besides?", stats.Duration(took), stats.Duration(d))
		return elapsed, err
	}
	wantTime := func(t *T, got, want time.Duration, f string) {
		if got == want {
			return
		}
		why := "between which two moments do you measure?"
		if got == 0 {
			why = "is the second look at the clock before f has run?"
		}
		t.Fail("%s took %s, and Timed returned %s: %s", f, stats.Duration(want), stats.Duration(got), why)
	}
	judge(timed,
		test{"the time", "Timed returns how long f took.", func(t *T) {
			for range 3 {
				d := t.Duration(time.Millisecond, time.Hour)
				got, _ := one(t, d, nil)
				wantTime(t, got, d, "f")
			}
		}},
		test{"the error", "Timed returns the very error of f.", func(t *T) {
			fails := fmt.Errorf("no bike today (%08x)", t.nonce)
			_, err := one(t, t.Duration(time.Millisecond, time.Second), fails)
			t.Want(err != nil, "f failed with %q, and Timed returned no error: where did it go?", fails)
			t.Want(errors.Is(err, fails), "f failed with %q, and Timed returned another error: %q", fails, err)
			_, err = one(t, t.Duration(time.Millisecond, time.Second), nil)
			t.Want(err == nil, "f did not fail, and Timed returned the error %q", err)
		}},
		test{"the time of a failure", "When f fails, Timed returns how long that took.", func(t *T) {
			d := t.Duration(5*time.Millisecond, time.Hour)
			got, _ := one(t, d, errors.New("no bike today"))
			wantTime(t, got, d, "f failed, and")
		}},
		test{"an f that takes no time", "For an f that returns at once, Timed returns 0.", func(t *T) {
			got, _ := one(t, 0, nil)
			wantTime(t, got, 0, "f")
		}},
	)
}
