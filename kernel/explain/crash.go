package explain

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopark/helpers/stats"
)

// Crash explains how a program died, from what it wrote to stderr. It returns
// nil when the text is no account of a panic or a fatal error.
func Crash(text string, source Source) *Failure {
	d := ParseDump(text)
	reason := d.Reason
	switch {
	case strings.HasPrefix(reason, "fatal error: ") && strings.Contains(reason, "deadlock!"):
		return deadlock(d, text, source)
	case strings.Contains(reason, "stack overflow"):
		return stackOverflow(d, text, source)
	case strings.HasPrefix(reason, "panic: "), strings.HasPrefix(reason, "fatal error: "), strings.HasPrefix(reason, "runtime: "),
		strings.HasPrefix(reason, "SIG"), strings.HasPrefix(reason, "unexpected fault address"):
		return panicked(d, text, source)
	}
	return nil
}

// finish makes the failure of a page: with cards, what needs a notebook's room
// stays on the page and the error has the sentence; without, all is in the
// error.
func finish(name, value string, p *Page, card bool) *Failure {
	f := &Failure{Name: name, Value: oneLine(value), Traceback: []string{headline(name, value)}}
	if card {
		f.Page = p
		return f
	}
	if rest := p.traceback(); len(rest) > 0 {
		if rest[0] != "" {
			f.Traceback = append(f.Traceback, "")
		}
		f.Traceback = append(f.Traceback, rest...)
	}
	return f
}

// unprintable is how the runtime shows a panic's value that is a struct, a slice
// or a pointer: by its address.
var unprintable = regexp.MustCompile(`^\((?:main\.)?([^()]+)\) \(?0x[0-9a-f]+(?:,0x[0-9a-f]+)?\)?$`)

func panicked(d *Dump, text string, source Source) *Failure {
	lib := d.library(source)
	first, rest, _ := strings.Cut(d.Reason, "\n")
	// "runtime: out of memory: …" comes before the "fatal error" that counts.
	for line := range strings.Lines(d.Reason) {
		if strings.HasPrefix(line, "fatal error: ") && !strings.HasPrefix(first, "panic: ") {
			first, rest = strings.TrimSpace(line), ""
			break
		}
	}
	value := strings.TrimPrefix(strings.TrimPrefix(first, "panic: "), "fatal error: ")
	// What WaitGroup.Go, sync.Once and the testing package do to a panic on its
	// way is no news.
	value, _ = strings.CutSuffix(value, " [recovered, repanicked]")
	value, _ = strings.CutSuffix(value, " [recovered]")
	if m := unprintable.FindStringSubmatch(value); m != nil {
		value = "a value of type " + m[1] + ", which the runtime does not print: only errors, Stringers and plain values are"
	}
	p := &Page{title: "Panic: " + oneLine(value), raw: text}
	// The runtime shows an error's text; what follows on further lines is the
	// value's own, a second panic, or the signal.
	for l := range strings.Lines(rest) {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "[signal ") || strings.HasPrefix(l, "goroutine ") {
			continue
		}
		p.parts = append(p.parts, verbatim(l))
	}
	why, known := reasonFor(value)
	if known.why != "" {
		p.parts = append(p.parts, para{say(known.why)})
	}
	gs := d.Goroutines
	if len(gs) > 0 {
		g := &gs[0]
		head := line{bold("in " + g.Name())}
		head = append(head, lib.started(g)...)
		p.parts = append(p.parts, section{head: head, calls: lib.calls(g)})
		if why == "map" {
			// The other one is often caught at the map, too.
			lib.sameMap(p, gs[1:], g)
		}
		if n := len(gs) - 1; n > 0 {
			p.parts = append(p.parts, verbatim(lib.count(n, "other goroutine", "other goroutines")+" ended with the program"))
		}
	}
	if known.try != "" {
		p.try = []string{known.try}
	}
	// The panic of main is a few lines; another goroutine's is a story of two.
	if len(gs) == 0 || gs[0].ID == 1 {
		return finish("Panic", value, p, false)
	}
	f := finish("Panic", value, p, true)
	told := line{say("in " + gs[0].Name())}
	if frame, ok := gs[0].Learner(); ok {
		told = append(told, say(", "), at(frame))
	}
	f.Traceback = append(f.Traceback, told.ansi())
	return f
}

