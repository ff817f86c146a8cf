package timeline

import (
	"fmt"
	"strings"

	"gopark/helpers/chart"
	"gopark/helpers/stats"
)

// Summary is the run in one sentence: "wall 43.7 ms, work 24 ms, waiting 88 %,
// most running 2, none left". Work is the time of all rows together in which they
// ran; waiting is the part of their lives in which they neither ran nor could.
func (t *Timeline) Summary() string {
	parts := []string{
		"wall " + stats.Duration(t.Wall),
		"work " + stats.Duration(t.Totals[Running]),
		"waiting " + chart.Percent(t.WaitingTime(), t.Alive()),
		fmt.Sprintf("most running %d", t.MostRunning),
	}
	switch {
	case !t.Ended:
		parts = append(parts, "broken off")
	case t.Left == 0:
		parts = append(parts, "none left")
	default:
		parts = append(parts, fmt.Sprintf("%d left", t.Left))
	}
	return strings.Join(parts, ", ")
}

// mostTableRows is how many rows a table lists.
const mostTableRows = 40

// Table lists the rows with their times in the states that occur. Rows beyond
// the fortieth are summed up in the last one.
func (t *Timeline) Table() chart.Table {
	var states []State
	for s, d := range t.Totals {
		if d > 0 {
			states = append(states, State(s))
		}
	}
	out := chart.Table{Header: []string{"goroutine", "started at", "lived"}}
	for i := range states {
		out.Header = append(out.Header, states[i].String())
		out.Right = append(out.Right, 3+i)
	}
	out.Right = append(out.Right, 2)
	var rest Row
	more := 0
	for i := range t.Rows {
		r := &t.Rows[i]
		if i >= mostTableRows {
			more++
			rest.Ended += r.Ended - r.Created
			for s, d := range r.Totals {
				rest.Totals[s] += d
			}
			continue
		}
		name := strings.Repeat("  ", r.Depth) + r.Name
		if r.Left && r.Parent >= 0 {
			name += " (left)"
		}
		out.Rows = append(out.Rows, line(name, r.Started.String(), r, states))
	}
	if more > 0 {
		out.Rows = append(out.Rows, line(fmt.Sprintf("%s more", stats.Count(more)), "", &rest, states))
	}
	return out
}

func line(name, started string, r *Row, states []State) []string {
	cells := []string{name, started, stats.Duration(r.Ended - r.Created)}
	for _, s := range states {
		text := ""
		if r.Totals[s] > 0 {
			text = stats.Duration(r.Totals[s])
		}
		cells = append(cells, text)
	}
	return cells
}
