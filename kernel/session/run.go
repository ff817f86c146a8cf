package session

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

// run starts the program and explains how it ended.
func (x *execution) run(p *cell.Program, b Build, beside string) *explain.Failure {
	x.watched = true
	inv := x.invocation(p, b, beside)
	if x.trace.on {
		if why := x.cannotTrace(p, b); why != "" {
			x.note(why)
		} else {
			inv.Trace = true
		}
	}
	e, f := x.start(inv)
	if f != nil {
		return f
	}
	x.counted(e.Goroutines)
	if inv.Trace {
		x.drawTrace(e.Trace)
	}
	if f := x.ended(p, e); f != nil {
		return f
	}
	if p.Result && len(e.Result) > 0 {
		x.result = map[string]any{"text/plain": string(e.Result)}
	}
	return nil
}

// invocation says how a built program is run.
func (x *execution) invocation(p *cell.Program, b Build, beside string) Invocation {
	args := x.args
	if p.Kind == cell.Tests {
		args = testArgs(args, p.Benchmarks)
	}
	var extra []string
	if x.race {
		// Without the detector's one second of sleep at exit.
		extra = []string{"GORACE=atexit_sleep_ms=0 halt_on_error=0 exitcode=66"}
	}
	if slices.ContainsFunc(p.Imports, func(path string) bool { return strings.HasPrefix(path, "github.com/janpfeifer/gonb/gonbui") }) {
		// Two who speak through one display pipe need to know of each other:
		// package display then gives gonbui a pipe of its own.
		extra = append(extra, "GOPARK_GONBUI=1")
	}
	now := x.current()
	inv := Invocation{Path: b.Path, Args: args, Dir: now.dir}
	if beside != "" {
		inv.Beside = []string{beside}
		extra = append(extra, "GOPARK_CHECK_RACE="+beside)
	}
	inv.Env = x.environ(now, extra...)
	// A program that imports os/signal may want to end in its own way.
	inv.Signals = slices.Contains(p.Imports, "os/signal")
	inv.Asks, inv.Reads = slices.ContainsFunc(p.Imports, mayAsk), mayRead(p)
	return inv
}

// start runs a program or a command, within the session's time limit.
func (x *execution) start(inv Invocation) (Exit, *explain.Failure) {
	ctx, cancel := x.timed()
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if inv.Watch == nil && x.watched {
		inv.Watch = func(ctx context.Context, r Running) { x.watch(ctx, r, stop) }
	}
	x.out.expectInput(inv.Reads)
	e, err := x.o.Engine.Run(ctx, inv, x.out)
	if err != nil {
		return e, x.engineFailure("the program cannot be started", err)
	}
	x.measured(e)
	errors.As(context.Cause(ctx), &x.late)
	errors.As(context.Cause(ctx), &x.dead)
	return e, nil
}

// timed is the cell's context, ended by %timeout too.
func (x *execution) timed() (context.Context, context.CancelFunc) {
	if d := x.current().timeout; d > 0 {
		return context.WithTimeoutCause(x.ctx, d, timedOut(d))
	}
	return x.ctx, func() {}
}
