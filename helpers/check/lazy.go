package check

import (
	"sync/atomic"
	"time"

	"gopark/helpers/stats"
)

var lazy = &exercise{
	name: "Lazy", notebook: "03", title: "only when asked",
	hints: [2]string{
		"The callers share two things: whether the work has been done, and its result. Who may look at them, and who has to wait meanwhile?",
		"`sync.Once` has one method, `Do(f)`: the first call runs `f`, and whoever calls meanwhile waits until that run is over. Keep the result in a variable of `Lazy`, beside the `Once`.",
	},
}

// Lazy checks exercise 2 of notebook 03: work that is done when it is first asked
// for, once, whoever asks.
func Lazy(solution func(work func() int) func() int) {
	judge(lazy,
		test{"nobody asks", "Nothing happens until somebody asks.", func(t *T) {
			p := t.Probe("work", Fixed(t.Duration(5*time.Millisecond, 50*time.Millisecond)))
			t.Run(func() {
				solution(workFor(p, t.Between(100, 999)))
				time.Sleep(time.Hour)
			})
			t.Want(p.Count() == 0, "nobody asked, and the work was begun %s all the same; that is eager, and lazy was expected", times(p.Count()))
		}},
		test{"somebody asks", "The first who asks waits for the work and gets its result.", func(t *T) {
			d := t.Duration(5*time.Millisecond, 50*time.Millisecond)
			want := t.Between(100, 999)
			p := t.Probe("work", Fixed(d))
			var got int
			took := t.Run(func() { got = solution(workFor(p, want))() })
			t.Want(p.Count() > 0, "somebody asked, and the work was not done: is its memory shared with another Lazy?")
			t.Want(got == want, "the one who asked got %d; the work had returned %d", got, want)
			t.Want(took == d, "asking took %s; exactly %s were expected, which is what the work takes", stats.Duration(took), stats.Duration(d))
		}},
		test{"asked again", "Who asks later gets the same result, at once.", func(t *T) {
			again := t.Between(2, 5)
			first := t.Between(100, 999)
			p := t.Probe("work", Fixed(t.Duration(5*time.Millisecond, 50*time.Millisecond)))
			var got []int
			t.Run(func() {
				get := solution(func() int {
					n := p.Count()
					p.Call(first + n)
					return first + n
				})
				for range 1 + again {
					v, ok := within(get)
					if !ok {
						return
					}
					got = append(got, v)
				}
			})
			t.Want(p.Count() == 1, "asked %s, one after the other, the work was done %s; once was expected", times(1+again), times(p.Count()))
			t.Want(len(got) == 1+again, "the first %d who asked got an answer, and the next one waits for ever", len(got))
			t.Want(inOrder(got, repeated(first, 1+again)) == 1+again, "one after the other, %s came back; the same result was expected each time", some(got))
		}},
		test{"a result of 0", "0 is a result like any other: the work is not done again for it.", func(t *T) {
			p := t.Probe("work", Fixed(t.Duration(5*time.Millisecond, 50*time.Millisecond)))
			t.Run(func() {
				get := solution(workFor(p, 0))
				get()
				within(get)
			})
			t.Want(p.Count() == 1, "the work returned 0, and was done %s for two who asked; once was expected: how do you know that it has been done?", times(p.Count()))
		}},
		test{"two of them", "Each Lazy has a memory of its own.", func(t *T) {
			p := t.Probe("work", Fixed(t.Duration(5*time.Millisecond, 50*time.Millisecond)))
			one, two := t.Between(100, 499), t.Between(500, 999)
			var first, second int
			t.Run(func() {
				a, b := solution(workFor(p, one)), solution(workFor(p, two))
				first, _ = within(a)
				second, _ = within(b)
			})
			t.Want(first == one && second == two, "two works that return %d and %d gave %d and %d: do they share a memory?", one, two, first, second)
		}},
		test{"all at once", "If many ask at the same time, the work is done once, and all get its result.", func(t *T) {
			const n = 50
			first := t.Between(100, 999)
			var runs atomic.Int64
			bell := make(chan struct{})
			get := solution(func() int {
				run := int(runs.Add(1)) - 1
				<-bell
				return first + run
			})
			got := make([]int, n)
			c := gather(n, func(i int) { got[i] = get() })
			c.settle() // all have asked now, and wait
			close(bell)
			back := c.home()
			t.Want(runs.Load() > 0, "%d asked at the same time, and the work was never done", n)
			t.Want(runs.Load() == 1, "%d asked at the same time, and the work was done %s; once was expected: what does the second one see while the first is still at work?", n, times(int(runs.Load())))
			t.Want(back == n, "%d asked at the same time, and %d of them got an answer; the others wait still", n, back)
			c.wg.Wait()
			right := inOrder(got, repeated(first, n))
			t.Want(right == n, "%d asked at the same time, and %d of them got the result; the others went away with something else, before the work was done", n, right)
		}},
	)
}
