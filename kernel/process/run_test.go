package process

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestExit(t *testing.T) {
	s := newSupervisor(t)
	dir := t.TempDir()
	c := program("child", "hello", "3", "a b", "c")
	c.Dir = dir
	c.Env = append(c.Env, "COLOUR=blue")
	r := &recorder{}
	result := run(t, s, t.Context(), c, r)
	if result.Code != 3 || result.Signal != 0 || result.Interrupted {
		t.Errorf("ended as %+v", result)
	}
	if result.Wall <= 0 || result.Wall > 20*time.Second {
		t.Errorf("took %v", result.Wall)
	}
	if got, want := r.all("stdout"), "out a b,c \"blue\" "+dir+"\n"; got != want {
		t.Errorf("standard output %q, want %q", got, want)
	}
	if got := r.all("stderr"); got != "err\n" {
		t.Errorf("standard error %q", got)
	}
}

func TestSignalEndsChild(t *testing.T) {
	result := run(t, newSupervisor(t), t.Context(), program("child", "kill"), &recorder{})
	if result.Signal != syscall.SIGKILL || result.Code != -1 || result.Interrupted {
		t.Errorf("ended as %+v", result)
	}
}

func TestPanicArrivesWhole(t *testing.T) {
	r := &recorder{}
	result := run(t, newSupervisor(t), t.Context(), program("child", "panic"), r)
	if result.Code != 2 {
		t.Errorf("ended as %+v", result)
	}
	if r.all("stdout") != "before\n" || !strings.Contains(r.all("stderr"), "panic: boom") ||
		!strings.HasSuffix(r.all("stderr"), "exit status 2\n") && !strings.Contains(r.all("stderr"), "main.main()") {
		t.Errorf("got %q", r.list())
	}
}

func TestUsage(t *testing.T) {
	s := newSupervisor(t)
	// The peak of this very process counts as the child's: the child uses more.
	var own unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &own); err != nil {
		t.Fatal(err)
	}
	mb := int(int64(own.Maxrss)*rssUnit>>20) + 50
	result := run(t, s, t.Context(), program("child", "allocate", strconv.Itoa(mb)), &recorder{})
	if used := int(result.MaxRSS >> 20); used < mb || used > mb+50 {
		t.Errorf("a child that uses %d MB was seen to use %d", mb, used)
	}
	result = run(t, s, t.Context(), program("child", "busy", "200"), &recorder{})
	if result.User < 10*time.Millisecond || result.User > 2*result.Wall+100*time.Millisecond {
		t.Errorf("a busy child used %v of CPU time in %v", result.User, result.Wall)
	}
	if result.MaxRSS != 0 {
		t.Errorf("a child smaller than this process was seen to use %d bytes", result.MaxRSS)
	}
}

