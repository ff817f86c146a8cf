package timeline

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gopark/helpers/chart"
	"gopark/helpers/stats"
)

// The bounds of a picture. A folded one and its open one together stay below a
// megabyte of JSON, and draw in well under two seconds.
const (
	mostRows    = 40  // before rows are folded into bands
	mostLanes   = 16  // of a picture with bands
	mostOpen    = 300 // of the open one
	mostSpans   = 3000
	mostEdges   = 400
	mostCounts  = 500
	bandColumns = 160
	mostLetters = 34 // of a label
)

// Chart draws the run: a line for each goroutine, coloured by what it does, with
// thin lines from who woke to who was woken and dotted ones to who was started,
// and under it, on the same axis, how many ran and how many wanted to. More rows
// than 40 are folded into bands, which a button opens.
func (t *Timeline) Chart(title string) chart.Chart {
	most := mostRows
	if len(t.Rows) > mostRows {
		most = mostLanes
	}
	c := t.draw(title, t.lanes(most))
	if len(t.Rows) > mostRows {
		open := t.draw(title, t.lanes(mostOpen))
		c.Open = &open
	}
	c.Text = title + ": " + t.Summary() + ".\n" + t.Table().String()
	return c
}

// draw makes the picture of some lanes.
func (t *Timeline) draw(title string, lanes []lane) chart.Chart {
	unit := stats.UnitFor(max(t.Wall, 1))
	in := func(d time.Duration) float64 { return math.Round(unit.Of(d)*1e4) / 1e4 }

	var labels []string
	place := make([]int, len(t.Rows)) // the slot of a row that has one of its own, or -1
	for i := range place {
		place[i] = -1
	}
	width := 60
	items := [NumStates][]any{}
	add := func(s State, values []any, hover string) {
		items[s] = append(items[s], map[string]any{"value": values, "name": hover})
	}
	step := t.step(lanes)
	for _, l := range lanes {
		slot := len(labels)
		label := clip(l.label, mostLetters)
		labels = append(labels, label)
		width = max(width, 7*len([]rune(label)))
		if !l.band() {
			r := &t.Rows[l.rows[0]]
			place[l.rows[0]] = slot
			for _, s := range resolved(r.Spans, step) {
				add(s.State, []any{slot, in(s.From), in(s.To), 0, 0}, r.hover(s))
			}
			continue
		}
		labels = append(labels, "", "")
		for _, s := range t.band(l.rows, bandColumns) {
			// From the bottom up; what is there at all is seen.
			bottom := 2 - s.Low*bandSlots
			top := min(2-s.High*bandSlots, bottom-0.05)
			add(s.State, []any{slot + 1, in(s.From), in(s.To), round3(top), round3(bottom)},
				fmt.Sprintf("%s\n%s: %s of %s\nat %s", strings.TrimLeft(l.label, "\u2003"), s.State,
					stats.Number(s.Rows), stats.Number(s.Of), stats.Duration(s.From)))
		}
	}

	series := []any{}
	for s := range items {
		if len(items[s]) > 0 {
			series = append(series, map[string]any{"type": "custom", "renderItem": "gantt", "name": State(s).String(),
				"color": State(s).Color(), "clip": true, "xAxisIndex": 0, "yAxisIndex": 0,
				"encode": map[string]any{"x": []any{1, 2}, "y": 0}, "data": items[s]})
		}
	}
	starts, wakes, more := t.links(place, in)
	for _, l := range []struct {
		name   string
		data   []any
		dashed bool
	}{{"starts", starts, true}, {"wakes", wakes, false}} {
		if len(l.data) > 0 {
			series = append(series, map[string]any{"type": "custom", "renderItem": "link", "name": l.name, "clip": true,
				"xAxisIndex": 0, "yAxisIndex": 0, "encode": map[string]any{"x": 0, "y": 1}, "data": l.data,
				"itemPayload": map[string]any{"dashed": l.dashed, "opacity": round3(min(0.8, max(0.25, 40/float64(len(l.data)))))}})
		}
	}
	most, interval := steps(t.counts(in, &series))

	// The parts below each other, in pixels.
	summary := t.Summary()
	if more > 0 {
		summary += fmt.Sprintf("; the first %d of %s wake-ups are drawn", mostEdges, stats.Count(more+mostEdges))
	}
	names := make([]string, 0, len(series))
	for _, s := range series {
		names = append(names, s.(map[string]any)["name"].(string))
	}
	const legend = 46
	top := legend + 4 + 26*legendLines(names)
	const row, gap, below, axis, zoom = 18, 26, 72, 34, 30
	height := row * len(labels)
	left := width + 16
	labelled := map[string]any{"interval": 0, "width": width, "overflow": "truncate", "align": "left", "margin": width + 4}
	x := func(index int, show bool) map[string]any {
		a := map[string]any{"type": "value", "gridIndex": index, "min": 0, "max": in(max(t.Wall, 1)),
			"axisLabel": map[string]any{"show": show, "showMaxLabel": false}, "axisTick": map[string]any{"show": show},
			"splitLine": map[string]any{"show": true}}
		if show {
			a["name"], a["nameLocation"], a["nameGap"] = unit.Name, "end", 6
		}
		return a
	}
	option := map[string]any{
		"title":   map[string]any{"text": title, "subtext": summary},
		"legend":  map[string]any{"top": legend, "icon": "roundRect", "itemWidth": 12, "itemHeight": 12, "itemGap": 12},
		"tooltip": map[string]any{"trigger": "item", "formatter": "{b}"},
		"grid": []any{
			map[string]any{"left": left, "right": 40, "top": top, "height": height, "outerBoundsMode": "none"},
			map[string]any{"left": left, "right": 40, "top": top + height + gap, "height": below, "outerBoundsMode": "none"},
		},
		"xAxis": []any{x(0, false), x(1, true)},
		"yAxis": []any{
			map[string]any{"type": "category", "gridIndex": 0, "data": labels, "inverse": true, "axisLabel": labelled,
				"axisTick": map[string]any{"show": false}, "axisLine": map[string]any{"show": false}},
			map[string]any{"type": "value", "gridIndex": 1, "min": 0, "max": most, "interval": interval,
				"name": "at once", "nameLocation": "middle", "nameGap": 30},
		},
		"dataZoom": []any{
			map[string]any{"type": "inside", "xAxisIndex": []any{0, 1}, "filterMode": "weakFilter", "zoomOnMouseWheel": "shift", "moveOnMouseMove": true},
			map[string]any{"type": "slider", "xAxisIndex": []any{0, 1}, "filterMode": "weakFilter", "height": 16, "bottom": 8, "showDetail": false, "showDataShadow": false, "brushSelect": false},
		},
		"series":    series,
		"animation": false,
	}
	alt := title + ": " + t.Summary() + "."
	if lints := t.Lints(); len(lints) > 0 {
		alt += " " + strings.Join(lints, ". ") + "."
	}
	option["aria"] = map[string]any{"enabled": true, "label": map[string]any{"description": alt}}
	return chart.Chart{Option: option, Height: top + height + gap + below + axis + zoom, Alt: alt}
}

