package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"gopark/helpers/stats"
)

//go:embed bench.py
var benchScript string

// targets are the ratios that DESIGN promises; a kind without one has none.
var targets = []struct {
	kind string
	max  float64
}{
	{"changed fmt cell", 0.38},
	{"changed net/http cell", 0.42},
	{"changed cell, race detector on", 0.14},
	{"unchanged cell", 0.06},
	{"type error", 0.06},
	{"completion", 0}, // both ask gopls
	{"start to kernel_info", 1},
	{"start to first completion", 0.05},
}

func benchCommand() *cobra.Command {
	var rounds int
	var python, peer string
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Time cells here and in GoNB, side by side, and print the ratios",
		Long: `Bench starts this kernel and a peer through jupyter_client, runs the same
cells on both in random order, round by round, and prints the medians and their
ratio with its 95 % interval. Both kernels must be installed where Python's
jupyter_client finds them: make install sees to it.`,
		Example: "  gopark bench --rounds 30",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if python == "" {
				python = findPython()
			}
			return bench(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), python, peer, rounds)
		},
	}
	cmd.Flags().IntVar(&rounds, "rounds", 15, "how often each cell runs on each kernel")
	cmd.Flags().StringVar(&python, "python", "", "a Python that has jupyter_client (default: .venv's, or python3)")
	cmd.Flags().StringVar(&peer, "peer", "gonb", "the kernel to compare with")
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

type timing struct {
	Kind    string  `json:"kind"`
	Kernel  string  `json:"kernel"`
	Seconds float64 `json:"seconds"`
}

func bench(ctx context.Context, out, errOut io.Writer, python, peer string, rounds int) error {
	if rounds < stats.MinSamples {
		return fmt.Errorf("%d rounds tell nothing: %d are the least", rounds, stats.MinSamples)
	}
	run := exec.CommandContext(ctx, python, "-c", benchScript, strconv.Itoa(rounds), "gopark", peer)
	run.Stderr = errOut
	pipe, err := run.StdoutPipe()
	if err != nil {
		return err
	}
	if err := run.Start(); err != nil {
		return fmt.Errorf("start Python (%s): %w", python, err)
	}
	seconds := map[string]map[string][]float64{}
	lines := bufio.NewScanner(pipe)
	var bad error
	for lines.Scan() {
		var t timing
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			bad = errors.Join(bad, fmt.Errorf("not a timing: %q", lines.Text()))
			continue
		}
		if seconds[t.Kind] == nil {
			seconds[t.Kind] = map[string][]float64{}
		}
		seconds[t.Kind][t.Kernel] = append(seconds[t.Kind][t.Kernel], t.Seconds)
	}
	if err := errors.Join(bad, lines.Err(), run.Wait()); err != nil {
		return fmt.Errorf("the measurement did not end well: %w", err)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\t%s\tgopark\tratio\t95 %%\twanted\t\n", peer)
	for _, t := range targets {
		theirs, ours := seconds[t.kind][peer], seconds[t.kind]["gopark"]
		if len(theirs) == 0 || len(ours) == 0 {
			fmt.Fprintf(w, "%s\tnot measured\t\t\t\t\t\n", t.kind)
			continue
		}
		r := stats.RatioOf(ours, theirs)
		wanted, verdict := fmt.Sprintf("≤ %.2f", t.max), "reached"
		switch {
		case t.max == 0:
			wanted, verdict = "", ""
		case r.Value > t.max:
			verdict = "missed"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%.3f\t[%.3f, %.3f]\t%s\t%s\n", t.kind, median(theirs), median(ours), r.Value, r.Lo, r.Hi, wanted, verdict)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "medians of %d rounds, the kernels in random order within each; %s, %d processors, %s\n",
		rounds, runtime.Version(), runtime.NumCPU(), runtime.GOOS+"/"+runtime.GOARCH)
	return nil
}

func median(seconds []float64) string {
	return stats.Duration(time.Duration(stats.Summarize(seconds).Median * float64(time.Second)))
}
