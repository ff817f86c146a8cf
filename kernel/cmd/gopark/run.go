package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gopark/kernel/notebook"
)

// runOptions are the flags of run.
type runOptions struct {
	inPlace, allowErrors, noTiming, quiet, report bool
	output                                        string
	timeout                                       time.Duration
}

func runCommand(p parts) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run NOTEBOOK…",
		Short: "Run notebooks without Jupyter",
		Long: `Run executes the code cells of each notebook from top to bottom, each notebook
in a session of its own and in its own folder, and says on stderr how each cell
went. Without --inplace or --output it changes no file.

A cell that fails ends its notebook: the cells after it keep the outputs they
had. The tag raises-exception marks a cell whose error belongs there; the tag
skip-execution one that is left alone. The notebook's metadata may set
execution.timeout (seconds) and execution.allow_errors.

The exit status is 1 if a cell failed or ran out of time in any notebook.`,
		Example: `  gopark run lesson.ipynb
  gopark run --inplace notebooks/*.ipynb
  gopark run -o executed/ --timeout 2m a.ipynb b.ipynb
  gopark run -o - lesson.ipynb > executed.ipynb`,
		Args: needArgs(1, -1, "the notebooks to run"),
		RunE: func(cmd *cobra.Command, files []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return runNotebooks(ctx, cmd, p, o, files)
		},
	}
	f := cmd.Flags()
	f.BoolVarP(&o.inPlace, "inplace", "i", false, "write the outputs into the notebooks themselves")
	f.StringVarP(&o.output, "output", "o", "", "write the executed notebook to this `FILE`, into this folder, or with - to stdout")
	f.VarP((*seconds)(&o.timeout), "timeout", "t", "how long one cell may run, like 90s or 2m; 0 for ever (default: what the notebook says, or 1m)")
	f.BoolVar(&o.allowErrors, "allow-errors", false, "go on after a cell that failed")
	f.BoolVar(&o.noTiming, "no-timing", false, "store no times with the cells, for a smaller diff")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing of cells that went well")
	f.BoolVar(&o.report, "report", false, "say of each cell which goroutines there were, and are left behind")
	cmd.MarkFlagsMutuallyExclusive("inplace", "output")
	return cmd
}

// seconds is a duration flag that takes plain seconds too. As a value it is
// what notebook.Runner wants: below 0 means no limit.
type seconds time.Duration

func (s *seconds) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		if d, err = time.ParseDuration(text + "s"); err != nil {
			return errors.New("want a time like 90s or 2m")
		}
	}
	if d < 0 {
		return errors.New("a time cannot be negative")
	}
	if d == 0 {
		d = -1
	}
	*s = seconds(d)
	return nil
}

func (s *seconds) String() string {
	if *s == 0 {
		return ""
	}
	return time.Duration(max(0, *s)).String()
}

func (s *seconds) Type() string { return "TIME" }

// A job is one notebook to run.
type job struct {
	file   string // as given
	target string // where it is written; "" nowhere, "-" stdout
	before []byte
	nb     *notebook.Notebook
}

func runNotebooks(ctx context.Context, cmd *cobra.Command, p parts, o runOptions, files []string) error {
	jobs, err := readJobs(files, o)
	if err != nil {
		return err
	}
	failed := 0
	for _, j := range jobs {
		ok, err := runNotebook(ctx, cmd, p, o, j)
		if err != nil {
			return err
		}
		if !ok {
			failed++
		}
	}
	if failed > 0 {
		if len(jobs) > 1 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d notebooks failed\n", failed, len(jobs))
		}
		return &statusError{1}
	}
	return nil
}

// readJobs reads all notebooks before the first one runs: what is wrong with
// the last should not come to light after minutes.
func readJobs(files []string, o runOptions) ([]job, error) {
	into := false
	if info, err := os.Stat(o.output); err == nil && info.IsDir() || strings.HasSuffix(o.output, "/") {
		into = true
	}
	if o.output != "" && !into && len(files) > 1 {
		return nil, wrongCall("--output must be a folder when there is more than one notebook: %s is none", o.output)
	}
	var jobs []job
	var targets []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		nb, err := notebook.Read(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if l := nb.Language(); l != "" && l != "go" {
			return nil, fmt.Errorf("%s: this notebook is written in %s (kernel %q), not in Go", file, l, nb.KernelName())
		}
		j := job{file: file, target: o.output, before: data, nb: nb}
		switch {
		case o.inPlace:
			j.target = file
		case into:
			j.target = filepath.Join(o.output, filepath.Base(file))
			if slices.Contains(targets, j.target) {
				return nil, wrongCall("two notebooks would be written to %s", j.target)
			}
			targets = append(targets, j.target)
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// runNotebook runs and writes one notebook. It reports whether every cell went
// as it should; an error ends the whole command, and then nothing is written.
func runNotebook(ctx context.Context, cmd *cobra.Command, p parts, o runOptions, j job) (ok bool, err error) {
	dir, err := filepath.Abs(filepath.Dir(j.file))
	if err != nil {
		return false, err
	}
	kernel, err := p.open(ctx, logger(cmd).With(slog.String("notebook", j.file)), dir)
	if err != nil {
		return false, fmt.Errorf("%s: %w", j.file, err)
	}
	defer func() { err = errors.Join(err, kernel.close()) }()
	info, err := languageInfo(kernel.goVersion)
	if err != nil {
		return false, err
	}
	if j.nb.Metadata["kernelspec"] == nil {
		j.nb.Metadata["kernelspec"] = map[string]any{"name": kernelName, "display_name": displayName, "language": "go"}
	}
	progress := newProgress(cmd.ErrOrStderr(), o.quiet, o.report)
	progress.file(j.file)
	runner := &notebook.Runner{
		Kernel: kernel, Timeout: o.timeout, AllowErrors: o.allowErrors, OmitTiming: o.noTiming,
		LanguageInfo: info, Progress: progress.cell,
	}
	sum, err := runner.Run(ctx, j.nb)
	wrong := (*notebook.CellError)(nil)
	if err != nil && !errors.As(err, &wrong) {
		return false, fmt.Errorf("%s: %w", j.file, err)
	}
	written, err := writeNotebook(cmd.OutOrStdout(), j)
	if err != nil {
		return false, err
	}
	progress.end(sum, written)
	return wrong == nil, nil
}
