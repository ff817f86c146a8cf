package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"
)

// runOptions are the flags of run.
type runOptions struct {
	inPlace, allowErrors, noTiming, quiet, report bool
	output, html, junit, json                     string
	timeout                                       time.Duration
	atOnce                                        int
	params, ignore                                []string
	check                                         bool
}

func runCommand(p parts) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run NOTEBOOK…",
		Short: "Run notebooks without Jupyter",
		Long: `Run executes the code cells of each notebook from top to bottom, each notebook
in a session of its own and in its own folder, and says on stderr how each cell
went. Without --inplace, --output or --html it writes no file.

A cell that fails ends its notebook: the cells after it keep the outputs they
had. The tag raises-exception marks a cell whose error belongs there; the tag
skip-execution one that is left alone. The notebook's metadata may set
execution.timeout (seconds) and execution.allow_errors.

With --check the outputs must be those that are saved in the notebook, but for
times, dates, addresses, ids of goroutines and processes, and whatever an
--ignore matches. Pictures are not compared; of a cell tagged output-varies only
the kinds of its outputs are.

With --params the variables and constants that the cell tagged parameters
declares get other values: a cell that declares them anew is put after it.

The exit status is 1 if in any notebook a cell failed, ran out of time, or showed
something else than --check allows.`,
		Example: `  gopark run lesson.ipynb
  gopark run --inplace notebooks/*.ipynb
  gopark run -o executed/ --timeout 2m a.ipynb b.ipynb
  gopark run -o - lesson.ipynb > executed.ipynb
  gopark run --check -j 4 notebooks/*.ipynb
  gopark run --check --ignore 'seed \d+' --junit report.xml lesson.ipynb
  gopark run -p n=1000 -p timeout=2m -p name=Ada -o out.ipynb lesson.ipynb
  gopark run --html site/ notebooks/*.ipynb`,
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
	f.StringVar(&o.html, "html", "", "write the executed notebook as one HTML page to this `FILE` or into this folder")
	f.StringVar(&o.junit, "junit", "", "write how each cell went as JUnit XML to this `FILE`")
	f.StringVar(&o.json, "json", "", "write how each cell went as JSON to this `FILE`")
	f.VarP((*seconds)(&o.timeout), "timeout", "t", "how long one cell may run, like 90s or 2m; 0 for ever (default: what the notebook says, or 1m)")
	f.BoolVar(&o.allowErrors, "allow-errors", false, "go on after a cell that failed")
	f.BoolVar(&o.check, "check", false, "the outputs must be those that the notebook has")
	f.StringArrayVar(&o.ignore, "ignore", nil, "with --check: what matches this `REGEXP` may differ; may be repeated")
	f.StringArrayVarP(&o.params, "params", "p", nil, "set a parameter of the notebook, as in `NAME=VALUE`; may be repeated")
	f.IntVarP(&o.atOnce, "jobs", "j", 1, "run this many notebooks at once: times that cells measure suffer")
	f.BoolVar(&o.noTiming, "no-timing", false, "store no times with the cells, for a smaller diff")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing of cells that went well")
	f.BoolVar(&o.report, "report", false, "say of each cell which goroutines there were, and are left behind")
	cmd.MarkFlagsMutuallyExclusive("inplace", "output")
	cmd.MarkFlagsMutuallyExclusive("inplace", "check")
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
