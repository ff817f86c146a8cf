package check

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A T is one run of one check. Its random numbers come from a seed, so that a
// failure can be repeated.
//
// A T belongs to the goroutine of its check; the functions that a check gives
// to Run may not use it, but for its probes.
type T struct {
	*rand.Rand
	seed    uint64
	testing *testing.T
	// nonce goes into the results of probes: what was not asked for in this
	// run cannot be known.
	nonce  uint32
	probes []*Probe
	// runs are the calls of Run, for the picture.
	runs []interval
	left []waiter
}

func newT(tt *testing.T, seed uint64) *T {
	r := rand.New(rand.NewPCG(seed, 0x676f7061726b))
	return &T{Rand: r, seed: seed, testing: tt, nonce: r.Uint32()}
}

// A failure ends a check. It travels as a panic from Fail to the child's main.
type failure struct{ message string }

// Fail ends the check: message says in one sentence what was observed and what
// was expected, with numbers, and what to look at.
func (t *T) Fail(format string, args ...any) {
	panic(failure{fmt.Sprintf(format, args...)})
}

// Want fails the check unless ok.
func (t *T) Want(ok bool, format string, args ...any) {
	if !ok {
		t.Fail(format, args...)
	}
}

// Between returns a random number from lo to hi, both included.
func (t *T) Between(lo, hi int) int { return lo + t.IntN(hi-lo+1) }

// Duration returns a random time from lo to hi, in whole microseconds: the exact
// nanosecond is never a reason to fail, and numbers stay short.
func (t *T) Duration(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(t.Int64N(int64((hi-lo)/time.Microsecond)+1))*time.Microsecond
}

// Latencies returns n random times from lo to hi in which fast and slow are
// mixed: wherever one looks, some are near lo and some are near hi.
func (t *T) Latencies(n int, lo, hi time.Duration) []time.Duration {
	out := make([]time.Duration, n)
	third := (hi - lo) / 3
	for i := range out {
		if i%2 == 0 {
			out[i] = t.Duration(lo, lo+third)
		} else {
			out[i] = t.Duration(hi-third, hi)
		}
	}
	t.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// IDs returns n different random numbers.
func (t *T) IDs(n int) []int {
	ids := t.Perm(n * 3)[:n]
	for i := range ids {
		ids[i] += 100
	}
	return ids
}

// Run calls f in a bubble with a clock of its own, which jumps ahead whenever
// everybody waits, and returns how long f took on that clock: exactly, and
// independent of the machine. The bubble ends when all goroutines that f started
// have ended, so that what a probe saw is complete then; what f should find
// finished when it returns is to be looked at in f itself.
//
// A panic, a deadlock, and a call of runtime.Goexit in f fail the check.
// Goroutines that wait for ever are noted for the check "nothing left behind".
func (t *T) Run(f func()) time.Duration {
	var (
		elapsed  time.Duration
		returned bool
		panicked any
		stack    string
		stuck    []waiter
		trouble  string
	)
	bubble := func(*testing.T) {
		start := time.Now()
		for _, p := range t.probes {
			p.begin(start)
		}
		done := make(chan struct{})
		// A goroutine of its own, so that runtime.Goexit ends only that.
		go func() {
			defer close(done)
			defer func() {
				elapsed = time.Since(start)
				if !returned {
					if panicked = recover(); panicked != nil {
						stack = ownStack()
					}
				}
			}()
			f()
			returned = true
		}()
		<-done
		if returned {
			t.settle()
		}
	}
	over := make(chan struct{})
	// Another one: synctest.Test ends its goroutine when the race detector has
	// seen something in the bubble, which is not for this check to judge.
	go func() {
		defer close(over)
		defer func() {
			if r := recover(); r != nil {
				trouble = fmt.Sprint(r)
				stuck = bubbleWaiters()
			}
		}()
		synctest.Test(t.testing, bubble)
	}()
	<-over
	span := interval{returned: returned, took: elapsed, end: elapsed}
	for _, p := range t.probes {
		span.end = max(span.end, p.last())
	}
	t.runs = append(t.runs, span)
	switch {
	case panicked != nil:
		t.Fail("%s", panicMessage(fmt.Sprint(panicked), stack))
	case strings.Contains(trouble, "main bubble goroutine has exited"):
		t.left = append(t.left, stuck...)
	case trouble != "":
		t.Fail("%s", deadlockMessage(stuck))
	}
	if !returned {
		t.Fail("your function ended its goroutine with runtime.Goexit instead of returning")
	}
	return elapsed
}

// settle lets calls of probes that are still under way come to their end, and
// what follows from them; the bubble's clock stands still when its first
// goroutine has ended. What sleeps or waits after that is left behind.
func (t *T) settle() {
	for range 100 {
		synctest.Wait()
		var longest time.Duration
		for _, p := range t.probes {
			longest = max(longest, p.remaining())
		}
		if longest == 0 {
			break
		}
		time.Sleep(longest)
	}
	time.Sleep(time.Second)
}

// An interval is how long a call of Run took, if it returned, and when the last
// thing happened in its bubble.
type interval struct {
	returned  bool
	took, end time.Duration
}

func ownStack() string {
	b := make([]byte, 64<<10)
	return string(b[:runtime.Stack(b, false)])
}

// bubbleWaiters lists the goroutines that wait in a bubble, where they do, most
// of the learner's code first.
func bubbleWaiters() []waiter {
	b := make([]byte, 8<<20)
	return waiters(string(b[:runtime.Stack(b, true)]), func(state string) bool {
		return strings.Contains(state, "synctest bubble")
	})
}
