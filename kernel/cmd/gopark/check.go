package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gopark/helpers/check"
	"gopark/kernel/notebook"
)

// checkOptions are the flags of check.
type checkOptions struct {
	all, quiet  bool
	junit, json string
	timeout     time.Duration
	suite       suiteOptions
}

func checkCommand(p parts) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check NOTEBOOK…",
		Short: "Grade the exercises in notebooks",
		Long: `Check runs the cells of each notebook from top to bottom, as gopark run does, and
collects what the exercises' checks found. It changes no file. An exercise that
is checked more than once counts as it was checked last; a check that could not
run, because its cell failed, has failed.

With --all, it tests the exercises themselves instead: for each exercise, or for
those that are named, the stub must fail, the reference pass with many seeds and
with the race detector, and every wrong solution be told what is wrong with it.
A checker that checks nothing must not get through that.

The exit status is 1 if anything failed, or if nothing was checked.`,
		Example: `  gopark check solution.ipynb
  gopark check --junit report.xml --json report.json *.ipynb
  gopark check --all FetchAll`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.all {
				return nil
			}
			return needArgs(1, -1, "the notebooks to grade, or --all")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			if o.all {
				return checkExercises(ctx, cmd, p, o.suite, args)
			}
			return gradeNotebooks(ctx, cmd, p, o, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.junit, "junit", "", "write the result as JUnit XML to this `FILE`")
	f.StringVar(&o.json, "json", "", "write the result as JSON to this `FILE`")
	f.VarP((*seconds)(&o.timeout), "timeout", "t", "how long one cell may run, like 90s or 2m; 0 for ever (default: what the notebook says, or 1m)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "name only the exercises with a failure")
	f.BoolVar(&o.all, "all", false, "test the exercises of the course themselves")
	f.IntVar(&o.suite.seeds, "seeds", 1000, "with --all: how many seeds a reference must pass")
	f.IntVar(&o.suite.parallel, "parallel", 2, "with --all: how many solutions are tried at the same time")
	cmd.MarkFlagsMutuallyExclusive("all", "junit")
	cmd.MarkFlagsMutuallyExclusive("all", "json")
	return cmd
}

// A grade is what was found in one notebook.
type grade struct {
	File    string         `json:"file"`
	Results []check.Result `json:"results"`
	// Errors are checks that gave no result, because their cell failed.
	Errors []gradeError `json:"errors,omitempty"`
	// Broken are other cells that failed. They cost nothing.
	Broken []gradeError `json:"broken,omitempty"`

	seconds float64
}

type gradeError struct {
	Cell     int    `json:"cell"`
	Exercise string `json:"exercise,omitempty"`
	Message  string `json:"message"`
}

// failed counts the exercises that are not solved.
func (g grade) failed() int {
	n := len(g.Errors)
	for _, r := range g.Results {
		if r.Failed > 0 || r.Passed == 0 || r.Control {
			n++
		}
	}
	return n
}

func gradeNotebooks(ctx context.Context, cmd *cobra.Command, p parts, o checkOptions, files []string) error {
	jobs, err := readJobs(files, runOptions{})
	if err != nil {
		return err
	}
	var grades []grade
	failed, checked := 0, 0
	for _, j := range jobs {
		g, err := gradeNotebook(ctx, cmd, p, o, j)
		if err != nil {
			return err
		}
		printGrade(cmd.OutOrStdout(), g, o.quiet)
		grades = append(grades, g)
		failed += g.failed()
		checked += len(g.Results) + len(g.Errors)
	}
	if err := writeGrades(o, grades); err != nil {
		return err
	}
	switch {
	case checked == 0:
		fmt.Fprintln(cmd.ErrOrStderr(), "gopark: no exercise was checked: no cell calls a check, such as check.FetchAll(FetchAll)")
		return &statusError{1}
	case failed > 0:
		return &statusError{1}
	}
	return nil
}

