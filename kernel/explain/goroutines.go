package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopark/helpers/stats"
	"gopark/helpers/timeline"
)

// doing is what the goroutine is at, as the timeline has it: the same words, and
// the colours that a colour-blind reader tells apart.
func (g *Goroutine) doing() timeline.State {
	s := g.State
	switch {
	case s == "running":
		return timeline.Running
	case s == "runnable", s == "preempted":
		return timeline.Runnable
	case strings.HasPrefix(s, "chan send"):
		return timeline.Sending
	case strings.HasPrefix(s, "chan receive"):
		return timeline.Receiving
	case strings.HasPrefix(s, "select"):
		return timeline.Selecting
	case strings.HasPrefix(s, "sync."), s == "semacquire":
		return timeline.Locked
	case s == "sleep":
		return timeline.Sleeping
	case s == "IO wait":
		return timeline.Network
	case strings.HasPrefix(s, "syscall"):
		return timeline.Syscall
	}
	return timeline.Other
}

// does names a state. A dump tells of waits, such as those inside synctest, that
// a timeline does not know.
func does(s timeline.State) string {
	if s == timeline.Other {
		return "waiting otherwise"
	}
	return s.String()
}

// Goroutines draws what the goroutines of a dump do: how many are at what, and
// those at the same line together. title says whose they are and when.
func Goroutines(title, dump string, source Source) *Page {
	d := ParseDump(dump)
	lib := d.library(source)
	gs := learners(d)
	p := &Page{title: title + ": " + lib.count(len(gs), "goroutine", "goroutines"), raw: dump, calm: true}
	w := newWaitGraph(lib, gs)
	c := crowd{}
	at := map[spot]int{}
	for i := range w.waiters {
		x := &w.waiters[i]
		c.count[x.doing()]++
		c.all++
		s := x.spot()
		if row, ok := at[s]; ok {
			c.rows[row].n++
			continue
		}
		at[s] = len(c.rows)
		f, _ := x.Learner()
		row := crowdRow{n: 1, doing: x.doing(), who: x.Name(), what: lib.doing(x), frame: f, start: lib.start(x.Goroutine), source: lib.source.line(f.Cell, f.Line)}
		if f.Cell == 0 { // it has not begun: its go statement is what there is
			row.source = lib.source.line(row.start.Cell, row.start.Line)
		}
		c.rows = append(c.rows, row)
	}
	for i := range c.rows {
		if r := &c.rows[i]; r.n > 1 {
			r.who = lib.count(r.n, "goroutine", "goroutines")
		}
	}
	// main first, then where most are.
	slices.SortStableFunc(c.rows, func(a, b crowdRow) int {
		return cmp.Or(cmp.Compare(boolean(b.who == "main"), boolean(a.who == "main")), cmp.Compare(b.n, a.n))
	})
	p.parts = append(p.parts, c)
	return p
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// crowdMost is how many rows are drawn.
const crowdMost = 30

// A crowd is goroutines by what they do and where.
type crowd struct {
	count [timeline.NumStates]int
	all   int
	rows  []crowdRow
}

type crowdRow struct {
	n            int
	doing        timeline.State
	who, what    string
	frame, start Frame
	source       string
}

func (c crowd) text(w *textWriter) {
	var counts []string
	for d, n := range c.count {
		if n > 0 {
			counts = append(counts, stats.Count(n)+" "+does(timeline.State(d)))
		}
	}
	w.add(say(strings.Join(counts, ", ")))
	w.gap()
	for i, r := range c.rows {
		if i == crowdMost {
			w.add(dim(plural(len(c.rows)-i, "more place", "more places")))
			break
		}
		l := line{bold(r.who), say(": " + r.what)}
		if r.frame.Cell != 0 {
			l = append(l, say(" at "), at(r.frame))
		}
		if r.start.Cell != 0 {
			l = append(l, say(", started at "), at(r.start))
		}
		w.add(l...)
	}
}

func (c crowd) html(w *htmlWriter) {
	// A bar of all goroutines, and what its colours mean.
	w.WriteString(`<table style="width:100%;max-width:760px;border-collapse:collapse;margin:6px 0 4px 0;table-layout:fixed"><tr>`)
	for d, n := range c.count {
		if n > 0 {
			fmt.Fprintf(w, `<td style="width:%.2f%%;height:14px;padding:0;border:0;border-right:1px solid rgba(255,255,255,0.6);background-color:%s"></td>`,
				100*float64(n)/float64(c.all), timeline.State(d).Color())
		}
	}
	w.WriteString(`</tr></table><div style="margin-bottom:8px">`)
	for d, n := range c.count {
		if n > 0 {
			fmt.Fprintf(w, `<span style="white-space:nowrap;margin-right:16px"><span style="color:%s">&#9632;</span> <b>%s</b> %s</span> `, timeline.State(d).Color(), stats.Count(n), does(timeline.State(d)))
		}
	}
	w.WriteString(`</div><table style="border-collapse:collapse;margin:0">`)
	cell := func(style string, put func()) {
		fmt.Fprintf(w, `<td style="text-align:left;vertical-align:top;padding:4px 18px 4px 0;border:0;border-top:1px solid %s;%s">`, tintEdge, style)
		put()
		w.WriteString(`</td>`)
	}
	for i, r := range c.rows {
		if i == crowdMost {
			fmt.Fprintf(w, `<tr><td colspan="4" style="text-align:left;padding:4px 0;border:0;opacity:0.7">%s</td></tr>`, plural(len(c.rows)-i, "more place", "more places"))
			break
		}
		w.WriteString(`<tr style="background:none">`)
		cell("white-space:nowrap", func() {
			fmt.Fprintf(w, `<span style="color:%s">&#9632;</span> `, r.doing.Color())
			w.put(bold(r.who))
		})
		cell("", func() {
			w.put(say(r.what))
			if r.source != "" {
				fmt.Fprintf(w, `<div><code style="font-size:92%%;white-space:pre-wrap">%s</code></div>`, escape(strings.TrimSpace(r.source)))
			}
		})
		cell("white-space:nowrap", func() {
			if r.frame.Cell != 0 {
				w.put(at(r.frame))
			}
		})
		cell("white-space:nowrap;opacity:0.75", func() {
			if r.start.Cell != 0 {
				w.put(say("started at "), at(r.start))
			}
		})
		w.WriteString(`</tr>`)
	}
	w.WriteString(`</table>`)
}
