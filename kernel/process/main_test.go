package process

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// programs is where TestMain put the programs of testdata.
var programs string

// The test binary plays other parts when its first argument says so.
const (
	roleGuard  = "role:guard"
	roleKernel = "role:kernel"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case roleGuard:
			if err := Guard(os.Stdin); err != nil {
				os.Exit(1)
			}
			os.Exit(0)
		case roleKernel:
			playKernel(os.Args[2:])
			os.Exit(0)
		}
	}
	// With the race detector on, this binary would otherwise sleep for a second
	// at the end of each of its lives as a guard.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	var err error
	if programs, err = os.MkdirTemp("", "gopark-process-test-"); err != nil {
		panic(err)
	}
	build := exec.Command("go", "build", "-o", programs+"/", "./testdata/child", "./testdata/pipe", "./testdata/gonbui")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		os.RemoveAll(programs)
		fmt.Fprintf(os.Stderr, "build the programs of testdata: %v\n%s", err, out)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(programs)
		os.Exit(code)
	}))
}

// guardCommand starts this binary as a guard.
func guardCommand(t testing.TB) []string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{path, roleGuard}
}

// newSupervisor returns a supervisor with a guard that the test closes.
func newSupervisor(t testing.TB) *Supervisor {
	t.Helper()
	s, err := NewSupervisor(Options{TempDir: t.TempDir(), GuardCommand: guardCommand(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// program is a command for one of the programs of testdata.
func program(name string, args ...string) Command {
	return Command{
		Path: filepath.Join(programs, name),
		Args: args,
		Env:  []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()},
	}
}

// display is program with the display pipe, and input.
func display(name string, args ...string) Command {
	c := program(name, args...)
	c.Display, c.Asks = true, true
	return c
}

// An event is one call of the Sink.
type event struct {
	kind string // stdout, stderr, display, input
	text string // what was written; for a display its text/plain or text/html
	data map[string]any
	meta map[string]any
	id   string
}

// A recorder is a Sink that remembers, and complains about wrong use.
type recorder struct {
	t        testing.TB
	mu       sync.Mutex // guards events while the program runs
	events   []event
	inside   atomic.Bool
	asked    atomic.Bool
	returned atomic.Bool
	onWrite  func(stream, text string)
	onInput  func(ctx context.Context, prompt string, password bool) (string, error)
}

func (r *recorder) enter() func() {
	if !r.inside.CompareAndSwap(false, true) {
		r.t.Error("two methods of the Sink at once")
	}
	if r.returned.Load() {
		r.t.Error("a method of the Sink after Run has returned")
	}
	return func() { r.inside.Store(false) }
}

func (r *recorder) Write(stream string, p []byte) {
	defer r.enter()()
	if len(p) == 0 {
		r.t.Error("an empty write")
	}
	text := string(p)
	r.add(stream, text)
	if r.onWrite != nil {
		r.onWrite(stream, text)
	}
}

func (r *recorder) add(stream, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.events); n > 0 && r.events[n-1].kind == stream {
		r.events[n-1].text += text
	} else {
		r.events = append(r.events, event{kind: stream, text: text})
	}
}

func (r *recorder) Display(data, metadata map[string]any, id string) {
	defer r.enter()()
	e := event{kind: "display", data: data, meta: metadata, id: id}
	for _, mime := range []string{"text/plain", "text/markdown", "text/html"} {
		if text, ok := data[mime].(string); ok {
			e.text = text
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if !r.asked.CompareAndSwap(false, true) {
		r.t.Error("two questions at once")
	}
	defer r.asked.Store(false)
	r.mu.Lock()
	r.events = append(r.events, event{kind: "input", text: prompt})
	r.mu.Unlock()
	if r.returned.Load() {
		r.t.Error("a method of the Sink after Run has returned")
	}
	if r.onInput == nil {
		return "", errors.New("nobody is there")
	}
	return r.onInput(ctx, prompt, password)
}

// all is everything of one kind.
func (r *recorder) all(kind string) string {
	var b strings.Builder
	for _, e := range r.events {
		if e.kind == kind {
			b.WriteString(e.text)
		}
	}
	return b.String()
}

// list is what happened, one item an event.
func (r *recorder) list() []string {
	var list []string
	for _, e := range r.events {
		item := e.kind + " " + e.text
		if e.id != "" {
			item += " #" + e.id
		}
		list = append(list, strings.TrimSpace(item))
	}
	return list
}

// run runs c and fails the test if that fails, or takes half a minute.
func run(t testing.TB, s *Supervisor, ctx context.Context, c Command, r *recorder) Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r.t = t
	result, err := s.Run(ctx, c, r)
	r.returned.Store(true)
	if err != nil {
		t.Fatal(err)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Fatalf("still running after half a minute; so far: %q", r.list())
	}
	return result
}

// pids are the numbers in lines "pid N" of out.
func pids(t testing.TB, out string, want int) []int {
	t.Helper()
	var list []int
	for line := range strings.Lines(out) {
		var pid int
		if _, err := fmt.Sscanf(line, "pid %d", &pid); err == nil {
			list = append(list, pid)
		}
	}
	if len(list) != want {
		t.Fatalf("want %d process numbers, got %q", want, out)
	}
	return list
}

// running reports whether pid is a process that isn't dead. A zombie is dead:
// whoever inherits it may take its time to reap it.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

// eventually waits for a condition in another process.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("still not so: %s", what)
		}
	}
}

// A logBook keeps what was logged.
type logBook struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// loggingSupervisor is a supervisor whose log the test reads.
func loggingSupervisor(t testing.TB) (*Supervisor, *logBook) {
	t.Helper()
	book := &logBook{}
	s, err := NewSupervisor(Options{TempDir: t.TempDir(), Log: slog.New(slog.NewTextHandler(book, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, book
}
