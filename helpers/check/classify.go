package check

import (
	"slices"
	"sync"
	"time"

	"gopark/helpers/stats"
)

var classify = &exercise{
	name: "Classify", notebook: "06", title: "work or wait, in numbers", plain: true,
	hints: [2]string{
		"`n` tasks on `p` processors work in batches. A batch that is not full takes as long as a full one: there are `(n + p - 1) / p` batches.",
		"When the last task has ended its work, only its own wait is left: all others began theirs before. So it is the time of all batches of work, and one wait.",
	},
}

// The words for the kind of a task.
const (
	kindWork = "work"
	kindWait = "wait"
)

// Classify checks exercise 2 of notebook 06: the kind of a task, and how long n
// of them take together on p processors.
func Classify(solution func(running, waiting time.Duration, n, p int) (kind string, together time.Duration)) {
	judge(classify,
		test{"only waiting", "Tasks that only wait, for a server or for a timer, all wait at once.", func(t *T) {
			t.workload(solution, 0, t.Duration(2*time.Millisecond, 50*time.Millisecond), t.Between(4, 30), t.Between(2, 4))
		}},
		test{"only work", "Tasks that only work share the processors, in batches that are full.", func(t *T) {
			p := t.Between(2, 6)
			t.workload(solution, t.Duration(2*time.Millisecond, 50*time.Millisecond), 0, p*t.Between(2, 6), p)
		}},
		test{"a batch that is not full", "The last batch of work takes as long as all others, however few there are in it.", func(t *T) {
			p := t.Between(3, 6)
			t.workload(solution, t.Duration(2*time.Millisecond, 50*time.Millisecond), 0, p*t.Between(2, 6)+t.Between(1, p-1), p)
		}},
		test{"mostly work, some waiting", "While some wait, others have the processors.", func(t *T) {
			waiting := t.Duration(2*time.Millisecond, 20*time.Millisecond)
			t.workload(solution, waiting+t.Duration(time.Millisecond, 20*time.Millisecond), waiting, t.Between(7, 30), t.Between(2, 6))
		}},
		test{"mostly waiting, some work", "Even a little work has to queue for processors.", func(t *T) {
			running := t.Duration(2*time.Millisecond, 20*time.Millisecond)
			t.workload(solution, running, running+t.Duration(time.Millisecond, 200*time.Millisecond), t.Between(7, 30), t.Between(2, 6))
		}},
		test{"half and half", "A task of which half is work counts as work.", func(t *T) {
			d := t.Duration(2*time.Millisecond, 20*time.Millisecond)
			t.workload(solution, d, d, t.Between(7, 30), t.Between(2, 6))
		}},
		test{"more processors than tasks", "A processor without a task helps nobody.", func(t *T) {
			n := t.Between(1, 5)
			t.workload(solution, t.Duration(2*time.Millisecond, 20*time.Millisecond), t.Duration(2*time.Millisecond, 20*time.Millisecond), n, n+t.Between(1, 5))
		}},
	)
}

// workload runs n tasks on p processors, measures them, and compares the
// solution's answer with that.
func (t *T) workload(solution func(running, waiting time.Duration, n, p int) (string, time.Duration), running, waiting time.Duration, n, p int) {
	var (
		kind     string
		together time.Duration
	)
	t.Run(func() { kind, together = solution(running, waiting, n, p) })
	measured := t.measure(running, waiting, n, p)

	task := count(n, "task") + " of " + stats.Duration(running) + " work and " + stats.Duration(waiting) + " waiting on " + count(p, "processor")
	t.Want(slices.Contains([]string{kindWork, kindWait}, kind), "Classify said the kind %q; it should be %q or %q", kind, kindWork, kindWait)
	want := kindWait
	if running >= waiting {
		want = kindWork
	}
	t.Want(together == measured, "%s took %s when the check ran them; Classify said %s%s", task, stats.Duration(measured), stats.Duration(together), guessed(together, running, waiting, n, p))
	t.Want(kind == want, "Classify said %q for a task of %s work and %s waiting; %q was expected: is at least half of its time work?", kind, stats.Duration(running), stats.Duration(waiting), want)
}

// measure runs n tasks on p processors on the bubble's clock, and returns how
// long they took. It has no probe: this is not the learner's run, so it is not
// drawn as one.
func (t *T) measure(running, waiting time.Duration, n, p int) time.Duration {
	return t.Run(func() {
		processors := make(chan int, p)
		for i := range p {
			processors <- i
		}
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				processor := <-processors
				time.Sleep(running)
				processors <- processor
				time.Sleep(waiting)
			})
		}
		wg.Wait()
	})
}

// guessed says where a wrong answer may come from, or nothing.
func guessed(together, running, waiting time.Duration, n, p int) string {
	batches := time.Duration((n + p - 1) / p)
	full := time.Duration(n / p)
	switch together {
	case time.Duration(n) * (running + waiting):
		return ": that is one after the other"
	case batches * (running + waiting):
		return ": there, each batch waits for the one before it to end its waits; but only work has to queue"
	case running + waiting:
		return ": there, all work at the same time; but a processor can work for one task only"
	case batches * running:
		return ": the last task has to wait, too, when its work is done"
	case full*running + waiting:
		return ": the last batch is not full, but it takes as long as the others"
	case time.Duration(n)*running/time.Duration(p) + waiting:
		return ": no processor can do a part of a task while another one does the rest"
	}
	return ""
}
