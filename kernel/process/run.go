package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Run runs one child to its end. The end of ctx is an interrupt, whatever its
// cause; the child then has a few seconds (see Command.Signals) before it and
// its group are killed. The error says that the child could not be started or
// watched; how it ended is in the Result.
func (s *Supervisor) Run(ctx context.Context, c Command, sink Sink) (Result, error) {
	none := Result{Code: -1}
	if err := s.enter(); err != nil {
		return none, err
	}
	defer s.running.Done()
	if ctx.Err() != nil {
		none.Interrupted = true
		return none, nil
	}

	pl, err := openPlumbing(c.input())
	if err != nil {
		return none, err
	}
	defer pl.close()
	ledger, err := s.openLedger(c, pl)
	if err != nil {
		return none, err
	}
	defer ledger.close()
	var display *displayPipe
	if c.Display {
		if display, err = s.openDisplay(); err != nil {
			return none, err
		}
	}
	p := newPump(sink, s.log, c, pl, display)
	defer p.close()

	child, err := s.start(c, display.environment(c.Env), pl)
	if err != nil {
		return none, err
	}
	w := s.watch(ctx, child, c.Signals, p, pl.wakeUp)
	p.console.started(child.pid)
	if c.Watch != nil {
		w.helpers.Go(func() { c.Watch(p.alive, Running{child.pid, ledger}) })
	}
	defer w.end() // a Sink that panics takes no child with it into the unknown

	pumpErr := p.run()
	result, err := w.end()
	result.Control, result.Ledger = p.control, ledger.read()
	if err := errors.Join(pumpErr, err); err != nil {
		return result, fmt.Errorf("watch %s: %w", c.Path, err)
	}
	return result, nil
}

// start starts the program with the child's side of the plumbing, and closes
// that side here.
func (s *Supervisor) start(c Command, env []string, pl *plumbing) (*child, error) {
	var files []uintptr
	for _, fd := range pl.child {
		if fd >= 0 {
			files = append(files, uintptr(fd))
		}
	}
	started, err := s.fork(c, env, files)
	pl.closeChild()
	return started, err
}

// fork starts the program, with files as its descriptors from 0, in the
// starter's thread.
func (s *Supervisor) fork(c Command, env []string, files []uintptr) (*child, error) {
	attr := &syscall.ProcAttr{Dir: c.Dir, Env: env, Files: files, Sys: childAttributes()}
	started := &child{began: time.Now()}
	var err error
	done := make(chan struct{})
	s.starts <- func() {
		defer close(done)
		started.pid, err = syscall.ForkExec(c.Path, append([]string{c.Path}, c.Args...), attr)
		if err == nil {
			s.guard.add(started.pid)
			if c.Low {
				if err := calm(started.pid); err != nil {
					s.log.Info("a helper runs at the priority of cells", "err", err)
				}
			}
		}
	}
	<-done
	if err != nil {
		// The system doesn't say which of the two it couldn't find.
		if info, statErr := os.Stat(c.Dir); c.Dir != "" && (statErr != nil || !info.IsDir()) {
			return nil, fmt.Errorf("start %s: the working directory %s is not there: %w", c.Path, c.Dir, err)
		}
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	var own unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &own); err == nil {
		started.peak = int64(own.Maxrss) * rssUnit
	}
	return started, nil
}
