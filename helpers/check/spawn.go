package check

import (
	"time"

	"gopark/helpers/stats"
)

var spawn = &exercise{
	name: "Spawn", notebook: "03", title: "a better slip",
	hints: [2]string{
		"A channel can do two things: carry a value, and ring a bell. Let it only be the bell, and keep the value in a field beside it.",
		"Two fields: `done chan struct{}` and `result T`. The goroutine writes `result` and then closes `done`. `Wait` receives from `done` and returns `result`; `TryGet` does so in a `select` with a `default`.",
	},
}

// A Handle is what the learner's Spawn returns, for work with an int as result.
type Handle interface {
	Wait() int
	TryGet() (result int, ready bool)
}

// Spawn checks exercise 1 of notebook 03: a handle for work that begins at once,
// which can be waited for and asked any number of times, or lost.
func Spawn[H Handle](solution func(work func() int) H) {
	judge(spawn,
		test{"begins at once", "Spawn starts the work and returns without waiting for it.", func(t *T) {
			d := t.Duration(20*time.Millisecond, 90*time.Millisecond)
			p := t.Probe("work", Fixed(d))
			var starting time.Duration
			var begun int
			took := t.Run(func() {
				begin := time.Now()
				h := solution(workFor(p, 1))
				starting = time.Since(begin)
				time.Sleep(d / 2)
				begun = p.Count()
				h.Wait()
			})
			t.Want(starting == 0, "Spawn took %s; it should return at once: does it wait for the work?", stats.Duration(starting))
			t.Want(begun > 0, "%s after Spawn, the work had not begun; it should begin at once, and not when somebody waits for it", stats.Duration(d/2))
			t.Want(begun == 1, "the work was begun %d times; once was expected", begun)
			if took < d {
				t.Fail("Wait returned %s after Spawn, but the work takes %s: does Wait wait until it is done?", stats.Duration(took), stats.Duration(d))
			}
			t.Want(took == d, "Wait returned %s after Spawn; exactly %s were expected, which is what the work takes", stats.Duration(took), stats.Duration(d))
		}},
		test{"Wait gives the result", "Wait returns what the work returned.", func(t *T) {
			want := t.Between(100, 999)
			p := t.Probe("work", Fixed(t.Duration(5*time.Millisecond, 50*time.Millisecond)))
			var got int
			t.Run(func() { got = solution(workFor(p, want)).Wait() })
			t.Want(got == want, "Wait returned %d; the work had returned %d", got, want)
		}},
		test{"Wait again", "Each call of Wait gives the same result.", func(t *T) {
			want := t.Between(100, 999)
			p := t.Probe("work", Fixed(t.Duration(5*time.Millisecond, 50*time.Millisecond)))
			again := t.Between(1, 4)
			var got []int
			t.Run(func() {
				h := solution(workFor(p, want))
				for range 1 + again {
					v, ok := within(h.Wait)
					if !ok {
						return
					}
					got = append(got, v)
				}
			})
			t.Want(len(got) == 1+again, "Wait returned %s, and the next call never did; every call should give the result: what is left in a channel after somebody has received from it?", times(len(got)))
			t.Want(inOrder(got, repeated(want, 1+again)) == 1+again, "the work returned %d, and one call of Wait after the other %s; the same result was expected each time", want, some(got))
			t.Want(p.Count() == 1, "the work was done %d times for %d calls of Wait; once was expected", p.Count(), again+1)
		}},
		test{"TryGet never waits", "TryGet answers at once: not yet, or the result.", func(t *T) {
			want := t.Between(100, 999)
			d := t.Duration(20*time.Millisecond, 90*time.Millisecond)
			p := t.Probe("work", Fixed(d))
			type answer struct {
				v     int
				ready bool
				took  time.Duration
			}
			var early, late, last answer
			var waited int
			var waitReturned bool
			t.Run(func() {
				h := solution(workFor(p, want))
				ask := func() (a answer) {
					begin := time.Now()
					a.v, a.ready = h.TryGet()
					a.took = time.Since(begin)
					return a
				}
				time.Sleep(d / 2)
				early = ask()
				if early.took > 0 {
					return
				}
				time.Sleep(d)
				late, last = ask(), ask()
				waited, waitReturned = within(h.Wait)
			})
			t.Want(early.took == 0, "TryGet took %s when the work was half done; it should answer at once, with false", stats.Duration(early.took))
			t.Want(!early.ready, "TryGet said true when the work was half done; false was expected")
			t.Want(late.ready, "TryGet said false %s after the work was done; the result and true were expected", stats.Duration(d/2))
			t.Want(late.v == want, "TryGet said true, but gave %d; the work had returned %d", late.v, want)
			t.Want(last.ready && last.v == want, "TryGet gave the result the first time, and then %d and %v; a result should not be used up by looking at it", last.v, last.ready)
			t.Want(waitReturned && waited == want, "after TryGet had given the result, Wait did not; a result should not be used up by looking at it")
		}},
		test{"a result of 0", "0 is a result like any other.", func(t *T) {
			d := t.Duration(20*time.Millisecond, 90*time.Millisecond)
			p := t.Probe("work", Fixed(d))
			var ready, returned bool
			t.Run(func() {
				h := solution(workFor(p, 0))
				time.Sleep(2 * d)
				_, ready = h.TryGet()
				_, returned = within(h.Wait)
			})
			t.Want(ready, "the work was done and had returned 0, and TryGet said false; true was expected: how do you know that there is a result?")
			t.Want(returned, "the work was done and had returned 0, and Wait did not return")
		}},
		test{"many wait", "However many wait at the same time, all get the result.", func(t *T) {
			want := t.Between(100, 999)
			n := t.Between(10, 30)
			bell := make(chan struct{})
			h := solution(func() int {
				<-bell
				return want
			})
			got := make([]int, n)
			c := gather(n, func(i int) { got[i] = h.Wait() })
			c.settle() // all wait now
			close(bell)
			back := c.home()
			t.Want(back == n, "%d goroutines waited for one handle, and %d of them got the result; the others wait still", n, back)
			c.wg.Wait()
			right := inOrder(got, repeated(want, n))
			t.Want(right == n, "%d goroutines waited for one handle, and %d of them got the right result", n, right)
		}},
		test{"lost slips", "A handle that nobody asks leaves no goroutine behind.", func(t *T) {
			n := t.Between(5, 20)
			p := t.Probe("work", Fixed(t.Duration(5*time.Millisecond, 50*time.Millisecond)))
			t.Run(func() {
				for i := range n {
					solution(workFor(p, i))
				}
			})
			t.Want(p.Done() == n, "of %d handles that nobody asked, %d did their work; all were expected to", n, p.Done())
		}},
	)
}

// workFor is work that the probe sees, and that returns v.
func workFor(p *Probe, v int) func() int {
	return func() int {
		p.Call(v)
		return v
	}
}

// within calls f in a bubble and says whether it returned at all: a day on the
// bubble's clock is long enough. A call that never returns stays behind, and is
// found.
func within[V any](f func() V) (v V, returned bool) {
	result := make(chan V, 1)
	go func() { result <- f() }()
	select {
	case v = <-result:
		return v, true
	case <-time.After(24 * time.Hour):
		return v, false
	}
}

// times is "once", "twice", "3 times".
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return count(n, "time")
}

func repeated[E any](v E, n int) []E {
	all := make([]E, n)
	for i := range all {
		all[i] = v
	}
	return all
}
