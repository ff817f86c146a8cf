package process

import (
	"context"
	"syscall"
	"time"
)

const (
	// graceTime is how long a program that handles signals has after SIGINT.
	graceTime = 2 * time.Second
	// dumpPause is how long standard error may be silent after SIGQUIT before
	// the dump counts as complete, or as not coming.
	dumpPause = 500 * time.Millisecond
	// dumpTime is how long a dump may take altogether.
	dumpTime = 2 * time.Second
)

// A stopper ends one child when its context does.
type stopper struct {
	pid         int // the child, and its group
	signals     bool
	dead        <-chan struct{} // closed when the child is dead
	closing     <-chan struct{} // closed when the kernel ends
	stderrBytes func() int64
}

// run waits for the end of the child or of ctx and reports whether it has
// interrupted the child. When it returns the child is dead or was killed, with
// its whole group.
func (s *stopper) run(ctx context.Context) (interrupted bool) {
	select {
	case <-s.dead:
		return false
	case <-s.closing:
		s.kill()
		return false
	case <-ctx.Done():
	}
	select {
	case <-s.dead: // both at once: it had ended by itself
		return false
	default:
	}
	if s.signals {
		// The group, as Ctrl-C in a terminal.
		syscall.Kill(-s.pid, syscall.SIGINT)
		if s.gone(graceTime) {
			return true
		}
	}
	// The program alone: what it started would mix its own dump into this one.
	syscall.Kill(s.pid, syscall.SIGQUIT)
	for end := time.Now().Add(dumpTime); time.Now().Before(end); {
		before := s.stderrBytes()
		if s.gone(min(dumpPause, time.Until(end))) {
			return true
		}
		if s.stderrBytes() == before {
			break
		}
	}
	s.kill()
	return true
}

// gone waits for the child to be dead; not for longer than d, and not at all
// when the kernel ends.
func (s *stopper) gone(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.dead:
		return true
	case <-s.closing:
	case <-timer.C:
	}
	return false
}

func (s *stopper) kill() { syscall.Kill(-s.pid, syscall.SIGKILL) }
