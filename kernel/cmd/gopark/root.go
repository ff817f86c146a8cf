package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// run is the command without the process around it: tests call it as main does.
// It returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runWith(ctx, realParts(), args, stdin, stdout, stderr)
}

func runWith(ctx context.Context, p parts, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand(p)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	return report(cmd, err, stderr)
}

func rootCommand(p parts) *cobra.Command {
	root := &cobra.Command{
		Use:   "gopark",
		Short: "Go in Jupyter notebooks, for learning concurrency",
		Long: `gopark runs Go in Jupyter notebooks: real, compiled Go, one cell at a time.

Start with gopark doctor, which says what this machine still needs.`,
		Example: `  gopark install                  # make the kernel known to Jupyter
  gopark run --inplace a.ipynb    # run a notebook without Jupyter
  echo 'fmt.Println(1+1)' | gopark exec`,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		Args:                       knownCommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().BoolP("verbose", "v", false, "say on stderr what is going on inside")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(
		runCommand(p), execCommand(p), checkCommand(p), kernelCommand(p),
		installCommand(), uninstallCommand(), doctorCommand(p),
		courseCommand(), healthCommand(),
		renderCommand(), benchCommand(), versionCommand(), guardCommand(),
	)
	return root
}

// knownCommand rejects what is no command, and names those that it could be.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	msg := fmt.Sprintf("there is no command %q", args[0])
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		msg += ", did you mean " + strings.Join(near, " or ") + "?"
	}
	return &usageError{errors.New(msg)}
}

// A usageError is a call that makes no sense.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// wrongCall makes a usageError.
func wrongCall(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// needArgs lets a command take from least to most arguments; most below 0 is no
// limit. what names them.
func needArgs(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return wrongCall("%s needs %s", cmd.Name(), what)
		case most == 0 && len(args) > 0:
			return wrongCall("%s takes no arguments, found %q", cmd.Name(), args[0])
		case most > 0 && len(args) > most:
			return wrongCall("%s takes only %s, found %q too", cmd.Name(), what, args[most])
		}
		return nil
	}
}

// A statusError ends the command with an exit status. What there is to say was
// said already.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// errStopped is the cause of a command's context ending by a signal.
var errStopped = errors.New("stopped by a signal")

// report tells the person what went wrong and returns the exit status.
func report(cmd *cobra.Command, err error, stderr io.Writer) int {
	status := (*statusError)(nil)
	usage := (*usageError)(nil)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return status.status
	case errors.Is(err, errStopped):
		fmt.Fprintln(stderr, "gopark: stopped")
		return 130
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "gopark: %v\nTry %s --help\n", err, cmd.CommandPath())
		return 2
	}
	fmt.Fprintf(stderr, "gopark: %v\n", err)
	return 1
}

// untilSignal is the context of a command that Ctrl-C ends. After the first
// signal the next one kills, as it does by default. (The kernel itself takes
// SIGINT for an interrupt of its cell, and so does not use this.)
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-signals:
			signal.Stop(signals)
			cancel(errStopped)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(context.Canceled)
		<-done
	}
}

// logger writes warnings to stderr, and everything with --verbose.
func logger(cmd *cobra.Command) *slog.Logger {
	level := slog.LevelWarn
	if on, _ := cmd.Flags().GetBool("verbose"); on {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
}
