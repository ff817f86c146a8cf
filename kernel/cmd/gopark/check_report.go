package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"gopark/helpers/check"
)

// printGrade writes a notebook's table: a line for each exercise, and under it
// what failed.
func printGrade(w io.Writer, g grade, quiet bool) {
	fmt.Fprintln(w, g.File)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	solved := 0
	for _, r := range g.Results {
		ok := r.Failed == 0 && r.Passed > 0 && !r.Control
		if ok {
			solved++
		}
		if ok && quiet {
			continue
		}
		word := "FAILED"
		if ok {
			word = "ok"
		}
		fmt.Fprintf(t, "  %-6s\t%s\t%s\n", word, r.Exercise, r.Summary())
		if r.Message != "" {
			fmt.Fprintf(t, "  \t\t%s\n", r.Message)
		}
		for _, c := range r.Checks {
			if c.Status == check.NotRun {
				fmt.Fprintf(t, "  \t\tnot run: %s: %s\n", c.Name, c.Message)
			}
		}
	}
	for _, e := range g.Errors {
		fmt.Fprintf(t, "  FAILED\t%s\tnot checked: cell [%d] failed: %s\n", e.Exercise, e.Cell, e.Message)
	}
	t.Flush()
	for _, e := range g.Broken {
		fmt.Fprintf(w, "  (cell [%d], which checks nothing, failed: %s)\n", e.Cell, e.Message)
	}
	fmt.Fprintf(w, "  %d of %d exercises solved\n", solved, len(g.Results)+len(g.Errors))
}

// writeGrades writes the files that were asked for.
func writeGrades(o checkOptions, grades []grade) error {
	failed := 0
	for _, g := range grades {
		failed += g.failed()
	}
	if err := writeJSON(o.json, map[string]any{"version": 1, "failed": failed, "notebooks": grades}); err != nil {
		return err
	}
	return writeJUnit(o.junit, junitOf(grades))
}

// The elements of JUnit's format that all of its readers know.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Skipped *junitMessage `xml:"skipped"`
	Time    string        `xml:"time,attr,omitempty"`
	Out     string        `xml:"system-out,omitempty"`
	Err     string        `xml:"system-err,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// junitOf makes a suite of each notebook, and a case of each check.
func junitOf(grades []grade) junitSuites {
	var all junitSuites
	for _, g := range grades {
		s := junitSuite{Name: g.File, Time: fmt.Sprintf("%.3f", g.seconds)}
		for _, r := range g.Results {
			for _, c := range r.Checks {
				k := junitCase{Class: r.Exercise, Name: c.Name}
				m := &junitMessage{Message: plainXML(c.Message), Text: c.What}
				switch {
				case r.Control || c.Status == check.NotRun:
					k.Skipped = m
					s.Skipped++
				case c.Status == check.Failed:
					k.Failure = m
					s.Failures++
				}
				s.Cases = append(s.Cases, k)
			}
		}
		for _, e := range g.Errors {
			s.Cases = append(s.Cases, junitCase{Class: e.Exercise, Name: "can be checked",
				Error: &junitMessage{Message: plainXML(e.Message), Text: fmt.Sprintf("cell [%d] failed", e.Cell)}})
			s.Errors++
		}
		all.add(s)
	}
	return all
}

// add counts a suite's cases and takes it in.
func (all *junitSuites) add(s junitSuite) {
	s.Tests = len(s.Cases)
	all.Tests += s.Tests
	all.Failures += s.Failures
	all.Errors += s.Errors
	all.Skipped += s.Skipped
	all.Suites = append(all.Suites, s)
}

// plainXML leaves out what XML cannot hold, such as the escapes of colours.
func plainXML(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}
