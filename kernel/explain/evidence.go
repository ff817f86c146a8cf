package explain

import (
	"fmt"
	"strings"
)

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
			p.parts = append(p.parts, para{dim(l.count(len(count)-len(told), "more place", "more places"))})
			return
		}
		told[s] = true
		head := line{bold(l.who(x, count[s]))}
		if count[s] > 1 {
			head = append(head, say(", the first is "+x.Name()))
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
