package main

import (
	"fmt"
	"strings"

	"gopark/kernel/notebook"
)

// A runReport is what run writes with --json.
type runReport struct {
	Version   int              `json:"version"`
	Failed    int              `json:"failed"` // notebooks
	Notebooks []notebookReport `json:"notebooks"`
}

type notebookReport struct {
	File    string       `json:"file"`
	OK      bool         `json:"ok"`
	Seconds float64      `json:"seconds"`
	Cells   []cellReport `json:"cells"`
	NotRun  int          `json:"not_run,omitempty"` // cells after the one that ended the run
}

type cellReport struct {
	Index   int              `json:"index"` // in the notebook's list of cells, from 0
	ID      string           `json:"id"`
	Count   int              `json:"execution_count,omitempty"` // from 1; none when it was skipped
	Outcome notebook.Outcome `json:"outcome"`
	Seconds float64          `json:"seconds"`
	Error   *errorReport     `json:"error,omitempty"`
	Diff    string           `json:"diff,omitempty"` // of --check
}

type errorReport struct {
	Name      string   `json:"name"`
	Value     string   `json:"value"`
	Traceback []string `json:"traceback"`
}

// writeRunReports writes the files that were asked for.
func writeRunReports(o runOptions, jobs []*job) error {
	if err := writeJSON(o.json, reportOf(jobs)); err != nil {
		return err
	}
	return writeJUnit(o.junit, junitOfRun(jobs))
}

func reportOf(jobs []*job) runReport {
	all := runReport{Version: 1, Notebooks: []notebookReport{}}
	for _, j := range jobs {
		n := notebookReport{File: j.file, OK: j.passed(), Seconds: j.sum.Duration.Seconds(), Cells: []cellReport{}, NotRun: j.sum.Total - len(j.sum.Cells)}
		if !n.OK {
			all.Failed++
		}
		for _, r := range j.sum.Cells {
			c := cellReport{Index: r.Index, ID: r.ID, Count: r.Count, Outcome: r.Outcome, Seconds: r.Duration.Seconds(), Diff: j.diffs[r.Index]}
			if r.Name != "" {
				lines := []string{}
				for _, line := range r.Traceback {
					lines = append(lines, colours.ReplaceAllString(line, ""))
				}
				c.Error = &errorReport{r.Name, r.Value, lines}
			}
			n.Cells = append(n.Cells, c)
		}
		all.Notebooks = append(all.Notebooks, n)
	}
	return all
}

// junitOfRun makes a suite of each notebook, and a case of each code cell.
func junitOfRun(jobs []*job) junitSuites {
	var all junitSuites
	for _, j := range jobs {
		s := junitSuite{Name: j.file, Time: fmt.Sprintf("%.3f", j.sum.Duration.Seconds())}
		for _, r := range j.sum.Cells {
			cell := j.nb.Cells[r.Index]
			k := junitCase{Class: j.file, Name: plainXML(label(r, cell)), Time: fmt.Sprintf("%.3f", r.Duration.Seconds())}
			k.Out, k.Err = printed(cell, "stdout"), printed(cell, "stderr")
			diff := j.diffs[r.Index]
			switch {
			case r.Outcome == notebook.Failed || r.Outcome == notebook.TimedOut:
				k.Failure = &junitMessage{Message: plainXML(strings.TrimSuffix(r.Name+": "+r.Value, ": ")), Text: plainXML(failureText(r.Name, r.Value, r.Traceback, false))}
				s.Failures++
			case diff != "":
				k.Failure = &junitMessage{Message: "the output is not what the notebook has", Text: plainXML(diff)}
				s.Failures++
			case r.Outcome == notebook.Skipped:
				k.Skipped = &junitMessage{Message: "tagged " + notebook.TagSkip}
				s.Skipped++
			}
			s.Cases = append(s.Cases, k)
		}
		if n := j.sum.Total - len(j.sum.Cells); n > 0 {
			s.Cases = append(s.Cases, junitCase{Class: j.file, Name: "the cells after it",
				Skipped: &junitMessage{Message: fmt.Sprintf("not run: %d", n)}})
			s.Skipped++
		}
		all.add(s)
	}
	return all
}

// printed is what a cell wrote to a stream.
func printed(c *notebook.Cell, name string) string {
	var b strings.Builder
	for _, o := range c.Outputs {
		if o.Type() == "stream" && o.Name() == name {
			b.WriteString(o.Text())
		}
	}
	return plainXML(colours.ReplaceAllString(b.String(), ""))
}
