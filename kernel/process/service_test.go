package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// serve starts a shell that answers each line, and has a child of its own.
func serve(t *testing.T, s *Supervisor) (v *Service, lines *bufio.Scanner, grandchild int) {
	t.Helper()
	v, err := s.Serve(Command{Path: "/bin/sh", Args: []string{"-c", `sleep 1000 & echo $!; while read line; do echo "got $line"; done; kill $!`},
		Env: os.Environ(), Low: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		v.Kill()
		<-v.Done
		if err := errors.Join(v.In.Close(), v.Out.Close()); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	lines = bufio.NewScanner(v.Out)
	if !lines.Scan() {
		t.Fatal("it says nothing")
	}
	if _, err := fmt.Sscan(lines.Text(), &grandchild); err != nil {
		t.Fatal(err)
	}
	return v, lines, grandchild
}

func gone(t *testing.T, pid int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
		if state, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); strings.Contains(string(state), ") Z ") {
			return // dead; whoever inherited it has not asked
		}
		<-tick.C
	}
	t.Errorf("process %d lives on", pid)
}

func dead(t *testing.T, v *Service) {
	t.Helper()
	select {
	case <-v.Done:
	case <-time.After(5 * time.Second):
		t.Fatal("the service lives on")
	}
}

func TestService(t *testing.T) {
	s, err := NewSupervisor(Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, lines, grandchild := serve(t, s)
	for i := range 3 {
		if _, err := fmt.Fprintf(v.In, "line %d\n", i); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() || lines.Text() != fmt.Sprintf("got line %d", i) {
			t.Errorf("%q", lines.Text())
		}
	}
	if nice, err := unix.Getpriority(unix.PRIO_PROCESS, v.PID()); err != nil || nice != 20-niceness && nice != niceness {
		t.Errorf("priority %d, %v", nice, err) // the system call's own answer is 20 minus it
	}
	if m := v.Memory(); m < 0 || m > 1<<30 {
		t.Errorf("%d bytes", m)
	}
	v.Kill()
	v.Kill()
	dead(t, v)
	gone(t, grandchild)
	if err := v.Died(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("it died of %v", err)
	}
	if v.Memory() != 0 {
		t.Error("the dead hold memory")
	}
	if rest, err := io.ReadAll(v.Out); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
}

func TestServiceEndsByItself(t *testing.T) {
	s, err := NewSupervisor(Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, _, grandchild := serve(t, s)
	v.In.Close()
	dead(t, v)
	gone(t, grandchild)
	if err := v.Died(); err == nil || err.Error() != "exit status 0" {
		t.Errorf("it died of %v", err)
	}
}

func TestServiceEndsWithItsSupervisor(t *testing.T) {
	s, err := NewSupervisor(Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	v, _, grandchild := serve(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	dead(t, v)
	gone(t, grandchild)
	if _, err := s.Serve(Command{Path: "/bin/cat"}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestServiceThatIsNotThere(t *testing.T) {
	s, err := NewSupervisor(Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Serve(Command{Path: "/nowhere/gopls"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