// sameMap tells of goroutines that were at work in a map when the runtime found
// the second.
func (l *library) sameMap(p *Page, gs []Goroutine, first *Goroutine) {
	for i := range gs {
		g := &gs[i]
		f, ok := g.Learner()
		if !ok || f.Cell == 0 || len(g.Frames) == 0 || !inMap(g) {
			continue
		}
		head := line{bold("at the same time, in " + g.Name())}
		head = append(head, l.started(g)...)
		p.parts = append(p.parts, section{head: head, calls: l.calls(g)})
		return
	}
}

func inMap(g *Goroutine) bool {
	for _, f := range g.Frames {
		if f.Cell != 0 {
			return false
		}
		if strings.HasPrefix(f.Func, "internal/runtime/maps.") || strings.HasPrefix(f.Func, "runtime.map") {
			return true
		}
	}
	return false
}

// verbatim is a muted line directly under the one before it.
type verbatim string

func (v verbatim) text(w *textWriter) { w.add(dim(string(v))) }
func (v verbatim) html(w *htmlWriter) {
	w.WriteString(`<div>`)
	w.put(dim(string(v)))
	w.WriteString(`</div>`)
}

// calls shows a goroutine's frames: the learner's with their source, the others
// folded to a line.
func (l *library) calls(g *Goroutine) (out []call) {
	others := 0
	inside := "" // the function of Go's own in which it happened
	for i := 0; i < len(g.Frames); i++ {
		f := g.Frames[i]
		if f.Cell == 0 {
			others++
			if len(out) == 0 && !machinery(f.Func) {
				inside = f.Func
			}
			continue
		}
		if len(out) == 12 {
			out = append(out, call{note: "… and more frames"})
			break
		}
		// Recursion: the same call at the same line, folded to a count.
		same := 1
		for i+1 < len(g.Frames) && g.Frames[i+1] == f {
			same++
			i++
		}
		text := l.source.line(f.Cell, f.Line)
		out = append(out, call{fn: pretty(f.Func), frame: f, times: same, source: text})
		if t := strings.TrimSpace(text); len(out) == 1 && others > 0 && (t == "}" || t == "return" || strings.HasPrefix(t, "return ") && !strings.Contains(t, "(")) {
			out = append(out, call{note: "… in a deferred call, as the function returned here"})
		}
	}
	if inside != "" && len(out) > 0 {
		out = append(out, call{note: "… inside " + pretty(inside) + ", which it had called; " + plural(others, "frame", "frames") + " outside the cells"})
	} else if others > 0 {
		out = append(out, call{note: "… " + plural(others, "frame", "frames") + " outside the cells"})
	}
	return out
}

// machinery are frames between a learner's line and what went wrong that say
// nothing: how a panic, a park, a lock works inside.
func machinery(fn string) bool {
	for _, p := range []string{"runtime.", "internal/runtime/", "internal/sync.", "internal/poll.", "sync.", "panic", "internal/race", "testing.", "syscall.", "sync/atomic.", "time.Sleep"} {
		if strings.HasPrefix(fn, p) {
			return true
		}
	}
	return false
}

// pretty is a function's name as its author thinks of it.
func pretty(fn string) string {
	fn = strings.TrimPrefix(fn, "main.")
	fn = strings.ReplaceAll(fn, "[...]", "")
	base, rest, literal := strings.Cut(fn, ".func")
	if literal && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		return "func literal in " + base
	}
	if base, _, ok := strings.Cut(fn, ".gowrap"); ok {
		return "go statement in " + base
	}
	return fn
}

