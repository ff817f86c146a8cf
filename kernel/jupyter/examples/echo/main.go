// Echo is a kernel that shows a cell's text: echo CONNECTION-FILE. A few
// first words do more: fail, sleep DURATION, ask PROMPT, flood COUNT.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"gopark/kernel/jupyter"
)

type echo struct{}

func (echo) Info() jupyter.Info {
	return jupyter.Info{Implementation: "echo", Version: "1", Banner: "echo",
		Language: jupyter.Language{Name: "text", Version: "1", MIMEType: "text/plain", FileExtension: ".txt"}}
}

func (echo) Execute(ctx context.Context, req jupyter.ExecuteRequest, out jupyter.Publisher) jupyter.ExecuteReply {
	word, rest, _ := strings.Cut(req.Code, " ")
	err := error(nil)
	switch word {
	case "fail":
		err = fmt.Errorf("failed as told")
	case "sleep":
		d, _ := time.ParseDuration(rest)
		ctx, cancel := context.WithTimeoutCause(ctx, d, nil)
		defer cancel()
		if <-ctx.Done(); context.Cause(ctx) != context.DeadlineExceeded {
			err = context.Cause(ctx)
		}
	case "ask":
		rest, err = out.Input(ctx, rest, false)
		out.Stream("stdout", rest)
	case "flood":
		n, _ := strconv.Atoi(rest)
		for i := range n {
			out.Stream("stdout", strconv.Itoa(i)+"\n")
		}
	default:
		out.Stream("stdout", req.Code)
	}
	if err == nil {
		return jupyter.ExecuteReply{}
	}
	f := &jupyter.Failure{Name: "Error", Value: err.Error(), Traceback: []string{err.Error()}}
	out.Error(f.Name, f.Value, f.Traceback)
	return jupyter.ExecuteReply{Failure: f}
}

func (echo) Complete(_ context.Context, _ string, at int) jupyter.CompleteReply {
	return jupyter.CompleteReply{Start: at, End: at}
}
func (echo) Inspect(context.Context, string, int, int) (reply jupyter.InspectReply) { return }
func (echo) IsComplete(context.Context, string) jupyter.IsCompleteReply {
	return jupyter.IsCompleteReply{Status: "complete"}
}
func (echo) Shutdown(bool) {}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	conn, err := jupyter.ReadConnection(path)
	if err != nil {
		return err
	}
	srv, err := jupyter.Listen(conn, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	ctx, stop := jupyter.WithParent(context.Background(), jupyter.ParentPID())
	defer stop()
	return srv.Serve(ctx, echo{})
}
