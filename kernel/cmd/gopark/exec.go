package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"gopark/kernel/notebook"
)

func execCommand(p parts) *cobra.Command {
	var timeout time.Duration
	var report bool
	cmd := &cobra.Command{
		Use:   "exec [FILE|-]",
		Short: "Run the text of one cell",
		Long: `Exec runs a file, or what comes on standard input, as one cell: a whole program,
bare statements, or anything that begins with a % command. What the cell prints
goes to stdout and stderr, of charts and tables the text. When the cell comes
from a file, standard input answers what it asks for.

The exit status is the program's, 1 if the cell could not run, and 124 if it ran
out of time.`,
		Example: `  gopark exec cell.go
  echo 'fmt.Println(runtime.NumCPU())' | gopark exec
  gopark exec --timeout 10s - < cell.go`,
		Args: needArgs(0, 1, "one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			if timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeoutCause(ctx, timeout, errOutOfTime)
				defer cancel()
			}
			file := "-"
			if len(args) == 1 {
				file = args[0]
			}
			return execCell(ctx, cmd, p, file, report)
		},
	}
	cmd.Flags().VarP((*seconds)(&timeout), "timeout", "t", "how long the cell may run, like 90s or 2m (default: for ever)")
	cmd.Flags().BoolVar(&report, "report", false, "say on stderr how long it took, and which goroutines there were and are left behind")
	return cmd
}

var errOutOfTime = errors.New("the cell ran out of time")

func execCell(ctx context.Context, cmd *cobra.Command, p parts, file string, report bool) (err error) {
	out := &terminal{stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), colour: isTerminal(cmd.ErrOrStderr())}
	var code []byte
	if file == "-" {
		code, err = io.ReadAll(cmd.InOrStdin())
	} else {
		code, err = os.ReadFile(file)
		out.input = bufio.NewReader(cmd.InOrStdin())
	}
	if err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	kernel, err := p.open(ctx, logger(cmd), dir)
	if err != nil {
		return err
	}
	defer func() {
		if bad := kernel.close(); bad != nil && err == nil {
			err = bad
		}
	}()
	reply := kernel.Execute(ctx, notebook.Request{Code: string(code), Count: 1}, out)
	if reply.Status != "ok" && !out.failed {
		out.Error(reply.Name, reply.Value, reply.Traceback)
	}
	out.end()
	if text, _ := reply.Metadata["report"].(string); report && text != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), text)
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errOutOfTime):
		fmt.Fprintln(cmd.ErrOrStderr(), "gopark:", cause)
		return &statusError{124} // as timeout(1)
	case cause != nil:
		return cause
	case reply.ExitStatus != 0:
		return &statusError{reply.ExitStatus}
	case reply.Status != "ok":
		return &statusError{1}
	}
	return nil
}
