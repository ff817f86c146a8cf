package check

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A crowd is many goroutines that call the learner's code at the same time, on
// the real clock and outside of any bubble. It is for code that may use locks,
// which a bubble does not see: sync.Once is one.
//
// No verdict depends on a time. What a crowd waits for is that everybody stands
// still, and the runtime says so.
type crowd struct {
	wg       sync.WaitGroup
	entered  atomic.Int64
	returned atomic.Int64
	n        int
}

// gather starts n goroutines that call f(0) to f(n-1).
func gather(n int, f func(i int)) *crowd {
	c := &crowd{n: n}
	for i := range n {
		c.wg.Go(func() {
			c.entered.Add(1)
			f(i)
			c.returned.Add(1)
		})
	}
	return c
}

// How long a crowd waits for goroutines that never stand still, such as those
// that ask in a loop. Nobody else needs any of it, however busy the machine is.
const (
	patienceToSettle = time.Second
	patienceToReturn = 5 * time.Second
)

// settle returns when all have entered f and every other goroutine of the process
// waits for something, or when patience is over.
func (c *crowd) settle() { c.until(patienceToSettle, c.n+1) }

// home returns how many have come back, as soon as all have, or nobody else can.
func (c *crowd) home() int {
	c.until(patienceToReturn, c.n)
	return int(c.returned.Load())
}

// until waits for enough to have returned, or for all to stand still.
func (c *crowd) until(patience time.Duration, enough int) {
	dump := make([]byte, 1<<20)
	for end := time.Now().Add(patience); time.Now().Before(end) && c.returned.Load() < int64(enough); {
		if c.entered.Load() == int64(c.n) {
			// Stack stops the world, so that what it sees is one moment.
			text := string(dump[:runtime.Stack(dump, true)])
			busy := waiters(text, func(state string) bool {
				return strings.HasPrefix(state, "run") || strings.HasPrefix(state, "syscall")
			})
			if len(busy) <= 1 { // this one
				return
			}
		}
		runtime.Gosched()
	}
}
