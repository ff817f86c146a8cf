package process

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A child is a process that has been started and not reaped.
type child struct {
	pid   int
	began time.Time
	peak  int64 // the starting process's own peak, see Result.MaxRSS
}

// reap takes the dead child's status; its number is free after that.
func (c *child) reap() (Result, error) {
	var status unix.WaitStatus
	var usage unix.Rusage
	_, err := retry(func() (int, error) { return unix.Wait4(c.pid, &status, 0, &usage) })
	if err != nil {
		return Result{Code: -1}, os.NewSyscallError("wait4", err)
	}
	r := Result{
		Code:   status.ExitStatus(), // -1 if a signal ended it
		User:   time.Duration(usage.Utime.Nano()),
		System: time.Duration(usage.Stime.Nano()),
	}
	if status.Signaled() {
		r.Signal = syscall.Signal(status.Signal())
	}
	if rss := int64(usage.Maxrss) * rssUnit; rss > c.peak {
		r.MaxRSS = rss
	}
	return r, nil
}

// A watch follows one child from its start to its burial.
type watch struct {
	child   *child
	guard   *guardLine
	dead    chan struct{} // closed when the child is dead
	helpers sync.WaitGroup

	// Written by the helpers, read after they have ended.
	death       time.Time
	waitErr     error
	interrupted bool

	once   sync.Once
	result Result
	err    error
}

// watch starts the waiter and the interrupter. p.alive is set to a context
// that ends when the child is dead or ctx ends.
func (s *Supervisor) watch(ctx context.Context, c *child, signals bool, p *pump, wakeUp int) *watch {
	w := &watch{child: c, guard: s.guard, dead: make(chan struct{})}
	alive, died := context.WithCancel(ctx)
	p.alive = alive
	w.helpers.Go(func() {
		w.waitErr = awaitDeath(c.pid)
		w.death = time.Now()
		// The rest of the group, while its number is still taken.
		syscall.Kill(-c.pid, syscall.SIGKILL)
		died()
		close(w.dead)
		unix.Write(wakeUp, []byte{wakeDeath})
	})
	stop := stopper{pid: c.pid, signals: signals, dead: w.dead, closing: s.closing, stderrBytes: p.stderrBytes.Load}
	w.helpers.Go(func() { w.interrupted = stop.run(ctx) })
	return w
}

// end kills what is left of the group, waits for the helpers and reaps the
// child. Every call returns the same.
func (w *watch) end() (Result, error) {
	w.once.Do(func() {
		syscall.Kill(-w.child.pid, syscall.SIGKILL)
		w.helpers.Wait()
		w.guard.remove(w.child.pid)
		var err error
		w.result, err = w.child.reap()
		w.result.Interrupted = w.interrupted
		w.result.Wall = w.death.Sub(w.child.began)
		w.err = errors.Join(w.waitErr, err)
	})
	return w.result, w.err
}
