package main

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gopark/helpers/stats"
)

//go:embed bench/*.py
var benchScripts embed.FS

// A benchOrder is what the script is asked for; bench/bench.py explains it.
type benchOrder struct {
	Rounds    int      `json:"rounds"`
	Kernels   []string `json:"kernels"`
	Rows      []string `json:"rows"`
	Lines     int      `json:"lines"`
	Megabytes int      `json:"megabytes"`
	Crowd     int      `json:"crowd"`
}

func benchCommand() *cobra.Command {
	order := benchOrder{}
	var python, peer string
	var only []string
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Time cells here and in GoNB, side by side, and print the ratios",
		Long: `Bench starts this kernel and a peer through jupyter_client, runs the same
cells on both in random order, round by round, and prints the medians and their
ratio with its 95 % interval. ipykernel runs along, where Python has something
to compare with. Kernels must be installed where Python's jupyter_client finds
them: make bench sees to it. ipykernel may be missing: its column is then empty.

The rows:
` + benchRowNames("  "),
		Example: `  gopark bench --rounds 30
  gopark bench --only 'type error' --only completion
  gopark bench --only output --lines 1000000
  gopark bench --only 'many at once' --crowd 5 --rounds 6`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := chooseRows(only)
			if err != nil {
				return err
			}
			if python == "" {
				python = findPython()
			}
			order.Kernels = []string{"gopark", peer, "ipykernel"}
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return bench(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr(), python, order, rows)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&order.Rounds, "rounds", 15, "how often each cell runs on each kernel; starts: 8 times at most")
	flags.StringArrayVar(&only, "only", nil, "measure only the rows with this in their `name`; may be given again")
	flags.IntVar(&order.Lines, "lines", 200_000, "how many short lines a cell prints")
	flags.IntVar(&order.Megabytes, "megabytes", 50, "how much a cell prints in lines of 1 MB")
	flags.IntVar(&order.Crowd, "crowd", 20, "how many kernels are started at once")
	flags.StringVar(&python, "python", "", "a Python that has jupyter_client (default: .venv's, or python3)")
	flags.StringVar(&peer, "peer", "gonb", "the kernel to compare with")
	return cmd
}

func findPython() string {
	for _, p := range []string{os.Getenv("GOPARK_PYTHON"), filepath.Join(".venv", "bin", "python")} {
		if _, err := os.Stat(p); p != "" && err == nil {
			return p
		}
	}
	return "python3"
}

func bench(ctx context.Context, out, errOut io.Writer, python string, order benchOrder, rows []benchRow) error {
	if order.Rounds < stats.MinSamples {
		return fmt.Errorf("%d rounds tell nothing: %d are the least", order.Rounds, stats.MinSamples)
	}
	if min(order.Lines, order.Megabytes, order.Crowd) < 1 {
		return errors.New("--lines, --megabytes and --crowd are at least 1")
	}
	for _, r := range rows {
		order.Rows = append(order.Rows, r.name)
	}
	found, err := measure(ctx, errOut, python, order)
	if err != nil {
		return fmt.Errorf("the measurement did not end well: %w", err)
	}
	if err := found.print(out, rows, order.Kernels); err != nil {
		return err
	}
	fmt.Fprintf(out, "medians of %d rounds (starts: %d), the kernels in random order within each; %s, %d processors, %s%s\n",
		order.Rounds, min(order.Rounds, 8), runtime.Version(), runtime.NumCPU(), runtime.GOOS+"/"+runtime.GOARCH, load())
	fmt.Fprintf(out, "output: %d short lines, %d MB in lines of 1 MB; at once: %d kernels, the memory of all their processes\n",
		order.Lines, order.Megabytes, order.Crowd)
	return nil
}

// measure runs the script and reads what it found. Nothing stays behind: the
// temporary files of a kernel that was killed go with the folder.
func measure(ctx context.Context, errOut io.Writer, python string, order benchOrder) (measurements, error) {
	dir, err := os.MkdirTemp("", "gopark-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	scripts, err := fs.Sub(benchScripts, "bench")
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, scripts); err != nil {
		return nil, err
	}
	text, err := json.Marshal(order)
	if err != nil {
		return nil, err
	}
	run := exec.CommandContext(ctx, python, filepath.Join(dir, "bench.py"), string(text))
	run.Env = append(os.Environ(), "TMPDIR="+dir, "PYTHONDONTWRITEBYTECODE=1")
	run.Stderr = errOut
	// It ends its kernels first.
	run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
	run.WaitDelay = 10 * time.Second
	pipe, err := run.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := run.Start(); err != nil {
		return nil, fmt.Errorf("start Python (%s): %w", python, err)
	}
	found, err := readMeasurements(pipe)
	err = errors.Join(err, run.Wait())
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		// The script has said what is wrong, and the kernels perhaps why.
		log, _ := os.ReadFile(filepath.Join(dir, "kernels.log"))
		fmt.Fprintf(errOut, "the last that the kernels wrote:\n%s\n", log[max(0, len(log)-2000):])
	}
	return found, err
}

// measurements are values by row and kernel, in the order of the rounds.
type measurements map[string]map[string][]float64

func readMeasurements(r io.Reader) (measurements, error) {
	found := measurements{}
	lines := bufio.NewScanner(r)
	var bad error
	for lines.Scan() {
		var m struct {
			Row, Kernel string
			Value       float64
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil || m.Row == "" || m.Kernel == "" || m.Value <= 0 {
			bad = errors.Join(bad, fmt.Errorf("not a measurement: %q", lines.Text()))
			continue
		}
		if found[m.Row] == nil {
			found[m.Row] = map[string][]float64{}
		}
		found[m.Row][m.Kernel] = append(found[m.Row][m.Kernel], m.Value)
	}
	return found, errors.Join(bad, lines.Err())
}

// load says how busy the machine is, where that can be known: figures of a busy
// one are worth less.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	minute, _, _ := strings.Cut(string(text), " ")
	return ", load " + minute
}
