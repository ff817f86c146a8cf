package process

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// ErrClosed is what Run returns once Close was called.
var ErrClosed = errors.New("the supervisor of child processes is closed")

// Options for NewSupervisor. The zero value works.
type Options struct {
	// TempDir is where the supervisor makes its private folder; empty means
	// the system's folder for temporary files.
	TempDir string
	// GuardCommand starts a process that calls Guard with its standard input:
	// the program's file, then its arguments. Empty means no guard: what a
	// killed kernel ran then dies only as far as the system sees to it.
	GuardCommand []string
	// Log receives what a person who looks after the kernel should know; nil
	// drops it.
	Log *slog.Logger
}

// A Supervisor runs children for one kernel. Its methods are safe for
// concurrent use, and several children may run at once.
type Supervisor struct {
	dir     string
	log     *slog.Logger
	guard   *guardLine
	starts  chan func()   // what the starter's thread does next
	started chan struct{} // closed when the starter has ended
	closing chan struct{} // closed by Close: kill what runs
	serial  atomic.Int64  // names display pipes

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup // one for each Run; Add only while !closed
}

// NewSupervisor makes the private folder and starts the guard. It also marks
// every descriptor above 2 that this process inherited or opened as close on
// exec, so that no child gets more than it is given.
func NewSupervisor(o Options) (*Supervisor, error) {
	s := &Supervisor{
		log:     o.Log,
		starts:  make(chan func()),
		started: make(chan struct{}),
		closing: make(chan struct{}),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	sealDescriptors()
	dir, err := os.MkdirTemp(o.TempDir, "gopark-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for display pipes: %w", err)
	}
	if s.dir, err = filepath.Abs(dir); err == nil {
		s.guard, err = startGuard(o.GuardCommand, s.dir, s.log)
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	registerValues()
	go s.starter()
	return s, nil
}

// Dir is the supervisor's private folder. What else a session puts there goes
// when the supervisor is closed or the kernel is killed.
func (s *Supervisor) Dir() string { return s.dir }

// Close kills what still runs, waits for it, and removes the private folder.
// It may be called more than once.
func (s *Supervisor) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.closing)
	s.mu.Unlock()

	s.running.Wait()
	close(s.starts)
	<-s.started
	err := os.RemoveAll(s.dir)
	return errors.Join(err, s.guard.close())
}

// enter counts a Run in, unless the supervisor is closed.
func (s *Supervisor) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.running.Add(1)
	return nil
}

// starter forks every child from one thread that lives until Close, when all
// children are gone. Had children been forked from whichever thread Run was
// on, Pdeathsig would kill them when Go retires that thread.
func (s *Supervisor) starter() {
	defer close(s.started)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for start := range s.starts {
		start()
	}
}

// sealDescriptors marks all descriptors above 2 as close on exec. Go does that
// for those it opens; those that came from this process's own parent it leaves
// open, and every child would hold them.
func sealDescriptors() {
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		return // no such folder: nothing can be said about descriptors
	}
	for _, entry := range open {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}
