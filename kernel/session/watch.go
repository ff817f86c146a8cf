package session

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gopark/kernel/explain"
)

const (
	// watchEvery is how often a program is looked at: a file or two of /proc for
	// each of its threads.
	watchEvery = 500 * time.Millisecond
	// stillAfter is how long nothing must have moved before that is told.
	stillAfter = 3 * time.Second
)

// A program is one that runs.
type program struct {
	Running
	ctx   context.Context // ends with it
	cell  int
	began time.Time
}

// deadlocked is the cause of the end of a program that can never go on and
// does not notice: in a build with the race detector the runtime never says so.
type deadlocked struct{ dump string }

func (d *deadlocked) Error() string { return "all goroutines wait for each other" }

// text is what the runtime would have written.
func (d *deadlocked) text() string {
	return "fatal error: all goroutines are asleep - deadlock!\n\n" + d.dump
}

// watch looks at a program until ctx ends, without its noticing. When nothing
// at all has happened in it for a while, and its goroutines wait for each other
// as far as can be told, it says who waits where; the program may go on, then
// the words go, too. Only where nothing but those goroutines could wake one of
// them is it stopped.
//
// Nothing at all means: no thread has used any processor time. A server, a
// ticker, a sleep, a read, a child process are never stuck by this: there is
// someone outside who may wake them.
func (x *execution) watch(ctx context.Context, r Running, stop context.CancelCauseFunc) {
	p := &program{r, ctx, x.number, time.Now()}
	x.enter(p)
	defer x.leave(p)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var last time.Duration
	since := time.Now()
	looked := false
	n := note{x: x}
	defer n.went()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		used, idle, err := r.Used()
		if err != nil {
			return // it has ended, or the system does not tell
		}
		if used != last || !idle {
			last, since, looked = used, time.Now(), false
			n.went()
			continue
		}
		if looked || time.Since(since) < stillAfter {
			continue
		}
		looked = true
		look, err := r.Look(ctx)
		if err != nil {
			x.log.Debug("cannot look at a program", "err", err)
			continue
		}
		if again, idle, err := r.Used(); err != nil || again != used || !idle {
			continue // it moved meanwhile
		}
		f, _ := explain.Stuck(look.Dump, time.Since(since).Truncate(time.Second), x.source)
		if look.Closed {
			stop(&deadlocked{look.Dump})
			return
		}
		if f != nil {
			n.say(f.Value + ". It may go on by itself; interrupt the cell to stop it")
		}
	}
}

// A note is a line about a program that does not move, shown while that is so.
type note struct {
	x     *execution
	id    string
	shown bool
	since time.Time
}

func (n *note) say(text string) {
	if n.id == "" {
		n.id = fmt.Sprintf("gopark-watch-%d", time.Now().UnixNano())
	}
	n.shown, n.since = true, time.Now()
	n.x.out.Display(muted(text), nil, n.id)
}

// went takes the words back: it has moved, or its end tells more.
func (n *note) went() {
	if !n.shown {
		return
	}
	n.shown = false
	n.x.out.Display(muted(fmt.Sprintf("nothing moved here for %s", milliseconds(time.Since(n.since)+stillAfter))), nil, n.id)
}

func (s *Session) enter(p *program) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = append(s.running, p)
}

func (s *Session) leave(p *program) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = slices.DeleteFunc(s.running, func(q *program) bool { return q == p })
}
