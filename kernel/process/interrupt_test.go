package process

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"
)

// interruptWhen cancels the run's context when the child has written word.
func interruptWhen(t *testing.T, s *Supervisor, c Command, word string) (*recorder, Result, time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var at time.Time
	r := &recorder{}
	r.onWrite = func(_, _ string) {
		if at.IsZero() && strings.Contains(r.all("stdout"), word) {
			at = time.Now()
			cancel()
		}
	}
	result := run(t, s, ctx, c, r)
	return r, result, time.Since(at)
}

func TestInterrupt(t *testing.T) {
	signals := func(c Command) Command { c.Signals = true; return c }
	for _, test := range []struct {
		name     string
		c        Command
		word     string
		code     int
		signal   syscall.Signal
		stdout   string // contained
		stderr   string // contained
		from, to time.Duration
	}{
		{"dumps its goroutines", program("child", "block"), "ready", 2, 0,
			"ready", "SIGQUIT: quit", 0, 1500 * time.Millisecond},
		{"dumps many goroutines", program("child", "crowd", "2000"), "ready", 2, 0,
			"ready", "SIGQUIT: quit", 0, 5 * time.Second},
		{"shuts down gracefully", signals(program("child", "graceful")), "ready", 0, 0,
			"got interrupt", "", 0, 1500 * time.Millisecond},
		{"a program without a handler dies of SIGINT", signals(program("child", "block")), "ready", -1, syscall.SIGINT,
			"ready", "", 0, 1500 * time.Millisecond},
		{"is deaf", program("child", "deaf"), "ready", -1, syscall.SIGKILL,
			"ready", "", dumpPause, dumpPause + 3*time.Second},
		{"is deaf, with patience", signals(program("child", "deaf")), "ready", -1, syscall.SIGKILL,
			"ready", "", graceTime + dumpPause, graceTime + dumpPause + 3*time.Second},
		{"a deaf family", program("child", "deaf-family", "deaf-family", "deaf"), "ready", -1, syscall.SIGKILL,
			"ready", "", dumpPause, dumpPause + 3*time.Second},
		{"a shell and what it waits for", signals(Command{Path: "/bin/sh", Args: []string{"-c", "sleep 1000 & echo ready; wait; echo no"}}), "ready", -1, syscall.SIGINT,
			"ready", "", 0, 1500 * time.Millisecond},
		{"a display pipe that brings garbage", display("pipe", "garbage", "block"), "after", 2, 0,
			"after", "main.main()", 0, 1500 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, result, took := interruptWhen(t, newSupervisor(t), test.c, test.word)
			if !result.Interrupted || result.Code != test.code || result.Signal != test.signal {
				t.Errorf("ended as %+v", result)
			}
			if !strings.Contains(r.all("stdout"), test.stdout) || !strings.Contains(r.all("stderr"), test.stderr) {
				t.Errorf("got %.2000q", r.list())
			}
			if took < test.from || took > test.to {
				t.Errorf("took %v, want %v to %v", took, test.from, test.to)
			}
			if strings.HasPrefix(test.name, "a deaf family") {
				for _, pid := range pids(t, r.all("stdout"), 2) {
					eventually(t, "the family is gone", func() bool { return !running(pid) })
				}
			}
		})
	}
}

func TestEndOfContextAfterTheChildIsNoInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := newSupervisor(t)
	// The Sink holds the pump until the child is long dead, and then cancels.
	r := &recorder{}
	r.onWrite = func(_, _ string) {
		pid := pids(t, r.all("stdout"), 1)[0]
		eventually(t, "the child is dead", func() bool { return !running(pid) })
	}
	result := run(t, s, ctx, Command{Path: "/bin/sh", Args: []string{"-c", "echo pid $$"}}, r)
	if result.Interrupted || result.Code != 0 {
		t.Errorf("ended as %+v", result)
	}
}