func round3(x float64) float64 { return math.Round(x*1000) / 1000 }

// hover is what is said of a span.
func (r *Row) hover(s Span) string {
	text := fmt.Sprintf("%s\n%s, %s", r.label(), s.State, stats.Duration(s.To-s.From))
	if s.Why != "" {
		text += " (" + s.Why + ")"
	}
	if s.At.Line > 0 {
		text += "\nat " + s.At.String()
	}
	return text
}

// step is the shortest time that the picture of some lanes shows: a pixel of it,
// or more where that would be too many spans.
func (t *Timeline) step(lanes []lane) time.Duration {
	for step := t.Wall / 1600; ; step = step*2 + 1 {
		n := 0
		for _, l := range lanes {
			if !l.band() {
				n += len(resolved(t.Rows[l.rows[0]].Spans, step))
			}
		}
		if n <= mostSpans {
			return step
		}
	}
}

// links are the lines between rows that have a slot each: who started whom, and
// who woke whom; more is how many of the latter are left out.
func (t *Timeline) links(place []int, in func(time.Duration) float64) (starts, wakes []any, more int) {
	for i := range t.Rows {
		r := &t.Rows[i]
		if r.Parent < 0 || place[i] < 0 {
			continue
		}
		from := place[i] // a parent inside a band: the mark alone
		if place[r.Parent] >= 0 {
			from = place[r.Parent]
		}
		starts = append(starts, map[string]any{"value": []any{in(r.Created), from, place[i]},
			"name": fmt.Sprintf("%s started %s\nat %s", t.Rows[r.Parent].label(), r.Name, r.Started)})
	}
	for _, e := range t.Edges {
		from, to := place[e.From], place[e.To]
		if from < 0 || to < 0 || from == to {
			continue
		}
		if len(wakes) == mostEdges {
			more++
			continue
		}
		wakes = append(wakes, map[string]any{"value": []any{in(e.At), from, to},
			"name": fmt.Sprintf("%s woke %s, which was %s\nat %s", t.Rows[e.From].label(), t.Rows[e.To].label(), e.Was, e.By)})
	}
	return starts, wakes, more
}

