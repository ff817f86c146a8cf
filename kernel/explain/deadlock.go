package explain

import (
	"fmt"
	"strings"
	"time"
)

// deadlock explains the runtime's own "all goroutines are asleep".
func deadlock(d *Dump, raw string, source Source) *Failure {
	lib := newLibrary(source)
	gs := learners(d)
	w := newWaitGraph(lib, gs)
	value := ""
	switch {
	case strings.Contains(d.Reason, "called runtime.Goexit"):
		value = "main ended with runtime.Goexit, and every other goroutine waits: " + lib.waiting(w.waiters)
		if len(gs) == 0 {
			value = "main ended with runtime.Goexit, and no goroutine was left to end the program"
		}
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
		value = fmt.Sprintf("all %d goroutines wait: ", len(gs)) + lib.waiting(w.waiters)
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
	lib := newLibrary(source)
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
		title = fmt.Sprintf("Partial deadlock: %s can never go on", plural(len(gs), "goroutine", "goroutines"))
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

// Leaks explains goroutines that were still there when main returned, from a
// dump. Nil when there are none. It is no failure: the cell went well.
func Leaks(dump string, source Source) *Page {
	d := ParseDump(dump)
	lib := newLibrary(source)
	var leaked, others []Goroutine
	for _, g := range learners(d) {
		switch {
		case g.ID == 1 && g.Created.Func == "":
		case g.Leaked:
			leaked = append(leaked, g)
		default:
			others = append(others, g)
		}
	}
	if len(leaked)+len(others) == 0 {
		return nil
	}
	p := &Page{raw: dump, mild: true}
	switch {
	case len(leaked) == 0:
		p.title = fmt.Sprintf("%s still running when main returned", plural(len(others), "goroutine was", "goroutines were"))
	case len(others) == 0:
		p.title = fmt.Sprintf("Leak: %s behind, and can never go on", plural(len(leaked), "goroutine was left", "goroutines were left"))
	default:
		p.title = fmt.Sprintf("Leak: %s behind and can never go on; %s still running when main returned",
			plural(len(leaked), "goroutine was left", "goroutines were left"), plural(len(others), "other was", "others were"))
	}
	w := newWaitGraph(lib, leaked)
	lib.sections(p, w.waiters)
	if len(leaked) > 0 {
		p.try = leakFix(w)
	}
	if len(others) > 0 {
		if len(leaked) > 0 {
			p.parts = append(p.parts, para{bold("Still running when main returned:")})
		}
		lib.sections(p, newWaitGraph(lib, others).waiters)
		if len(leaked) == 0 {
			p.try = []string{"wait for them before main returns, with a sync.WaitGroup or by receiving what they send; or tell them to stop, with a context"}
		}
	}
	return p
}

func leakFix(w *waitGraph) (out []string) {
	seen := map[string]bool{}
	for _, x := range w.waiters {
		t := ""
		switch {
		case x.want.kind == wantSend:
			t = "give the channel room for every value that may be sent, or let the sender give up: select { case " + x.want.plain("ch") + " <- v: case <-ctx.Done(): }"
		case x.want.kind == wantReceive && x.want.ranges:
			t = "close(" + x.want.plain("ch") + ") after the last send: only then does range end"
		case x.want.kind == wantReceive:
			t = "send to " + x.want.plain("the channel") + " or close it on every way out, or receive in a select beside <-ctx.Done()"
		case x.want.kind == wantSelect:
			t = "one of the cases must become ready on every way out: cancel the context, or close a done channel"
		case x.want.kind == wantLock, x.want.kind == wantReadLock:
			t = "unlock " + x.want.plain("the mutex") + " on every way out: defer " + x.want.plain("mu") + ".Unlock() right after Lock"
		case x.want.kind == wantGroup:
			t = "call Done once for every Add: start the goroutines with wg.Go, which does both"
		case x.want.kind == wantNilReceive, x.want.kind == wantNilSend:
			t = "make the channel first: " + x.want.plain("ch") + " = make(chan …)"
		}
		if t != "" && !seen[t] && len(out) < 2 {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// waits adds the evidence of a deadlock: the circle, when there is one, then
// every goroutine, and what to try.
func (l *library) waits(p *Page, w *waitGraph) {
	cycle := w.cycle()
	if cycle != nil && len(cycle) <= 8 {
		p.parts = append(p.parts, l.circle(w, cycle))
	} else if r := w.ring(); r != nil {
		p.parts = append(p.parts, r)
	}
	l.sections(p, w.waiters)
	if len(w.waiters) > 0 {
		p.try = deadlockFix(w, cycle)
	}
}

// circle draws a cycle of waits.
func (l *library) circle(w *waitGraph, cycle []edge) part {
	var stations []station
	var words []string
	var lines []line
	var alt []string
	for _, e := range cycle {
		g := &w.waiters[e.from]
		f, _ := g.Learner()
		what := station{title: e.want.name}
		if e.how == "held by" {
			what.below = fmt.Sprintf("locked at line %d", e.held.Line)
		}
		stations = append(stations, station{title: g.Name(), below: place(f.Cell, f.Line), goroutine: true}, what)
		switch e.how {
		case "held by":
			words = append(words, "waits for", "held by")
		case "sent by":
			words = append(words, "waits to receive", "sender would be")
		case "received by":
			words = append(words, "waits to send", "receiver would be")
		default:
			words = append(words, "waits for", "counts on")
		}
		told := l.told(w, e)
		lines = append(lines, told)
		alt = append(alt, told.String())
	}
	return picture{svg: drawCircle(stations, words), alt: "A circle: " + strings.Join(alt, "; ") + ".", lines: lines}
}

// told says who waits for whom.
func (l *library) told(w *waitGraph, e edge) line {
	g := &w.waiters[e.from]
	other := w.waiters[e.to].Name()
	f, _ := g.Learner()
	told := line{bold(g.Name()), say(" waits " + e.want.infinitive() + " ("), at(f), say(")")}
	switch e.how {
	case "held by":
		return append(told, say(", which "+hasLocked(other, g.Name())+" locked at "), at(e.held))
	case "sent by":
		return append(told, say(", which would come from "+other+" once it goes on"))
	case "received by":
		return append(told, say(", which "+other+" would receive once it goes on"))
	}
	return append(told, say(", one of which is "+itself(other, g.Name())))
}

func hasLocked(other, self string) string {
	if other == self {
		return "it has itself"
	}
	return other + " has"
}

func itself(other, self string) string {
	if other == self {
		return "itself"
	}
	return other
}

// sections tells of each goroutine, alike ones together, at most a dozen.
func (l *library) sections(p *Page, ws []waiter) {
	count := map[spot]int{}
	for i := range ws {
		count[ws[i].spot()]++
	}
	told := map[spot]bool{}
	for i := range ws {
		x := &ws[i]
		s := x.spot()
		if told[s] {
			continue
		}
		if len(told) == 12 {
			p.parts = append(p.parts, para{dim(plural(len(count)-len(told), "more place", "more places"))})
			return
		}
		told[s] = true
		head := line{bold(x.Name())}
		if n := count[s]; n > 1 {
			head = line{bold(fmt.Sprintf("%d goroutines", n)), say(", the first is " + x.Name())}
		}
		head = append(head, say(": "+l.doing(x)))
		head = append(head, l.started(x.Goroutine)...)
		for i, h := range x.holds {
			if i == 2 {
				break
			}
			verb := "; holds "
			if h.read {
				verb = "; has read-locked "
			}
			head = append(head, say(verb+h.name+" since "), at(h.frame))
		}
		p.parts = append(p.parts, section{head: head, calls: l.calls(x.Goroutine)})
	}
}

// doing is what a goroutine of a dump was doing, with the name of what it
// waited for.
func (l *library) doing(x *waiter) string {
	if x.want.kind == wantNothing || x.want.kind == wantOther {
		return x.Doing()
	}
	s := "waits " + x.want.infinitive()
	switch x.want.kind {
	case wantNilReceive, wantNilSend, wantNever:
		s += ", for ever"
	}
	return s
}

// started is where a goroutine was started, as the rest of its heading.
func (l *library) started(g *Goroutine) line {
	f := l.start(g)
	if f.Cell == 0 {
		return nil
	}
	return line{say(", started at "), at(f)}
}

// start is the line that started a goroutine: the go statement, or the call of
// a Go method that hides it.
func (l *library) start(g *Goroutine) Frame {
	if g.Created.Cell != 0 {
		return g.Created
	}
	if frames := g.learnerFrames(); g.ID != 1 && len(frames) > 0 {
		f := frames[len(frames)-1]
		if n := l.launch(f); n != 0 {
			return Frame{Cell: f.Cell, Line: n}
		}
	}
	return Frame{}
}

func (l *library) placed(g *Goroutine) string {
	if f, ok := g.Learner(); ok {
		return " (" + place(f.Cell, f.Line) + ")"
	}
	return ""
}

// waiting says who waits for what: "main to receive from ch (cell [4] line 9)
// and 2 goroutines …".
func (l *library) waiting(ws []waiter) string { return l.sentence(ws, "", "") }

// sentence is like waiting, with a verb for one and one for several.
func (l *library) sentence(ws []waiter, waits, wait string) string {
	return together(ws, func(x *waiter, n int) string {
		who, be := x.Name(), "is "
		if n > 1 {
			who, be = fmt.Sprintf("%d goroutines", n), "are "
		}
		if x.want.kind == wantNothing {
			return who + " " + be + x.Doing() + l.placed(x.Goroutine)
		}
		verb := waits
		if n > 1 {
			verb = wait
		}
		return who + verb + " " + x.want.infinitive() + l.placed(x.Goroutine)
	})
}

// together makes one sentence of waiters, alike ones as one.
func together(ws []waiter, tell func(x *waiter, n int) string) string {
	var order []*waiter
	count := map[spot]int{}
	for i := range ws {
		s := ws[i].spot()
		if count[s]++; count[s] == 1 {
			order = append(order, &ws[i])
		}
	}
	var parts []string
	for i, x := range order {
		if i == 3 && len(order) > 4 {
			parts = append(parts, fmt.Sprintf("goroutines at %d other places", len(order)-i))
			break
		}
		parts = append(parts, tell(x, count[x.spot()]))
	}
	return list(parts)
}

func list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// spot is what goroutines have in common when one sentence can speak of them all.
type spot struct {
	doing      string
	cell, line int
}

func (x *waiter) spot() spot {
	f, _ := x.Learner()
	return spot{x.Doing() + x.want.infinitive(), f.Cell, f.Line}
}

// learners are the goroutines that have a frame in a cell, or were started in one.
func learners(d *Dump) (out []Goroutine) {
	for _, g := range d.Goroutines {
		if _, ok := g.Learner(); ok || g.ID == 1 || g.Created.Cell != 0 {
			out = append(out, g)
		}
	}
	return out
}
