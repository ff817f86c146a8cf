package session

import (
	"fmt"
	"strings"
	"time"

	"gopark/helpers/stats"
	"gopark/kernel/explain"
)

// A ReportMode says when the line about a cell's run is shown.
type ReportMode int

const (
	// ReportOn shows it when the cell started goroutines, took a while, or left
	// something behind.
	ReportOn ReportMode = iota
	// ReportOff never shows it. Its figures are in the Reply all the same.
	ReportOff
	// ReportFull shows it after every program, with memory and processor time.
	ReportFull
)

// reportMark is the metadata of the kernel's own displays, reports and
// explanations: who compares what cells
// show, or keeps it, can tell them from the cell's own.
func reportMark() map[string]any {
	return map[string]any{"gopark": map[string]any{"report": true}}
}

// slow is from when on a run's time is worth a line.
const slow = 100 * time.Millisecond

func setReport(x *execution, args, _ string) error {
	modes := map[string]ReportMode{"on": ReportOn, "off": ReportOff, "full": ReportFull, "": ReportOn}
	mode, ok := modes[args]
	if !ok {
		return fmt.Errorf("it takes on, off or full, not %q", args)
	}
	x.set(func(s *settings) { s.report = mode })
	return nil
}

// counted notes what is known of a program's goroutines.
func (x *execution) counted(g Goroutines) {
	if g.Created == 0 {
		return
	}
	r := &x.report
	r.Counted, r.Created = true, g.Created
	// A bound that says no more than the number of all says nothing.
	if g.AtMost > 0 && g.AtMost < g.Created {
		r.AtMost = g.AtMost
	}
	r.Left, r.Leaked, r.cut = g.left()
	if r.Left > 0 && g.Dump != "" {
		x.left = explain.Leaks(g.Dump, x.source)
	}
}

// left is how many goroutines main left behind, how many of them can never go
// on, and whether there may be more.
func (g Goroutines) left() (left, leaked int, cut bool) {
	if g.Dump == "" {
		return max(0, g.Live-1), 0, false
	}
	// What packages keep for themselves, connections in reserve or the listener
	// for signals, nobody has forgotten to wait for.
	rest := explain.LeftBehind(g.Dump)
	if rest.Cut {
		return max(rest.Left, g.Live-1), rest.Leaked, true
	}
	// One that had never run may have ended before the dump: main did not wait for
	// it. Another that is gone was about to end when it was counted.
	return rest.Left + max(0, min(g.Live-1-rest.Listed, g.Unstarted-rest.Runnable)), rest.Leaked, false
}

// showReport shows the report of a program, and what it left behind.
func (x *execution) showReport(pub Publisher) {
	if x.dry || x.report.Run == 0 || x.report.Kind == "command" || x.repeat > 0 {
		return
	}
	r := &x.report
	mode := x.current().report
	if mode == ReportOff || mode == ReportOn && !r.worth() {
		return
	}
	data := muted(r.line(mode == ReportFull))
	if x.left != nil {
		page := x.left.HTML()
		if r.Leaked == 0 {
			// A server in the background is no fault: the list is there for who
			// wants it.
			page = `<details style="font-size:90%"><summary style="cursor:pointer;opacity:0.65">still running when main returned</summary>` + page + `</details>`
		}
		data["text/html"] = data["text/html"].(string) + page
		data["text/plain"] = data["text/plain"].(string) + "\n" + x.left.Text()
	}
	pub.Display(data, reportMark(), "")
}

// worth reports whether there is something to tell.
func (r *Report) worth() bool {
	return (r.Kind == "main" || r.Kind == "statements") && (r.Created > 1 || r.Run >= slow || r.Left > 0)
}

// ReportText is the report as text, with the goroutines that were left behind;
// "" when there is nothing to tell.
func (r Reply) ReportText() string {
	if !r.Report.worth() {
		return ""
	}
	text := r.Report.line(false)
	if r.Left != nil {
		text += "\n" + r.Left.Text()
	}
	return text
}

func (r *Report) line(full bool) string {
	parts := []string{"ran " + milliseconds(r.Run)}
	if r.Cached {
		parts = append(parts, "built before")
	} else {
		parts = append(parts, "built "+milliseconds(r.Build))
	}
	if r.Counted && (r.Created > 1 || full) {
		text := fmt.Sprintf("%s goroutines", stats.Count(r.Created))
		if r.Created == 1 {
			text = "1 goroutine"
		}
		if r.AtMost > 0 {
			text += fmt.Sprintf(", never more than %s at once", stats.Count(r.AtMost))
		}
		text += fmt.Sprintf(", %s left behind", stats.Count(r.Left))
		if r.Leaked > 0 {
			some := ""
			if r.cut {
				some = "at least "
			}
			text += fmt.Sprintf(" (%s%s leaked)", some, stats.Count(r.Leaked))
		}
		parts = append(parts, text)
	}
	if full {
		parts = append(parts, "processor "+milliseconds(r.CPU))
		if r.MaxRSS > 0 {
			parts = append(parts, "memory "+size(r.MaxRSS))
		}
		if r.Race {
			parts = append(parts, "race detector on")
		}
		if r.Fallback != "" {
			parts = append(parts, "by go build")
		}
	}
	return strings.Join(parts, " · ")
}

// milliseconds is a time as it reads well in a line.
func milliseconds(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