func TestNotStarted(t *testing.T) {
	s := newSupervisor(t)
	notExecutable := t.TempDir() + "/text"
	if err := os.WriteFile(notExecutable, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	noDir := program("child", "nothing")
	noDir.Dir = "/no/such/dir"
	for _, test := range []struct {
		name string
		c    Command
		is   error
		says string
	}{
		{"no program", Command{Path: "/no/such/program"}, syscall.ENOENT, "start /no/such/program"},
		{"no folder", noDir, syscall.ENOENT, "the working directory /no/such/dir is not there"},
		{"no right", Command{Path: notExecutable}, syscall.EACCES, "permission denied"},
		{"too long", program("child", "nothing", strings.Repeat("x", 10<<20)), syscall.E2BIG, "too long"},
		{"zero byte", program("child", "a\x00b"), syscall.EINVAL, "invalid argument"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, test.c.Display = range []bool{false, true} {
				_, err := s.Run(t.Context(), test.c, &recorder{t: t})
				if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
	if left, _ := os.ReadDir(s.Dir()); len(left) > 0 {
		t.Errorf("left in the folder: %v", left)
	}
}

func TestContextEndedBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := &recorder{}
	result := run(t, newSupervisor(t), ctx, program("child", "hello", "0"), r)
	if !result.Interrupted || result.Code != -1 || len(r.events) > 0 {
		t.Errorf("ended as %+v, with %q", result, r.list())
	}
}

func TestFlood(t *testing.T) {
	var stdout, stderr int
	r := &recorder{}
	sink := counter{recorder: r, count: func(stream string, p []byte) {
		switch {
		case stream == "stdout" && len(bytes.Trim(p, "o")) == 0:
			stdout += len(p)
		case stream == "stderr" && len(bytes.Trim(p, "e")) == 0:
			stderr += len(p)
		default:
			t.Errorf("wrong bytes on %s", stream)
		}
	}}
	if _, err := newSupervisor(t).Run(t.Context(), program("child", "flood", "50"), sink); err != nil {
		t.Fatal(err)
	}
	if stdout != 50<<20 || stderr != 50<<20 {
		t.Errorf("%d and %d bytes of 50 MB each", stdout, stderr)
	}
}

// A counter doesn't keep what is written.
type counter struct {
	*recorder
	count func(stream string, p []byte)
}

func (c counter) Write(stream string, p []byte) { c.count(stream, p) }

func TestControl(t *testing.T) {
	s := newSupervisor(t)
	for _, n := range []int{0, 1000, 3 << 20} {
		r := &recorder{}
		result := run(t, s, t.Context(), program("child", "control", strconv.Itoa(n)), r)
		want := []byte("exit:" + strings.Repeat("c", n))
		want = want[:min(len(want), 1<<20)]
		if !bytes.Equal(result.Control, want) || r.all("stdout") != "written\n" {
			t.Errorf("of %d bytes: %d, and %q", n, len(result.Control), r.all("stdout"))
		}
	}
}

func TestStreamsClosedEarly(t *testing.T) {
	result := run(t, newSupervisor(t), t.Context(), program("child", "close"), &recorder{})
	if result.Code != 7 {
		t.Errorf("ended as %+v", result)
	}
}

func TestStandardInputIsEmpty(t *testing.T) {
	r := &recorder{}
	run(t, newSupervisor(t), t.Context(), program("child", "cat"), r)
	if got := r.all("stdout"); got != "0 <nil>\n" {
		t.Errorf("got %q", got)
	}
}

func TestManyFiles(t *testing.T) {
	r := &recorder{}
	run(t, newSupervisor(t), t.Context(), program("child", "files", "10000"), r)
	if got := r.all("stdout"); got != "true\n" {
		t.Errorf("got %q", got)
	}
}

func TestChildGetsFourDescriptors(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("needs /proc")
	}
	// One that this process might have inherited: not close on exec.
	inherited, err := unix.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(inherited)
	s := newSupervisor(t)
	for _, c := range []Command{program("child", "descriptors"), display("child", "descriptors")} {
		r := &recorder{}
		run(t, s, t.Context(), c, r)
		lines := strings.Split(strings.TrimSpace(r.all("stdout")), "\n")
		if len(lines) != 4 {
			t.Errorf("the child has %q", lines)
		}
		for i, line := range lines {
			if !strings.HasPrefix(line, strconv.Itoa(i)+" ") {
				t.Errorf("descriptor %d: %s", i, line)
			}
		}
	}
}

func TestGrandchildOfTheGroupIsKilled(t *testing.T) {
	r := &recorder{}
	began := time.Now()
	result := run(t, newSupervisor(t), t.Context(), program("child", "leave"), r)
	if result.Code != 5 {
		t.Errorf("ended as %+v", result)
	}
	for _, pid := range pids(t, r.all("stdout"), 1) {
		eventually(t, "the grandchild is gone", func() bool { return !running(pid) })
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestEscapedGrandchildDelaysLittle(t *testing.T) {
	r := &recorder{}
	began := time.Now()
	run(t, newSupervisor(t), t.Context(), program("child", "escape"), r)
	took := time.Since(began)
	pid := pids(t, r.all("stdout"), 1)[0]
	if !running(pid) {
		t.Error("the grandchild has not escaped: the test shows nothing")
	}
	syscall.Kill(pid, syscall.SIGKILL)
	if took < escapeTime || took > escapeTime+5*time.Second {
		t.Errorf("took %v", took)
	}
	if !strings.Contains(r.all("stdout"), "holding\n") {
		t.Errorf("got %q", r.all("stdout"))
	}
}

func TestNoDescriptorLeft(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("needs /proc")
		}
		return len(entries)
	}
	s := newSupervisor(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	cycle := func() {
		run(t, s, t.Context(), program("child", "nothing"), &recorder{})
		run(t, s, t.Context(), display("pipe", "last"), &recorder{})
		run(t, s, ended, display("child", "nothing"), &recorder{})
		s.Run(t.Context(), Command{Path: "/no/such/program", Display: true}, &recorder{t: t})
	}
	cycle()
	before := count()
	for range 50 {
		cycle()
	}
	if after := count(); after > before {
		t.Errorf("%d descriptors, %d after 200 runs", before, after)
	}
	if left, _ := os.ReadDir(s.Dir()); len(left) > 0 {
		t.Errorf("left in the folder: %v", left)
	}
}

func TestSinkThatPanics(t *testing.T) {
	s := newSupervisor(t)
	r := &recorder{t: t}
	r.onWrite = func(_, _ string) { panic("sink") }
	func() {
		defer func() {
			if p := recover(); p != "sink" {
				t.Errorf("recovered %v", p)
			}
		}()
		s.Run(t.Context(), program("child", "deaf-family", "deaf"), r)
	}()
	pid := pids(t, r.all("stdout"), 1)[0]
	if running(pid) {
		t.Error("the child still runs")
	}
}

func TestClose(t *testing.T) {
	s, err := NewSupervisor(Options{TempDir: t.TempDir(), GuardCommand: guardCommand(t)})
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	r := &recorder{t: t, onWrite: func(_, text string) {
		if strings.Contains(text, "ready") {
			close(ready)
		}
	}}
	ended := make(chan Result)
	go func() {
		result, err := s.Run(context.Background(), program("child", "deaf"), r)
		if err != nil {
			t.Error(err)
		}
		ended <- result
	}()
	<-ready
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	if result := <-ended; result.Signal != syscall.SIGKILL || result.Interrupted {
		t.Errorf("ended as %+v", result)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("the second time: %v", err)
	}
	if _, err := os.Stat(s.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, err := s.Run(t.Context(), program("child", "nothing"), r); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
