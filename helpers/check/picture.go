package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopark/helpers/chart"
	"gopark/helpers/stats"
)

// A picture is a run on the bubble's clock: one lane for the learner's function,
// one for each call of a probe.
type picture struct {
	Lanes []lane
	// Shown is where the axis ends. A lane that ends far behind all others is
	// cut off there; it would squeeze the others to nothing.
	Shown time.Duration
	// More counts the calls that are left out.
	More int `json:",omitempty"`
}

type lane struct {
	Name     string
	From, To time.Duration
	State    string
}

// cut says that the lane goes on behind the picture's edge.
func (p *picture) cut(l lane) bool { return l.To > p.Shown }

// The states of lanes, in the order of the legend.
const (
	stateYours   = "your function"
	stateCall    = "under way"
	stateFailed  = "ended with an error"
	stateStopped = "stopped by its context"
	stateNever   = "never ended"
)

var stateColors = []struct{ state, color string }{
	{stateYours, "#0072b2"}, {stateCall, "#56b4e9"}, {stateFailed, "#d55e00"},
	{stateStopped, "#e69f00"}, {stateNever, "#cc79a7"},
}

// mostLanes is how many calls a picture shows.
const mostLanes = 40

// picture is what the last Run of t looked like, or nil when no probe saw it.
func (t *T) picture() *picture {
	if len(t.runs) == 0 {
		return nil
	}
	last := t.runs[len(t.runs)-1]
	p := &picture{}
	for _, probe := range t.probes {
		for _, c := range probe.Calls() {
			l := lane{Name: fmt.Sprint(probe.noun, " ", c.Key), From: c.Start, To: c.End, State: stateCall}
			switch {
			case !c.Done:
				l.To, l.State = last.end, stateNever
			case c.Stopped:
				l.State = stateStopped
			case c.Failed:
				l.State = stateFailed
			}
			p.Lanes = append(p.Lanes, l)
		}
	}
	if len(p.Lanes) == 0 {
		return nil
	}
	slices.SortStableFunc(p.Lanes, func(a, b lane) int { return cmp.Compare(a.From, b.From) })
	if len(p.Lanes) > mostLanes {
		p.More = len(p.Lanes) - mostLanes
		p.Lanes = p.Lanes[:mostLanes]
	}
	yours := lane{State: stateYours, To: last.took}
	if !last.returned {
		yours.State, yours.To = stateNever, last.end
	}
	p.Lanes = slices.Insert(p.Lanes, 0, yours)
	p.Shown = edge(p.Lanes)
	return p
}

// edge is where a picture of lanes should end.
func edge(lanes []lane) time.Duration {
	var ends []time.Duration
	for _, l := range lanes {
		ends = append(ends, l.To)
	}
	slices.Sort(ends)
	for i := len(ends) - 1; i > 0; i-- {
		if ends[i] > 10*ends[i-1] && ends[i-1] > 0 && len(ends)-i <= 2 {
			return ends[i-1] + ends[i-1]/4
		}
	}
	return max(1, ends[len(ends)-1])
}

// chart draws the picture; name is that of the learner's function.
func (p *picture) chart(name string) chart.Chart {
	lanes := slices.Clone(p.Lanes)
	lanes[0].Name = name
	title := "Your run, on the check's own clock"
	sub := fmt.Sprintf("%s returned after %s", name, stats.Duration(lanes[0].To))
	if lanes[0].State == stateNever {
		sub = name + " did not return"
	}
	for i, l := range lanes {
		if p.cut(l) {
			lanes[i].Name += " → " + stats.Duration(l.To)
		}
	}
	if p.More > 0 {
		sub += fmt.Sprintf("; the first %d of %d calls are drawn", len(lanes)-1, len(lanes)-1+p.More)
	}
	unit := stats.UnitFor(p.Shown)
	in := func(d time.Duration) float64 { return float64(int64(unit.Of(d)*1000+0.5)) / 1000 }
	var names []string
	width := 60
	series := []any{}
	for _, l := range lanes {
		names = append(names, l.Name)
		width = min(max(width, 7*len([]rune(l.Name))), 220)
	}
	for _, s := range stateColors {
		var data []any
		for i, l := range lanes {
			if l.State == s.state {
				data = append(data, []any{i, in(l.From), in(min(l.To, p.Shown))})
			}
		}
		if len(data) > 0 {
			series = append(series, map[string]any{"type": "custom", "renderItem": "gantt", "name": s.state, "color": s.color,
				"clip": true, "encode": map[string]any{"x": []any{1, 2}, "y": 0}, "data": data})
		}
	}
	const top, bottom, row = 76, 44, 17
	option := map[string]any{
		"title":     map[string]any{"text": title, "subtext": sub},
		"legend":    map[string]any{"top": 44, "icon": "roundRect", "itemWidth": 12, "itemHeight": 12},
		"tooltip":   map[string]any{"trigger": "item"},
		"grid":      map[string]any{"left": width + 16, "right": 24, "top": top, "bottom": bottom, "outerBoundsMode": "none"},
		"xAxis":     map[string]any{"type": "value", "name": unit.Name, "nameLocation": "middle", "nameGap": 24, "min": 0, "max": in(p.Shown), "axisLabel": map[string]any{"showMaxLabel": false}},
		"yAxis":     map[string]any{"type": "category", "data": names, "inverse": true, "axisLabel": map[string]any{"interval": 0, "width": width, "overflow": "truncate"}},
		"series":    series,
		"animation": false,
	}
	text := p.text(lanes)
	alt := title + ": " + sub + ". " + strings.Join(p.sentences(lanes), "; ") + "."
	option["aria"] = map[string]any{"enabled": true, "label": map[string]any{"description": alt}}
	return chart.Chart{Option: option, Height: top + bottom + row*len(lanes), Alt: alt, Text: title + ": " + sub + ".\n" + text}
}

func (p *picture) sentences(lanes []lane) (all []string) {
	for i, l := range lanes {
		if i == 12 {
			return append(all, "and so on")
		}
		all = append(all, fmt.Sprintf("%s from %s to %s", l.Name, stats.Duration(l.From), stats.Duration(l.To)))
	}
	return all
}

// text draws with characters.
func (p *picture) text(lanes []lane) string {
	const columns = 48
	width := 0
	for _, l := range lanes {
		width = max(width, len([]rune(l.Name)))
	}
	marks := map[string]string{stateYours: "#", stateCall: "=", stateFailed: "x", stateStopped: "/", stateNever: "?"}
	var b strings.Builder
	for _, l := range lanes {
		at := func(d time.Duration) int { return int(float64(d) / float64(p.Shown) * columns) }
		from, to := at(l.From), at(l.To)
		from = min(from, columns-1)
		to = min(max(to, from+1), columns)
		end := "|"
		if p.cut(l) {
			end = ">"
		}
		pad := strings.Repeat(" ", width-len([]rune(l.Name)))
		fmt.Fprintf(&b, "  %s%s |%s%s%s%s %s to %s\n", l.Name, pad,
			strings.Repeat(" ", from), strings.Repeat(marks[l.State], to-from), strings.Repeat(" ", columns-to), end,
			stats.Duration(l.From), stats.Duration(l.To))
	}
	return b.String()
}
