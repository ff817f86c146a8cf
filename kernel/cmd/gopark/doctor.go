package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gopark/kernel/toolchain"
)

func doctorCommand(p parts) *cobra.Command {
	var prepare bool
	var prefix string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine still needs, and how to get it",
		Long: `Doctor looks at everything that cells and notebooks stand on, and prints for each
thing that is missing the command that mends it. With --prepare it first compiles
the standard library for cells, which otherwise happens when the first cell runs.

The exit status is 1 if something is missing without which no notebook runs.`,
		Example: `  gopark doctor
  gopark doctor --prefix .venv
  gopark doctor --prepare`,
		Args: needArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			places := searched()
			if prefix != "" {
				own, err := ofPrefix(prefix)
				if err != nil {
					return err
				}
				places = []place{own}
			}
			tools, err := p.toolchain(ctx, logger(cmd))
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			if err == nil && prepare {
				if err := prepareAll(ctx, tools, cmd.ErrOrStderr()); err != nil {
					return err
				}
			}
			e := examination{tools: tools, toolsErr: err, places: places, prefix: prefix}
			findings := e.all(ctx)
			printFindings(cmd.OutOrStdout(), findings)
			for _, f := range findings {
				if f.state == missing {
					return &statusError{1}
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&prepare, "prepare", false, "compile the standard library for cells now")
	cmd.Flags().StringVar(&prefix, "prefix", "", "look for the kernel in this environment's `FOLDER` only")
	return cmd
}

// prepareAll makes both kinds of archives. A machine without a C compiler gets
// the normal ones.
func prepareAll(ctx context.Context, tools *toolchain.Toolchain, w io.Writer) error {
	for _, kind := range []toolchain.Kind{toolchain.Normal, toolchain.Race} {
		last := ""
		err := tools.Prepare(ctx, kind, func(p toolchain.Progress) {
			line := fmt.Sprintf("preparing %s: %s", kind, p.What)
			if p.Total > 0 {
				line = fmt.Sprintf("preparing %s: %d%%", kind, 100*p.Done/p.Total/10*10)
			}
			if line != last {
				fmt.Fprintln(w, line)
				last = line
			}
		})
		if noC := (*toolchain.NoCompilerError)(nil); errors.As(err, &noC) {
			continue // the examination says so
		}
		if err != nil {
			return fmt.Errorf("prepare the packages for cells (%s): %w", kind, err)
		}
	}
	return nil
}

// A state is how bad a finding is.
type state string

const (
	good    state = "ok"
	note    state = "note"    // works, but something would be better
	missing state = "missing" // no notebook runs without it
)

// A finding is what doctor found out about one thing.
type finding struct {
	state        state
	name, detail string
	mend         string // a command, or a sentence
}

func printFindings(w io.Writer, findings []finding) {
	bad, notes := 0, 0
	for _, f := range findings {
		fmt.Fprintf(w, "%-8s %-15s %s\n", f.state, f.name, strings.ReplaceAll(f.detail, "\n", "\n"+strings.Repeat(" ", 25)))
		if f.state == good {
			continue
		}
		if f.mend != "" {
			fmt.Fprintf(w, "%25s→ %s\n", "", f.mend)
		}
		if f.state == missing {
			bad++
		} else {
			notes++
		}
	}
	switch {
	case bad > 0:
		fmt.Fprintf(w, "\n%d missing: notebooks do not run yet.\n", bad)
	case notes > 0:
		fmt.Fprintln(w, "\nNotebooks run. The notes are about comfort.")
	default:
		fmt.Fprintln(w, "\nAll is well.")
	}
}
