package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"gopark/kernel/notebook"
)

// A progress tells a person, line by line, how notebooks run.
type progress struct {
	w      io.Writer
	quiet  bool
	report bool // tell of goroutines
	colour bool
}

// newProgress writes to w what will be read on terminal.
func newProgress(w, terminal io.Writer, o runOptions) *progress {
	return &progress{w: w, quiet: o.quiet, report: o.report, colour: isTerminal(terminal)}
}

func (p *progress) file(name string) { fmt.Fprintln(p.w, name) }

// cell is a notebook.Runner's Progress.
func (p *progress) cell(e notebook.Progress) {
	r := e.Result
	if r == nil || p.quiet && (r.Outcome == notebook.OK || r.Outcome == notebook.Skipped) {
		return
	}
	number := "-"
	if r.Count > 0 {
		number = fmt.Sprint(r.Count)
	}
	took := r.Duration.Round(time.Millisecond).String()
	if r.Duration < time.Millisecond {
		took = "<1ms"
	}
	line := fmt.Sprintf("%6s  %-14s  %8s", "["+number+"]", r.Outcome, took)
	if r.Outcome == notebook.Skipped {
		line = fmt.Sprintf("%6s  %s", "["+number+"]", r.Outcome)
	}
	switch r.Outcome {
	case notebook.Expected:
		line += "  " + r.Name + ": " + r.Value
		fmt.Fprintln(p.w, line)
	case notebook.Failed, notebook.TimedOut:
		fmt.Fprintln(p.w, line)
		for text := range strings.Lines(failureText(r.Name, r.Value, r.Traceback, p.colour)) {
			fmt.Fprint(p.w, "        ", text)
		}
	default:
		fmt.Fprintln(p.w, line)
	}
	if p.report && r.Report != "" {
		for text := range strings.Lines(r.Report + "\n") {
			fmt.Fprint(p.w, "        ", text)
		}
	}
}

// diffs tells which cells show something else than what is saved.
func (p *progress) diffs(j *job) {
	for _, r := range j.sum.Cells {
		diff := j.diffs[r.Index]
		if diff == "" {
			continue
		}
		fmt.Fprintf(p.w, "  differs from what is saved: %s\n", label(r, j.nb.Cells[r.Index]))
		for line := range strings.Lines(diff) {
			if p.colour {
				line = coloured(line)
			}
			fmt.Fprint(p.w, "        ", line)
		}
	}
}

// coloured is a line of a diff as terminals show it.
func coloured(line string) string {
	text := strings.TrimSuffix(line, "\n")
	switch {
	case strings.HasPrefix(text, "-"):
		return "\x1b[31m" + text + "\x1b[0m\n"
	case strings.HasPrefix(text, "+"):
		return "\x1b[32m" + text + "\x1b[0m\n"
	}
	return line
}

func (p *progress) end(s notebook.Summary, written string) {
	line := "  " + s.String()
	if written != "" {
		line += "; written to " + written
	}
	fmt.Fprintln(p.w, line)
}
