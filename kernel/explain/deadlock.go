package explain

import (
	"fmt"
	"strings"
	"time"

	"gopark/helpers/stats"
)

// deadlock explains the runtime's own "all goroutines are asleep".
func deadlock(d *Dump, raw string, source Source) *Failure {
	lib := d.library(source)
	gs := learners(d)
	w := newWaitGraph(lib, gs)
	value := ""
	switch {
	case strings.Contains(d.Reason, "called runtime.Goexit"):
		value = "main ended with runtime.Goexit, and every other goroutine waits: " + lib.waiting(w.waiters)
		if len(gs) == 0 {
			value = "main ended with runtime.Goexit, and no goroutine was left to end the program"
		}
	case d.Cut:
		value = "all goroutines wait, at least " + stats.Count(len(gs)) + ": " + lib.waiting(w.waiters)
	case len(gs) == 0:
		value = "all goroutines wait, none of them in a cell"
	case len(gs) == 1:
		value = gs[0].Name() + " waits " + w.waiters[0].want.infinitive() + lib.placed(&gs[0]) + ", and no other goroutine is left"
		if gs[0].ID != 1 {
			value += ": main has ended with runtime.Goexit"
		}
	case len(gs) == 2:
		value = "both goroutines wait: " + lib.waiting(w.waiters)
	default:
		value = "all " + stats.Count(len(gs)) + " goroutines wait: " + lib.waiting(w.waiters)
	}
	cycle := w.cycle()
	if len(gs) == 1 && cycle != nil {
		value = lib.told(w, cycle[0]).String()
	}
	p := &Page{title: "Deadlock: nobody is left who could go on", raw: raw}
	lib.waits(p, w)
	return finish("Deadlock", value, p, len(gs) > 1 || cycle != nil)
}

// Stuck explains a program that still runs but no longer moves, from a dump of
// its goroutines: SIGQUIT's, or a goroutine leak profile's with debug=2. still
// is how long nothing has moved.
//
// proved says that the goroutines in question can never go on, which only the
// leak profile knows; without it the failure says what was seen, no more. Stuck
// returns nil when there is nothing to say: when a goroutine runs, sleeps, or
// waits for the network, a signal or a system call, or when all that wait for a
// channel may be waiting for a timer.
func Stuck(dump string, still time.Duration, source Source) (f *Failure, proved bool) {
	d := ParseDump(dump)
	lib := d.library(source)
	var gs []Goroutine
	for _, g := range learners(d) {
		if g.Leaked {
			gs = append(gs, g)
		}
	}
	if proved = len(gs) > 0; !proved {
		if gs = lib.stuck(d); len(gs) == 0 {
			return nil, false
		}
	}
	w := newWaitGraph(lib, gs)
	value := fmt.Sprintf("no progress for %.0f s: %s", still.Seconds(), lib.sentence(w.waiters, " waits", " wait"))
	title := "No progress: every goroutine waits for another"
	if proved {
		value = "partial deadlock: " + lib.sentence(w.waiters, " waits", " wait") + ", and nothing that still runs can wake " + them(len(gs))
		title = fmt.Sprintf("Partial deadlock: %s can never go on", lib.count(len(gs), "goroutine", "goroutines"))
		if still > 0 {
			title += fmt.Sprintf(" (no progress for %.0f s)", still.Seconds())
		}
	}
	p := &Page{title: title, raw: dump}
	lib.waits(p, w)
	return finish("Deadlock", value, p, true), proved
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// stuck are the goroutines of a program that wait for each other, or none when
// somebody outside may still wake one of them.
func (l *library) stuck(d *Dump) []Goroutine {
	sure := false
	for i := range d.Goroutines {
		g := &d.Goroutines[i]
		for _, f := range g.learnerFrames() {
			// A function that a timer will run is in no dump.
			if l.source == nil || strings.Contains(l.source(f.Cell), "AfterFunc") {
				return nil
			}
		}
		if system(g) {
			continue
		}
		switch w := l.want(g); w.kind {
		case wantNothing:
			return nil // it runs, sleeps, or waits for the world
		case wantLock, wantReadLock, wantGroup, wantSend, wantNilReceive, wantNilSend, wantNever, wantCond:
			sure = true
		case wantReceive, wantSelect:
			// A timer, a signal or the network may be at the other end. Only a
			// channel that the cell itself made is known not to be theirs, and
			// that is more than its name tells.
			if !l.ownChannels(g, w) {
				return nil
			}
		default:
			return nil
		}
	}
	if !sure {
		return nil
	}
	return learners(d)
}

// system are goroutines that the runtime and os/signal keep beside the program's.
func system(g *Goroutine) bool {
	for _, f := range g.Frames {
		if strings.HasPrefix(f.Func, "os/signal.") {
			return false // a signal may wake whoever listens
		}
	}
	return g.State == "GC worker (idle)" || g.State == "finalizer wait" || g.State == "cleanup wait" ||
		g.State == "force gc (idle)" || g.State == "GC sweep wait" || g.State == "GC scavenge wait" ||
		g.State == "GOMAXPROCS updater (idle)"
}

// ownChannels reports whether all channels that w is about are variables that
// the source makes with make.
func (l *library) ownChannels(g *Goroutine, w want) bool {
	all := w.cases
	if w.kind != wantSelect {
		all = []want{w}
	}
	if len(all) == 0 {
		return false
	}
	for _, x := range all {
		if x.key == "" || !l.made(g, x) {
			return false
		}
	}
	return true
}
