package compiled

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"gopark/kernel/peek"
	"gopark/kernel/process"
	"gopark/kernel/session"
)

// lookTime bounds how long the program's build takes to say what was seen. It
// takes some milliseconds, unless a package that the program imports does more
// than it should before main.
const lookTime = 5 * time.Second

// A running program, for the session to look at.
type running struct {
	engine *Engine
	path   string
	process.Running
}

func (r *running) Used() (time.Duration, bool, error) { return peek.Used(r.PID) }

// Look reads the program's memory, and lets its own build say in words what
// was read: that knows where each place in the program is.
func (r *running) Look(ctx context.Context) (session.Look, error) {
	s, err := peek.Look(r.PID, r.Ledger())
	if err != nil {
		return session.Look{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	done, err := r.engine.sup.Run(ctx, process.Command{Path: r.path, Ledger: true, Question: s.Question()}, unseen{})
	if err != nil {
		return session.Look{}, err
	}
	_, dump, ok := bytes.Cut(done.Ledger, []byte("dump\n"))
	if !ok || done.Code != 0 {
		return session.Look{}, fmt.Errorf("the program's build does not say where its goroutines are (status %d)", done.Code)
	}
	return session.Look{Dump: string(dump), Closed: s.Still() && !bytes.Contains(dump, []byte(" [IO wait]:"))}, nil
}

// unseen is a Sink for a program that has nothing to show.
type unseen struct{}

func (unseen) Write(string, []byte)                  {}
func (unseen) Display(_, _ map[string]any, _ string) {}
func (unseen) Input(context.Context, string, bool) (string, error) {
	return "", fmt.Errorf("nobody to ask")
}
