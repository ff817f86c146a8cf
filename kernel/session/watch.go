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
	circle := circleWatch{next: time.Now().Add(stillAfter)}
	defer func() {
		if !circle.known {
			n.short()
		}
	}()
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
			if !circle.known {
				n.went()
			}
			circle.look(ctx, r, &n)
			continue
		}
		circle.look(ctx, r, &n)
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
		if f != nil && !circle.known {
			n.say(f.Value, "It may go on by itself; interrupt the cell to stop it", f.Page)
		}
	}
}

// A circleWatch looks for locks that are waited for in a circle while others go
// on: a server still answers, a ticker ticks. It looks more and more rarely.
type circleWatch struct {
	next  time.Time
	pause time.Duration
	seen  string // the circle of the look before
	known bool
}

func (c *circleWatch) look(ctx context.Context, r Running, n *note) {
	if c.known || time.Now().Before(c.next) {
		return
	}
	look, err := r.Look(ctx)
	if err != nil {
		c.pause = time.Minute
	}
	f := explain.LockCycle(look.Dump, n.x.source)
	switch {
	case f == nil:
		c.seen = ""
		c.pause = min(max(2*c.pause, stillAfter), time.Minute)
	case f.Value == c.seen:
		// The same goroutines, at the same lines, as some seconds ago.
		c.known = true
		n.say("a circle of locks, from which nobody gets out", "Interrupt the cell to stop it", f.Page)
	default:
		c.seen, c.pause = f.Value, stillAfter
	}
	c.next = time.Now().Add(c.pause)
}

// A note is a line about a program that does not move.
type note struct {
	x     *execution
	id    string
	text  string // "" when none is shown
	since time.Time
}

func (n *note) say(text, advice string, p *explain.Page) {
	if n.id == "" {
		n.id = fmt.Sprintf("gopark-watch-%d", time.Now().UnixNano())
	}
	n.text, n.since = text, time.Now().Add(-stillAfter)
	data := muted(text + ". " + advice)
	if p != nil {
		data["text/plain"] = data["text/plain"].(string) + "\n\n" + p.Text()
		data["text/html"] = data["text/html"].(string) + p.HTML()
	}
	n.x.out.Display(data, reportMark(), n.id)
}

// short leaves one line of the note: the program's end tells the rest.
func (n *note) short() {
	if n.text != "" {
		n.x.out.Display(muted(n.text), reportMark(), n.id)
	}
}

// went says that it has moved after all.
func (n *note) went() {
	if n.text == "" {
		return
	}
	n.x.out.Display(muted(fmt.Sprintf("%s. It went on after %s", n.text, milliseconds(time.Since(n.since)))), reportMark(), n.id)
	n.text = ""
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
