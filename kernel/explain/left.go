package explain

import (
	"fmt"
	"strings"
)

// A Remainder counts what a dump shows that was made at the end of main. Where
// it was cut there are at least as many.
type Remainder struct {
	Listed   int // all goroutines of the dump
	Runnable int // those of Listed that could have gone on
	Left     int // the learner's beside main itself
	Leaked   int // those of Left that the leak profile proved unable to go on
	Cut      bool
}

// LeftBehind counts the goroutines of a dump.
func LeftBehind(dump string) Remainder {
	d := ParseDump(dump)
	r := Remainder{Listed: len(d.Goroutines), Cut: d.Cut}
	for _, g := range d.Goroutines {
		if g.State == "runnable" {
			r.Runnable++
		}
	}
	for _, g := range learners(d) {
		if g.ID == 1 {
			continue
		}
		r.Left++
		if g.Leaked {
			r.Leaked++
		}
	}
	return r
}

// Leaks explains goroutines that were still there when main returned, from a
// dump. Nil when there are none. It is no failure: the cell went well.
func Leaks(dump string, source Source) *Page {
	d := ParseDump(dump)
	lib := d.library(source)
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
		p.title = lib.count(len(others), "goroutine was", "goroutines were") + " still running when main returned"
		p.title = strings.ToUpper(p.title[:1]) + p.title[1:]
	case len(others) == 0:
		p.title = fmt.Sprintf("Leak: %s behind, and can never go on", lib.count(len(leaked), "goroutine was left", "goroutines were left"))
	default:
		p.title = fmt.Sprintf("Leak: %s behind and can never go on; %s still running when main returned",
			lib.count(len(leaked), "goroutine was left", "goroutines were left"), lib.count(len(others), "other was", "others were"))
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