// clip shortens a label to at most so many letters. Its end stays, which says where
// the goroutine was started.
func clip(label string, most int) string {
	letters := []rune(label)
	if len(letters) <= most {
		return label
	}
	end := []rune(label[max(0, strings.LastIndexByte(label, ' ')):])
	if len(end) > most/2 {
		return string(letters[:most-1]) + "…"
	}
	return string(letters[:most-1-len(end)]) + "…" + string(end)
}

// legendLines is how many lines a legend of these names fills, about. More states than fit
// into one are wrapped: one that has to be paged through hides what it explains.
func legendLines(names []string) int {
	const width, mark, letter = 740, 12 + 5 + 12, 6
	lines, x := 1, 0
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue // the areas below the rows have the names of their states
		}
		item := mark + letter*len([]rune(name))
		if x+item > width {
			lines, x = lines+1, 0
		}
		x += item
	}
	return lines
}

// steps are the end and the interval of an axis that counts to most: whole numbers,
// and three of them at most.
func steps(most int) (end, interval int) {
	for tens := 1; ; tens *= 10 {
		for _, n := range []int{1, 2, 5} {
			if interval := n * tens; most <= 3*interval {
				return (most + interval - 1) / interval * interval, interval
			}
		}
	}
}

// counts adds the areas under the rows, and returns the highest of their sums.
func (t *Timeline) counts(in func(time.Duration) float64, series *[]any) int {
	counts := thin(t.Counts, t.Wall, mostCounts)
	var running, ready []any
	most := max(1, t.Procs)
	for _, c := range counts {
		running = append(running, []any{in(c.At), c.Running})
		ready = append(ready, []any{in(c.At), c.Runnable})
		most = max(most, c.Running+c.Runnable)
	}
	for i, s := range []struct {
		state State
		data  []any
	}{{Running, running}, {Runnable, ready}} {
		area := map[string]any{"type": "line", "name": s.state.String(), "color": s.state.Color(), "step": "end", "stack": "counts",
			"xAxisIndex": 1, "yAxisIndex": 1, "symbol": "none", "lineStyle": map[string]any{"width": 0},
			"areaStyle": map[string]any{"opacity": 0.9}, "silent": true, "data": s.data}
		if i == 0 && t.Procs > 0 {
			area["markLine"] = map[string]any{"silent": true, "symbol": "none", "data": []any{map[string]any{"yAxis": t.Procs}},
				"label":     map[string]any{"formatter": fmt.Sprintf("GOMAXPROCS %d", t.Procs), "position": "insideEndTop", "fontSize": 10},
				"lineStyle": map[string]any{"type": "dashed", "width": 1}}
		}
		*series = append(*series, area)
	}
	return most
}

// thin keeps, of more than most counts, the highest in each of most equal times.
func thin(counts []Count, wall time.Duration, most int) []Count {
	if len(counts) <= most {
		return counts
	}
	width := wall/time.Duration(most) + 1
	var out []Count
	column := time.Duration(-1)
	for _, c := range counts {
		if at := c.At / width; at != column {
			column = at
			out = append(out, Count{at * width, c.Running, c.Runnable})
			continue
		}
		last := &out[len(out)-1]
		last.Running, last.Runnable = max(last.Running, c.Running), max(last.Runnable, c.Runnable)
	}
	return out
}
