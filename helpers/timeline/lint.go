package timeline

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"gopark/helpers/chart"
	"gopark/helpers/stats"
)

// Lints are sentences about what is worth a second look, most telling first. They
// claim no more than the trace shows: that something waited, and where, never
// that it is wrong.
func (t *Timeline) Lints() []string {
	var out []string
	for _, look := range []func() []string{t.left, t.oneByOne, t.neverRan, t.locked, t.sends, t.starved, t.polls} {
		out = append(out, look()...)
	}
	return out
}

// A group is the rows that one go statement started.
type group struct {
	name    string
	started Place
	rows    []*Row
}

func (g group) who() string {
	if len(g.rows) == 1 {
		return fmt.Sprintf("the goroutine started at %s", g.started)
	}
	return fmt.Sprintf("the %s goroutines started at %s", stats.Count(len(g.rows)), g.started)
}

func (g group) alive() (all time.Duration) {
	for _, r := range g.rows {
		all += r.Ended - r.Created
	}
	return all
}

// groups sorts the rows but the root by where they were started.
func (t *Timeline) groups() (out []group) {
	index := map[Place]int{}
	for i := range t.Rows {
		r := &t.Rows[i]
		if r.Parent < 0 {
			continue
		}
		at, ok := index[r.Started]
		if !ok {
			at = len(out)
			index[r.Started] = at
			out = append(out, group{name: r.Name, started: r.Started})
		}
		out[at].rows = append(out[at].rows, r)
	}
	return out
}

// left tells of goroutines that were still there at the end, by what they did.
func (t *Timeline) left() (out []string) {
	type where struct {
		state State
		at    Place
	}
	counts := map[where]int{}
	var order []where
	for i := range t.Rows {
		r := &t.Rows[i]
		if !r.Left || r.Parent < 0 || len(r.Spans) == 0 || !t.Ended {
			continue
		}
		last := r.Spans[len(r.Spans)-1]
		w := where{last.State, last.At}
		if counts[w] == 0 {
			order = append(order, w)
		}
		counts[w]++
	}
	for _, w := range order {
		were := "goroutines were"
		if counts[w] == 1 {
			were = "goroutine was"
		}
		text := fmt.Sprintf("%d %s still there when it was over: %s", counts[w], were, w.state)
		if w.at.Line > 0 {
			text += ", at " + w.at.String()
		}
		out = append(out, text)
	}
	return out
}

// oneByOne tells of goroutines of which each was started when the one before was
// done. One that has called wg.Done takes a moment to be gone, in which the next one
// may start already.
func (t *Timeline) oneByOne() (out []string) {
	for _, g := range t.groups() {
		if len(g.rows) < 3 {
			continue
		}
		serial := true
		for i, r := range g.rows[1:] {
			before := g.rows[i]
			moment := min(before.Ended-before.Created, r.Ended-r.Created) / 20
			serial = serial && r.Created >= before.Ended-moment
		}
		if serial {
			out = append(out, g.who()+" ran one after the other: each was started when the one before was done")
		}
	}
	return out
}

// neverRan tells of goroutines that never got a processor.
func (t *Timeline) neverRan() (out []string) {
	for _, g := range t.groups() {
		n := 0
		for _, r := range g.rows {
			if !r.Ran() {
				n++
			}
		}
		switch {
		case n == 0:
		case n == len(g.rows) && n == 1:
			out = append(out, g.who()+" was never scheduled: it was over before it could begin")
		case n == len(g.rows):
			out = append(out, g.who()+" were never scheduled: it was over before they could begin")
		default:
			out = append(out, fmt.Sprintf("of %s, %d never ran", g.who(), n))
		}
	}
	return out
}

// locked tells of goroutines that spent most of their lives before one lock.
func (t *Timeline) locked() (out []string) {
	for _, g := range t.groups() {
		waits := map[Place]time.Duration{}
		for _, r := range g.rows {
			for _, s := range r.Spans {
				if s.State == Locked && s.Why == "mutex" {
					waits[s.At] += s.To - s.From
				}
			}
		}
		for _, at := range places(waits) {
			if d, all := waits[at], g.alive(); len(g.rows) > 1 && d*2 > all {
				out = append(out, fmt.Sprintf("%s waited for the lock at %s for %s of their time: one at a time got through",
					g.who(), at, chart.Percent(d, all)))
			}
		}
	}
	return out
}

// sends tells of channels on which sending means waiting.
func (t *Timeline) sends() (out []string) {
	waits, times := map[Place]time.Duration{}, map[Place]int{}
	for i := range t.Rows {
		for _, s := range t.Rows[i].Spans {
			if s.State == Sending {
				waits[s.At] += s.To - s.From
				times[s.At]++
			}
		}
	}
	for _, at := range places(waits) {
		if times[at] >= 5 && waits[at]*10 > t.Wall {
			out = append(out, fmt.Sprintf("%d sends at %s waited for a receiver, %s together: the channel is unbuffered, or its buffer was full",
				times[at], at, stats.Duration(waits[at])))
		}
	}
	return out
}

// starved tells of a run that wanted more processors than it had.
func (t *Timeline) starved() []string {
	if ready, all := t.Totals[Runnable], t.Alive(); t.Procs > 0 && ready*4 > all && ready > t.Totals[Running] {
		return []string{fmt.Sprintf("for %s of their time goroutines were ready to run and no processor was free: GOMAXPROCS is %d",
			chart.Percent(ready, all), t.Procs)}
	}
	return nil
}

// polls tells of goroutines that look again and again.
func (t *Timeline) polls() (out []string) {
	naps, times := map[Place]time.Duration{}, map[Place]int{}
	for i := range t.Rows {
		own := map[Place]int{}
		for _, s := range t.Rows[i].Spans {
			if s.State == Sleeping {
				own[s.At]++
				naps[s.At] += s.To - s.From
				times[s.At] = max(times[s.At], own[s.At])
			}
		}
	}
	for _, at := range places(naps) {
		if times[at] >= 10 {
			out = append(out, fmt.Sprintf("one goroutine slept %d times at %s: if it looks whether something has happened, a channel could tell it",
				times[at], at))
		}
	}
	return out
}

// places are the keys of m, longest time first.
func places(m map[Place]time.Duration) []Place {
	var out []Place
	for at := range m {
		out = append(out, at)
	}
	slices.SortFunc(out, func(a, b Place) int {
		if m[a] != m[b] {
			return int(m[b] - m[a])
		}
		return strings.Compare(a.String(), b.String())
	})
	return out
}

// LintsHTML is a list of lints for a page.
func LintsHTML(lints []string) string {
	var b strings.Builder
	b.WriteString("<ul style=\"margin:0.3em 0\">")
	for _, l := range lints {
		b.WriteString("<li>" + html.EscapeString(l) + "</li>")
	}
	return b.String() + "</ul>"
}
