package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopark/helpers/stats"
)

// A lane is a line of the picture: one row, or a band of many.
type lane struct {
	label string
	rows  []int // one index, or those of a band
}

func (l lane) band() bool { return len(l.rows) > 1 }

const bandSlots = 3

// lanes distributes the rows over at most so many lanes. Of the largest groups,
// those that one go statement started, all but the first rows are folded into a
// band; what is still too much becomes a last one.
func (t *Timeline) lanes(most int) []lane {
	type key struct {
		name  string
		at    Place
		depth int
	}
	keyOf := func(r *Row) key { return key{r.Name, r.Started, r.Depth} }
	sizes := map[key]int{}
	var keys []key
	for i := range t.Rows {
		k := keyOf(&t.Rows[i])
		if sizes[k] == 0 {
			keys = append(keys, k)
		}
		sizes[k]++
	}
	slices.SortStableFunc(keys, func(a, b key) int { return cmp.Compare(sizes[b], sizes[a]) })
	alone := map[key]int{} // of a folded group, how many rows stay outside
	n := len(t.Rows)
	for _, k := range keys {
		if n <= most || sizes[k] < 3 {
			break
		}
		// The first ones show what one of them does.
		rest := min(sizes[k], n-most+1)
		n -= rest - 1
		alone[k] = sizes[k] - rest
	}
	var out []lane
	bands, met := map[key]int{}, map[key]int{}
	for i := range t.Rows {
		r := &t.Rows[i]
		k := keyOf(r)
		indent := strings.Repeat("\u2003", min(r.Depth, 6))
		first, folded := alone[k]
		met[k]++
		if !folded || met[k] <= first {
			out = append(out, lane{indent + r.label(), []int{i}})
			continue
		}
		at, ok := bands[k]
		if !ok {
			at = len(out)
			bands[k] = at
			more := stats.Count(sizes[k] - first)
			if first > 0 {
				more += " more"
			}
			out = append(out, lane{label: indent + more + " × " + r.label()})
		}
		out[at].rows = append(out[at].rows, i)
	}
	if len(out) > most {
		last := lane{}
		for _, l := range out[most-1:] {
			last.rows = append(last.rows, l.rows...)
		}
		last.label = stats.Count(len(last.rows)) + " others"
		out = append(out[:most-1:most-1], last)
	}
	return out
}

// label names a row and says where it was started, as briefly as can be.
func (r *Row) label() string {
	if r.Started.Line == 0 {
		return r.Name
	}
	return r.Name + " " + r.Started.Brief()
}

// resolved are a row's spans for a picture in which nothing shorter than step can
// be seen: shorter ones are joined, and drawn as the state that took most of
// them. Joined spans have no place.
func resolved(spans []Span, step time.Duration) (out []Span) {
	var from, to time.Duration
	var totals [NumStates]time.Duration
	n := 0
	var first Span
	flush := func() {
		switch {
		case n == 0:
		case n == 1:
			out = append(out, first)
		default:
			state := State(0)
			for s, d := range totals {
				if d > totals[state] {
					state = State(s)
				}
			}
			out = append(out, Span{From: from, To: to, State: state, Why: fmt.Sprintf("and %d more, too short to draw", n-1)})
		}
		n, totals = 0, [NumStates]time.Duration{}
	}
	for _, s := range spans {
		d := s.To - s.From
		if d >= step {
			flush()
			out = append(out, s)
			continue
		}
		if n == 0 {
			from, first = s.From, s
		}
		n++
		to = s.To
		totals[s.State] += d
		if to-from >= step {
			flush()
		}
	}
	flush()
	return out
}

// A slice is a part of a band: from From to To, this many rows are in State.
type slice struct {
	From, To time.Duration
	State    State
	// Low and High are the slice's place in the height of the band, from 0 to 1.
	Low, High float64
	Rows, Of  float64 // rows in State, and rows alive, on average
}

// band counts what many rows do, in columns of equal width.
func (t *Timeline) band(rows []int, columns int) (out []slice) {
	if t.Wall <= 0 {
		return nil
	}
	width := float64(t.Wall) / float64(columns)
	times := make([][NumStates]float64, columns)
	for _, i := range rows {
		for _, s := range t.Rows[i].Spans {
			first, last := int(float64(s.From)/width), min(columns-1, int(float64(s.To)/width))
			for c := first; c <= last; c++ {
				from, to := max(float64(s.From), float64(c)*width), min(float64(s.To), float64(c+1)*width)
				if to > from {
					times[c][s.State] += to - from
				}
			}
		}
	}
	open := map[State]int{} // index in out of a slice that may go on
	for c, column := range times {
		alive := 0.0
		for _, d := range column {
			alive += d / width
		}
		low := 0.0
		for s, d := range column {
			if d == 0 {
				delete(open, State(s))
				continue
			}
			n := d / width
			part := slice{time.Duration(float64(c) * width), time.Duration(float64(c+1) * width), State(s),
				low, low + n/float64(len(rows)), n, alive}
			low = part.High
			if i, ok := open[State(s)]; ok && near(out[i].Low, part.Low) && near(out[i].High, part.High) {
				out[i].To = part.To
				continue
			}
			open[State(s)] = len(out)
			out = append(out, part)
		}
	}
	return out
}

func near(a, b float64) bool { return a-b < 0.02 && b-a < 0.02 }
