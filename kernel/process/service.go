package process

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Service is a child that works for the kernel itself until it is killed, and
// not for a cell: a language server, say. It talks through its standard input
// and output, which belong to whoever started it. It is bound to the kernel as
// every child is: it has a group of its own, the guard knows it, and Close of
// the supervisor ends it.
//
// Two goroutines follow it, and have ended when Done is closed.
type Service struct {
	// In and Out can have deadlines: a service that reads no more must not hold
	// up who writes to it.
	In, Out *os.File
	// Done is closed when the service is dead and buried.
	Done <-chan struct{}

	pid  int
	end  func() // kills it, once
	mu   sync.Mutex
	gone bool // its number may be another's by now
	died error
}

// niceness is that of a Command with Low set.
const niceness = 10

// Serve starts a service. What it writes to standard error is dropped. Only
// Path, Args, Dir, Env and Low of the command count. Whoever calls closes In
// and Out.
func (s *Supervisor) Serve(c Command) (*Service, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	v, err := s.serve(c)
	if err != nil {
		s.running.Done()
		return nil, err
	}
	return v, nil
}

func (s *Supervisor) serve(c Command) (*Service, error) {
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open the pipes of %s: %w", c.Path, err)
	}
	defer childIn.Close()
	out, childOut, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, fmt.Errorf("open the pipes of %s: %w", c.Path, err)
	}
	defer childOut.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		in.Close()
		out.Close()
		return nil, err
	}
	defer null.Close()
	child, err := s.fork(c, c.Env, []uintptr{childIn.Fd(), childOut.Fd(), null.Fd()})
	if err != nil {
		in.Close()
		out.Close()
		return nil, err
	}
	done, dead, end := make(chan struct{}), make(chan struct{}), make(chan struct{})
	v := &Service{In: in, Out: out, Done: done, pid: child.pid, end: sync.OnceFunc(func() { close(end) })}
	var killer sync.WaitGroup
	killer.Go(func() {
		select {
		case <-s.closing:
		case <-end:
		case <-dead:
			return
		}
		syscall.Kill(-child.pid, syscall.SIGKILL)
	})
	go func() {
		defer s.running.Done()
		defer close(done)
		waitErr := awaitDeath(child.pid)
		// The rest of the group, while its number is still taken.
		syscall.Kill(-child.pid, syscall.SIGKILL)
		close(dead)
		killer.Wait()
		s.guard.remove(child.pid)
		v.mu.Lock()
		v.gone = true
		v.mu.Unlock()
		r, err := child.reap()
		if err = errors.Join(waitErr, err); err == nil {
			err = fmt.Errorf("exit status %d", r.Code)
			if r.Signal != 0 {
				err = fmt.Errorf("ended by a signal: %v", r.Signal)
			}
		}
		v.died = err
	}()
	return v, nil
}

// Kill ends the service and its group, and does not wait for it.
func (v *Service) Kill() { v.end() }

// Died is how the service ended. It may be asked when Done is closed.
func (v *Service) Died() error { return v.died }

// PID is the service's process.
func (v *Service) PID() int { return v.pid }

// Memory is what the service has in memory now, in bytes; 0 where that cannot
// be known.
func (v *Service) Memory() int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.gone {
		return 0
	}
	return residentMemory(v.pid)
}

// calm lets everything else go before a child and what it starts.
func calm(pgid int) error {
	return os.NewSyscallError("setpriority", unix.Setpriority(unix.PRIO_PGRP, pgid, niceness))
}
