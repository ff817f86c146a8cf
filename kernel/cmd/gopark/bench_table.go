package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"gopark/helpers/stats"
)

// A benchRow is one line of bench's table.
type benchRow struct {
	name string  // as bench/bench.py knows it
	max  float64 // the ratio to GoNB that DESIGN promises; 0 when it promises none
	unit func(float64) string
}

var benchRows = []benchRow{
	{"changed fmt cell", 0.38, inSeconds},
	{"changed net/http cell", 0.42, inSeconds},
	{"changed cell, race detector on", 0.14, inSeconds},
	{"unchanged cell", 0.06, inSeconds},
	{"type error", 0.06, inSeconds},
	{"completion", 0, inSeconds}, // both ask gopls
	{"start to kernel_info", 1, inSeconds},
	{"start to first completion", 0.05, inSeconds},
	{"output, short lines", 0, inLinesPerSecond},
	{"output, long lines", 0, inBytesPerSecond},
	{"output until idle, as shipped", 0, inSeconds},
	{"many at once: kernel_info", 0, inSeconds},
	{"many at once: a cell ran", 0, inSeconds},
	{"many at once: RSS", 0, inBytes}, // summed: what processes share counts for each
	{"many at once: PSS", 0, inBytes}, // summed: it counts once
}

func inSeconds(v float64) string {
	return stats.Duration(time.Duration(v * float64(time.Second)))
}
func inLinesPerSecond(v float64) string { return stats.Number(v/1000) + "k lines/s" }
func inBytesPerSecond(v float64) string { return stats.Number(v/1e6) + " MB/s" }
func inBytes(v float64) string          { return stats.Number(v/1e6) + " MB" }

func benchRowNames(indent string) string {
	var text strings.Builder
	for _, r := range benchRows {
		text.WriteString(indent + r.name + "\n")
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// chooseRows returns the rows that have one of the parts in their names, or all
// of them when no part is given. A part that is a whole name means that row alone.
func chooseRows(parts []string) (chosen []benchRow, err error) {
	if len(parts) == 0 {
		return benchRows, nil
	}
	whole := func(part string) bool {
		return slices.ContainsFunc(benchRows, func(r benchRow) bool { return strings.EqualFold(r.name, part) })
	}
	used := make([]bool, len(parts))
	for _, r := range benchRows {
		wanted := false
		for i, part := range parts {
			name, part := strings.ToLower(r.name), strings.ToLower(part)
			if name == part || !whole(part) && strings.Contains(name, part) {
				wanted, used[i] = true, true
			}
		}
		if wanted {
			chosen = append(chosen, r)
		}
	}
	for i, part := range parts {
		if !used[i] {
			return nil, fmt.Errorf("no row has %q in its name; there are:\n%s", part, benchRowNames("  "))
		}
	}
	return chosen, nil
}

// print writes the table. kernels are ours, the one that the promises are about,
// and others.
func (m measurements) print(out io.Writer, rows []benchRow, kernels []string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	ours := kernels[0]
	fmt.Fprintf(w, "\t%s", ours)
	for _, name := range kernels[1:] {
		fmt.Fprintf(w, "\t%s\tratio, 95 %%", name)
	}
	fmt.Fprintf(w, "\twanted\t\n")
	for _, r := range rows {
		cells := []string{r.name, "not measured"}
		if values := m[r.name][ours]; len(values) > 0 {
			cells[1] = r.unit(stats.Summarize(values).Median)
		}
		verdict := []string{"", ""}
		for i, name := range kernels[1:] {
			ratio, ok := m.ratio(r.name, ours, name)
			if !ok {
				cells = append(cells, "-", "")
				continue
			}
			cells = append(cells, r.unit(stats.Summarize(m[r.name][name]).Median), fmt.Sprintf("%.3f [%.3f, %.3f]", ratio.Value, ratio.Lo, ratio.Hi))
			if i == 0 && r.max > 0 {
				verdict = []string{fmt.Sprintf("≤ %.2f", r.max), "reached"}
				if ratio.Value > r.max {
					verdict[1] = "missed"
				}
			}
		}
		fmt.Fprintln(w, strings.Join(append(cells, verdict...), "\t"))
	}
	return w.Flush()
}

// ratio compares two kernels in a row, if both were measured in every round.
func (m measurements) ratio(row, ours, theirs string) (stats.Ratio, bool) {
	a, b := m[row][ours], m[row][theirs]
	if len(a) == 0 || len(a) != len(b) {
		return stats.Ratio{}, false
	}
	return stats.RatioOf(a, b), true
}
