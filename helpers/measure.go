package helpers

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"time"
)

// A task is one thing that is timed in each round.
type task struct {
	name string
	run  func()
	warm bool // whether it takes part in the warm-up
}

// A clock is what a measurement takes from outside; tests bring their own.
type clock struct {
	now     func() time.Time
	shuffle func(n int, swap func(i, j int))
	collect func() // the garbage, before each run
}

func realClock() clock {
	return clock{now: time.Now, shuffle: rand.Shuffle, collect: runtime.GC}
}

// budget is how long the rounds together should take, if rounds are not set.
const budget = 2 * time.Second

// roundsFor returns how many rounds of the given length fit the budget.
func roundsFor(round time.Duration, least, most int) int {
	if round <= 0 {
		return most
	}
	return min(most, max(least, int(budget/round)))
}

// measure times every task in every round. In each round the order is new, so
// that neither position nor a drift of the machine favours anyone; before each
// run the garbage of the runs before is collected, so that nobody pays for it.
// rounds is called with the length of one round and says how many there will be.
// times[i] belongs to tasks[i], in the order of rounds: rounds pair up.
func (c clock) measure(tasks []task, warmup int, rounds func(round time.Duration) int, progress *progress) (times [][]time.Duration) {
	first := make([]time.Duration, len(tasks)) // the latest run of each
	warmed := 0
	for range warmup {
		for i, t := range tasks {
			if t.warm {
				first[i] = c.time(t, "the warm-up", progress)
				progress.tick("warming up", 0, 1)
				warmed++
			}
		}
	}
	order := make([]int, len(tasks))
	for i := range order {
		order[i] = i
	}
	times = make([][]time.Duration, len(tasks))
	total := 0
	for round := 0; round == 0 || round < total; round++ {
		c.shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for at, i := range order {
			d := c.time(tasks[i], fmt.Sprintf("round %d", round+1), progress)
			times[i] = append(times[i], d)
			if round == 0 && !tasks[i].warm || warmed == 0 {
				first[i] = d
			}
			if total > 0 {
				progress.tick(fmt.Sprintf("round %d of %d", round+1, total), round*len(tasks)+at+1, total*len(tasks))
			}
		}
		if round == 0 {
			var sum time.Duration
			for _, d := range first {
				sum += d
			}
			total = rounds(sum)
		}
	}
	return times
}

// time runs one task. It does not recover a panic, which keeps its own stack; it
// adds which variant it was.
func (c clock) time(t task, when string, progress *progress) time.Duration {
	returned := false
	defer func() {
		if !returned {
			progress.stop(fmt.Sprintf("stopped: %s did not return in %s", t.name, when))
			fmt.Fprintf(os.Stderr, "variant %q panicked in %s:\n", t.name, when)
		}
	}()
	c.collect()
	start := c.now()
	t.run()
	d := c.now().Sub(start)
	returned = true
	return d
}