var stackLimit = regexp.MustCompile(`goroutine stack exceeds (\d+)-byte limit`)

func stackOverflow(d *Dump, text string, source Source) *Failure {
	lib := d.library(source)
	value := "stack overflow: a function calls itself without end"
	p := &Page{title: "Stack overflow", raw: text}
	if m := stackLimit.FindStringSubmatch(d.Reason); m != nil {
		n, _ := strconv.Atoi(m[1])
		limit := fmt.Sprintf("%d kB", n/1000)
		if n >= 1_000_000_000 {
			limit = fmt.Sprintf("%d GB", n/1_000_000_000)
		}
		p.parts = append(p.parts, para{dim("a goroutine's stack may grow to " + limit)})
	}
	if len(d.Goroutines) > 0 {
		g := &d.Goroutines[0]
		if fr, ok := g.Learner(); ok {
			value += " (" + place(fr.Cell, fr.Line) + ")"
		}
		head := line{bold("in " + g.Name())}
		head = append(head, lib.started(g)...)
		p.parts = append(p.parts, section{head: head, calls: lib.circling(g)})
	}
	p.try = []string{"a recursion needs a case in which it stops: is it there, and does each call come nearer to it?"}
	return finish("Panic", value, p, false)
}

// circling shortens a recursion over several functions to one round of it.
func (l *library) circling(g *Goroutine) []call {
	frames := g.learnerFrames()
	if len(frames) > 3 && same(frames[:1], frames[1:2]) {
		return l.calls(g) // which folds one function's calls of itself
	}
	for n := 2; n <= 6 && 3*n <= len(frames); n++ {
		round := 0
		for round*n+n <= len(frames) && same(frames[:n], frames[round*n:round*n+n]) {
			round++
		}
		if round >= 3 {
			short := *g
			short.Frames = append(append([]Frame(nil), frames[:n]...), frames[round*n:]...)
			out := l.calls(&short)
			rest := append([]call(nil), out[n:]...)
			return append(append(out[:n:n], call{note: fmt.Sprintf("… and so on: these %d calls, one inside the other, %d times shown", n, round)}), rest...)
		}
	}
	return l.calls(g)
}

func same(a, b []Frame) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Interrupted explains a program that was stopped after some time, from the
// dump that SIGQUIT made it write; text may be empty.
func Interrupted(text string, after time.Duration, source Source) *Failure {
	value := fmt.Sprintf("stopped after %.1f s", after.Seconds())
	d := ParseDump(text)
	lib := d.library(source)
	w := newWaitGraph(lib, learners(d))
	if len(w.waiters) > 0 {
		value += ": " + lib.together(w.waiters, func(x *waiter, n int) string {
			who, was := lib.who(x, n), " was "
			if n > 1 {
				was = " were "
			}
			if x.want.kind != wantNothing && x.want.kind != wantOther {
				return who + was + "waiting " + x.want.infinitive() + lib.placed(x.Goroutine)
			}
			return who + was + x.Doing() + lib.placed(x.Goroutine)
		})
	}
	p := &Page{title: fmt.Sprintf("Stopped after %.1f s: what the goroutines were doing", after.Seconds()), raw: text, mild: true}
	lib.sections(p, w.waiters)
	return finish("Interrupted", value, p, len(w.waiters) > 1)
}

// Killed explains a program that a signal ended which nobody here had sent.
func Killed(signal string) *Failure {
	f := New("Killed", "the program was ended by a signal: "+signal)
	if signal == "killed" {
		f.Traceback = append(f.Traceback,
			"The kernel did not do it. When memory runs out, the system ends the program that uses most.",
			ansiFaint+"try: "+ansiReset+"fewer or smaller values at a time: a bounded number of goroutines, a smaller buffer, results that are used and let go")
	}
	return f
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return stats.Count(n) + " " + many
}