// gradeNotebook runs one notebook to its end and collects the results.
func gradeNotebook(ctx context.Context, cmd *cobra.Command, p parts, o checkOptions, j *job) (g grade, err error) {
	g = grade{File: j.file}
	dir, err := filepath.Abs(filepath.Dir(j.file))
	if err != nil {
		return g, err
	}
	kernel, err := p.open(ctx, logger(cmd).With(slog.String("notebook", j.file)), dir)
	if err != nil {
		return g, fmt.Errorf("%s: %w", j.file, err)
	}
	defer func() { err = errors.Join(err, kernel.close()) }()
	// Grading is no try of the learner's.
	if f := setEnv(ctx, kernel, "GOPARK_CHECK_PROGRESS", "off"); f != nil {
		return g, f
	}
	runner := &notebook.Runner{Kernel: kernel, Timeout: o.timeout, AllowErrors: true, OmitTiming: true}
	sum, err := runner.Run(ctx, j.nb)
	wrong := (*notebook.CellError)(nil)
	if err != nil && !errors.As(err, &wrong) {
		return g, fmt.Errorf("%s: %w", j.file, err)
	}
	g.seconds = sum.Duration.Seconds()
	for _, c := range sum.Cells {
		g.collect(j.nb.Cells[c.Index], c)
	}
	return g, nil
}

var checkCall = regexp.MustCompile(`\bcheck\.([A-Z]\w*)\(`)

// collect takes the results out of a cell that ran.
func (g *grade) collect(cell *notebook.Cell, c notebook.Result) {
	found := map[string]bool{}
	for _, out := range cell.Outputs {
		r, ok := resultOf(out.Data())
		if !ok {
			continue
		}
		found[r.Exercise] = true
		g.drop(r.Exercise)
		g.Results = append(g.Results, r)
	}
	if c.Outcome != notebook.Failed && c.Outcome != notebook.TimedOut {
		return
	}
	e := gradeError{Cell: c.Count, Message: c.Name + ": " + c.Value}
	calls := 0
	for _, m := range checkCall.FindAllStringSubmatch(cell.Source, -1) {
		if slices.Contains([]string{"Hint", "Progress", "ResetProgress"}, m[1]) {
			continue
		}
		calls++
		if !found[m[1]] {
			g.drop(m[1])
			e.Exercise = m[1]
			g.Errors = append(g.Errors, e)
		}
	}
	if calls == 0 {
		g.Broken = append(g.Broken, e)
	}
}

// drop forgets an exercise that is checked once more.
func (g *grade) drop(exercise string) {
	g.Results = slices.DeleteFunc(g.Results, func(r check.Result) bool { return r.Exercise == exercise })
	g.Errors = slices.DeleteFunc(g.Errors, func(e gradeError) bool { return e.Exercise == exercise })
}

// resultOf reads a check's result in a display.
func resultOf(data map[string]any) (r check.Result, ok bool) {
	value, ok := data[check.MIME]
	if !ok {
		return r, false
	}
	text, err := json.Marshal(value)
	if s, is := value.(string); is {
		text, err = []byte(s), nil
	}
	if err != nil || json.Unmarshal(text, &r) != nil || r.Exercise == "" {
		return r, false
	}
	return r, true
}

// setEnv sets a variable for all cells of a kernel.
func setEnv(ctx context.Context, k notebook.Kernel, name, value string) error {
	out := &collector{}
	if r := k.Execute(ctx, notebook.Request{Code: "%env " + name + " " + value, Count: 1}, out); r.Status != "ok" {
		return fmt.Errorf("set %s: %s: %s", name, r.Name, r.Value)
	}
	return nil
}

// A collector is a publisher that keeps the results of checks, and the text of
// a failure.
type collector struct {
	results []check.Result
	failure string
	text    strings.Builder
}

func (c *collector) Stream(_, text string) { c.text.WriteString(text) }
func (c *collector) Display(data, _ map[string]any, _ string) {
	if r, ok := resultOf(data); ok {
		c.results = append(c.results, r)
	}
}
func (c *collector) Update(_, _ map[string]any, _ string)         {}
func (c *collector) Result(_, _ map[string]any)                   {}
func (c *collector) Error(name, value string, traceback []string) { c.failure = name + ": " + value }
func (c *collector) Clear(bool)                                   {}
func (c *collector) Input(context.Context, string, bool) (string, error) {
	return "", notebook.ErrNoInput
}
