package explain

import (
	"fmt"
	"strings"
	"time"
)

// Crash explains how a program died, from what it wrote to stderr. It returns
// nil when the text is no account of a panic or a fatal error.
func Crash(text string, source Source) *Failure {
	d := ParseDump(text)
	reason := d.Reason
	switch {
	case strings.Contains(reason, "all goroutines are asleep - deadlock!"):
		return deadlock(d, source)
	case strings.Contains(reason, "stack overflow"):
		return stackOverflow(d, source)
	case strings.HasPrefix(reason, "panic: "), strings.HasPrefix(reason, "fatal error: "), strings.HasPrefix(reason, "runtime: "):
		return panicked(d, source)
	}
	return nil
}

func panicked(d *Dump, source Source) *Failure {
	first, rest, _ := strings.Cut(d.Reason, "\n")
	value := strings.TrimPrefix(strings.TrimPrefix(first, "panic: "), "fatal error: ")
	// What WaitGroup.Go, sync.Once and the testing package do to a panic on its
	// way is no news.
	value = strings.TrimSuffix(value, " [recovered, repanicked]")
	// The runtime shows an error's text; what follows on further lines is the
	// value's own, a second panic, or the signal.
	lines := []string{headline("Panic", value)}
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, faint+line+reset)
		}
	}
	if len(d.Goroutines) > 0 {
		g := d.Goroutines[0]
		lines = append(lines, "", bold+"in "+g.Name()+reset+startedAt(&g))
		lines = append(lines, stack(&g, source)...)
		if n := len(d.Goroutines) - 1; n > 0 {
			lines = append(lines, faint+plural(n, "other goroutine", "other goroutines")+" ended with the program"+reset)
		}
	}
	return &Failure{Name: "Panic", Value: oneLine(value), Traceback: lines}
}

func startedAt(g *Goroutine) string {
	if g.Created.Cell == 0 {
		return ""
	}
	return ", started at " + place(g.Created.Cell, g.Created.Line)
}

// stack shows a goroutine's frames, the learner's with their source, the
// others folded to a count.
func stack(g *Goroutine, source Source) (lines []string) {
	folded := 0
	flush := func() {
		if folded > 0 {
			lines = append(lines, faint+"  … "+plural(folded, "frame", "frames")+" outside the cells"+reset)
		}
		folded = 0
	}
	shown := 0
	for i := 0; i < len(g.Frames); i++ {
		f := g.Frames[i]
		if f.Cell == 0 {
			folded++
			continue
		}
		flush()
		// Recursion: the same call at the same line, folded to a count.
		same := 1
		for i+1 < len(g.Frames) && g.Frames[i+1] == f {
			same++
			i++
		}
		times := ""
		if same > 1 {
			times = fmt.Sprintf(" (%d times)", same)
		}
		lines = append(lines, "  "+strings.TrimPrefix(f.Func, "main.")+", "+blue+place(f.Cell, f.Line)+reset+times)
		if source != nil {
			for _, q := range quote(source(f.Cell, f.Line), f.Line, 0) {
				lines = append(lines, "  "+q)
			}
		}
		if shown++; shown == 12 && i+1 < len(g.Frames) {
			lines = append(lines, faint+"  … and "+plural(len(g.Frames)-i-1, "more frame", "more frames")+reset)
			return lines
		}
	}
	flush()
	return lines
}

func stackOverflow(d *Dump, source Source) *Failure {
	f := &Failure{Name: "Panic", Value: "stack overflow: a function calls itself without end"}
	f.Traceback = []string{headline("Panic", f.Value), faint + "a goroutine's stack may grow to 1 GB" + reset}
	if len(d.Goroutines) > 0 {
		g := d.Goroutines[0]
		if fr, ok := g.Learner(); ok {
			f.Value += " (" + place(fr.Cell, fr.Line) + ")"
		}
		f.Traceback = append(f.Traceback, "", bold+"in "+g.Name()+reset+startedAt(&g))
		f.Traceback = append(f.Traceback, stack(&g, source)...)
	}
	return f
}

func deadlock(d *Dump, source Source) *Failure {
	gs := learners(d)
	value := "all goroutines are asleep: " + waiting(gs)
	lines := []string{headline("Deadlock", value)}
	lines = append(lines, goroutines(gs, source)...)
	return &Failure{Name: "Deadlock", Value: oneLine(value), Traceback: lines}
}

// Interrupted explains a program that was stopped after some time, from the
// dump that SIGQUIT made it write; text may be empty.
func Interrupted(text string, after time.Duration, source Source) *Failure {
	value := fmt.Sprintf("stopped after %.1f s", after.Seconds())
	gs := learners(ParseDump(text))
	if len(gs) > 0 {
		value += ": " + waiting(gs)
	}
	f := &Failure{Name: "Interrupted", Value: oneLine(value), Traceback: []string{headline("Interrupted", value)}}
	f.Traceback = append(f.Traceback, goroutines(gs, source)...)
	return f
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

// spot is what goroutines have in common when one sentence can speak of them all.
type spot struct {
	doing      string
	cell, line int
}

func (g *Goroutine) spot() spot {
	f, _ := g.Learner()
	return spot{g.Doing(), f.Cell, f.Line}
}

// waiting says in one sentence who was doing what: "main was waiting to receive
// from a channel (cell [4] line 9) and 2 goroutines were …".
func waiting(gs []Goroutine) string {
	var order []spot
	names := map[spot][]string{}
	for _, g := range gs {
		s := g.spot()
		if names[s] == nil {
			order = append(order, s)
		}
		names[s] = append(names[s], g.Name())
	}
	var parts []string
	for i, s := range order {
		if i == 3 && len(order) > 4 {
			parts = append(parts, fmt.Sprintf("goroutines at %d other places", len(order)-i))
			break
		}
		who, was := names[s][0], "was"
		if n := len(names[s]); n > 1 {
			who, was = fmt.Sprintf("%d goroutines", n), "were"
		}
		p := who + " " + was + " " + s.doing
		if s.cell != 0 {
			p += " (" + place(s.cell, s.line) + ")"
		}
		parts = append(parts, p)
	}
	switch len(parts) {
	case 0:
		return "nothing of yours was left to run"
	case 1:
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// goroutines tells of each, alike ones together, at most a dozen.
func goroutines(gs []Goroutine, source Source) (lines []string) {
	count := map[spot]int{}
	for _, g := range gs {
		count[g.spot()]++
	}
	told := map[spot]bool{}
	for _, g := range gs {
		s := g.spot()
		if told[s] {
			continue
		}
		if len(told) == 12 {
			lines = append(lines, "", faint+plural(len(count)-len(told), "more place", "more places")+reset)
			break
		}
		told[s] = true
		who := g.Name()
		if n := count[s]; n > 1 {
			who = fmt.Sprintf("%d goroutines, the first is %s", n, who)
		}
		lines = append(lines, "", bold+who+reset+": "+g.Doing()+startedAt(&g))
		lines = append(lines, stack(&g, source)...)
	}
	return lines
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
