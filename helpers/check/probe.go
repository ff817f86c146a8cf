package check

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A Probe stands in the place of what a learner's code calls, such as a request
// to a server: every call takes its latency on the bubble's clock, and is noted.
//
// Its methods that enter and leave are safe for concurrent use, and invisible to
// the race detector. The others are for the check, in Run's function or after
// Run.
type Probe struct {
	noun    string // what a call is: "request"
	t       *T
	latency func(key, nth int) time.Duration

	mu        sync.Mutex
	start     time.Time
	calls     []Call
	n         int // of all calls, noted or not
	now, most int
	cancelled bool
}

// maxCalls bounds what a probe notes; a check that needs more is a slow one.
// Calls beyond it are counted, take no time, and are not noted.
const maxCalls = 4096

// A Call is one call of a probe. Times are since Run began.
type Call struct {
	Key int
	// Nth is how many calls with that key were before.
	Nth        int
	Start, End time.Duration
	// Due is when it should end.
	Due time.Duration
	// Done says that it has returned.
	Done bool
	// Late says that it began after Cancelled.
	Late bool
	// Failed and Stopped say how it ended: with an error, by its context.
	Failed, Stopped bool
}

// Probe makes a probe for calls that the feedback calls noun ("request").
// latency says how long the call for a key takes, nth counts its calls before.
func (t *T) Probe(noun string, latency func(key, nth int) time.Duration) *Probe {
	p := &Probe{noun: noun, t: t, latency: latency}
	t.probes = append(t.probes, p)
	return p
}

// begin is called by Run in its bubble.
func (p *Probe) begin(start time.Time) {
	p.start, p.calls, p.n, p.now, p.most, p.cancelled = start, make([]Call, 0, 32), 0, 0, 0, false
}

// enter notes the beginning of a call, and returns its index and its latency.
//
//go:norace
func (p *Probe) enter(key int) (int, time.Duration) {
	raceDisable()
	defer raceEnable()
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.n
	p.n++
	p.now++
	p.most = max(p.most, p.now)
	if i >= maxCalls {
		return i, 0
	}
	nth := 0
	for j := range i {
		if p.calls[j].Key == key {
			nth++
		}
	}
	at, d := time.Since(p.start), p.latency(key, nth)
	p.calls = append(p.calls, Call{Key: key, Nth: nth, Start: at, Due: at + d, Late: p.cancelled})
	return i, d
}

// leave notes the end of a call.
//
//go:norace
func (p *Probe) leave(i int, failed, stopped bool) {
	raceDisable()
	defer raceEnable()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now--
	if i < maxCalls {
		c := &p.calls[i]
		c.End, c.Done, c.Failed, c.Stopped = time.Since(p.start), true, failed, stopped
	}
}

// Call is one call for key: it returns when its latency is over.
func (p *Probe) Call(key int) {
	i, d := p.enter(key)
	time.Sleep(d)
	p.leave(i, false, false)
}

// CallErr is Call; it says that the call failed when err is not nil.
func (p *Probe) CallErr(key int, err error) error {
	i, d := p.enter(key)
	time.Sleep(d)
	p.leave(i, err != nil, false)
	return err
}

// CallContext is CallErr, and ends at once when ctx does, with ctx's error.
func (p *Probe) CallContext(ctx context.Context, key int, err error) error {
	i, d := p.enter(key)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		p.leave(i, err != nil, false)
		return err
	case <-ctx.Done():
		p.leave(i, true, true)
		return ctx.Err()
	}
}

// Answer is what a call for key gives back in this run: only who has asked knows
// it. The calls of a probe do not make it; a check's function does.
func (p *Probe) Answer(key int) string { return fmt.Sprintf("answer %d (%08x)", key, p.t.nonce) }

// Cancelled notes that from now on no call should begin.
func (p *Probe) Cancelled() {
	raceDisable()
	defer raceEnable()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancelled = true
}

// Calls returns all calls until now, in the order in which they began.
//
//go:norace
func (p *Probe) Calls() []Call {
	raceDisable()
	defer raceEnable()
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Count is how many calls have begun.
func (p *Probe) Count() int { return len(p.Calls()) }

// Most is how many calls were in flight at the same time, at most.
//
//go:norace
func (p *Probe) Most() int {
	raceDisable()
	defer raceEnable()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.most
}

// Done is how many calls have ended until now.
func (p *Probe) Done() int {
	return countCalls(p.Calls(), func(c Call) bool { return c.Done })
}

// Late is how many calls began after Cancelled.
func (p *Probe) Late() int {
	return countCalls(p.Calls(), func(c Call) bool { return c.Late })
}

// Keys are the keys of all calls, in the order in which they began.
func (p *Probe) Keys() []int {
	var keys []int
	for _, c := range p.Calls() {
		keys = append(keys, c.Key)
	}
	return keys
}

// PerKey counts the calls of each key.
func (p *Probe) PerKey() map[int]int {
	per := map[int]int{}
	for _, c := range p.Calls() {
		per[c.Key]++
	}
	return per
}

// last is when the last call ended, or began if it never ended.
func (p *Probe) last() time.Duration {
	var last time.Duration
	for _, c := range p.Calls() {
		last = max(last, c.Start, c.End)
	}
	return last
}

// remaining is how long it takes until all calls under way are over.
func (p *Probe) remaining() (d time.Duration) {
	for _, c := range p.Calls() {
		if !c.Done {
			d = max(d, c.Due-time.Since(p.start))
		}
	}
	return d
}

func countCalls(calls []Call, is func(Call) bool) (n int) {
	for _, c := range calls {
		if is(c) {
			n++
		}
	}
	return n
}

// Fixed is a latency that is the same for all calls.
func Fixed(d time.Duration) func(key, nth int) time.Duration {
	return func(int, int) time.Duration { return d }
}

// ByKey gives the keys[i] the latency d[i], and others none.
func ByKey(keys []int, d []time.Duration) func(key, nth int) time.Duration {
	of := make(map[int]time.Duration, len(keys))
	for i, k := range keys {
		of[k] = d[i]
	}
	return func(key, _ int) time.Duration { return of[key] }
}

// Sum and Slowest are the ideal times of doing all one after the other, and all
// at once.
func Sum(d []time.Duration) (sum time.Duration) {
	for _, x := range d {
		sum += x
	}
	return sum
}

func Slowest(d []time.Duration) time.Duration { return slices.Max(d) }

// Makespan is the exact time that k workers take for tasks that begin in this
// order, each taken by the first who is free (list scheduling): less is not
// possible in that order, and more means that somebody was idle.
func Makespan(d []time.Duration, k int) time.Duration {
	free := make([]time.Duration, max(1, k))
	for _, x := range d {
		i := 0
		for j := range free {
			if free[j] < free[i] {
				i = j
			}
		}
		free[i] += x
	}
	return slices.Max(free)
}
