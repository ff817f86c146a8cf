package complete

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"gopark/kernel/cell"
	"gopark/kernel/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open starts a real gopls on an empty module.
func open(t *testing.T, change func(*Options)) *Gopls {
	t.Helper()
	path, err := filepath.Abs("../../bin/gopls")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		if path, err = Find(); err != nil {
			t.Skipf("SKIPPED: %v: make install builds it", err)
		}
	}
	if testing.Short() {
		t.Skip("SKIPPED: it starts gopls")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module session\n\ngo 1.26.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sup, err := process.NewSupervisor(process.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Path: path, Dir: dir, Supervisor: sup, Env: append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=mod"),
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if change != nil {
		change(&o)
	}
	g := New(o)
	t.Cleanup(func() {
		begin := time.Now()
		g.Close()
		if took := time.Since(begin); took > 500*time.Millisecond {
			t.Errorf("closing took %v", took)
		}
		if err := sup.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// ready asks for gopls, waits until it answers, and returns its process.
func ready(t *testing.T, g *Gopls) int {
	t.Helper()
	g.current()
	return await(t, "gopls is ready", func() int { return g.PID() })
}

func await(t *testing.T, what string, value func() int) int {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for {
		if v := value(); v != 0 {
			return v
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in two minutes: %s", what)
		}
	}
}

// program makes a program of files; | is the cursor, in the last.
func program(files ...string) (p []cell.SourceFile, cursor int) {
	for _, text := range files {
		before, after, _ := strings.Cut(text, "|")
		cursor = len(before)
		p = append(p, cell.SourceFile{Text: []byte(before + after)})
	}
	return p, cursor
}

func texts(list []cell.Suggestion) (out []string) {
	for _, s := range list {
		out = append(out, s.Text+" "+s.Kind+" "+s.Signature)
	}
	return out
}

func TestComplete(t *testing.T) {
	g := open(t, nil)
	begin := time.Now()
	p, cursor := program("package main\nimport \"fmt\"\nfunc main() {\nfmt.Print|\n}\n")
	if _, err := g.complete(t.Context(), p, cursor, "Print"); !errors.Is(err, ErrNotReady) {
		t.Errorf("before it is ready: %v", err)
	}
	ready(t, g)
	t.Logf("ready after %v", time.Since(begin))
	const memory = "package main\n\n// Fetch gets it.\nfunc Fetch(url string) error { return nil }\ntype Point struct{ X, Y int }\n"
	const other = "package main\nvar total = 1\n"
	tests := []struct {
		name, prefix string
		files        []string
		want, not    string
	}{
		{"a package", "Print", []string{"package main\nimport \"fmt\"\nfunc main() {\nfmt.Print|\n}\n"}, "Println func func(a ...any) (n int, err error)", "Fprint"},
		{"the memory", "Fet", []string{memory, "package main\nfunc main() {\nFet|\n}\n"}, "Fetch func func(url string) error", ""},
		{"the fields of a literal", "", []string{memory, "package main\nfunc main() {\n_ = Point{|}\n}\n"}, "X field int", ""},
		{"after astral signs", "Fie", []string{"package main\nimport \"strings\"\nfunc main() {\ns, 𝒳 := \"😀😀\", strings.Fie|\n}\n"}, "Fields func func(s string) []string", ""},
		{"another file in the first's place", "tot", []string{other, "package main\nfunc main() {\ntot|\n}\n"}, "total var int", ""},
		{"what was taken away", "Fet", []string{other, "package main\nfunc main() {\nFet|\n}\n"}, "", "Fetch"},
		{"and is back", "Fet", []string{other, memory, "package main\nfunc main() {\nFet|\n}\n"}, "Fetch func", ""},
		{"code that does not parse", "Wri", []string{"package main\nimport \"os\"\nfunc main() {\nif x := ; os.Wri|\nfunc {{{\n"}, "WriteFile func", ""},
		{"a statement's keyword", "ret", []string{"package main\nfunc main() {\nret|\n}\n"}, "return keyword", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, cursor := program(test.files...)
			begin := time.Now()
			list, err := g.complete(t.Context(), p, cursor, test.prefix)
			t.Logf("%v", time.Since(begin))
			if err != nil {
				t.Fatal(err)
			}
			got := texts(list)
			if test.want != "" && !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, test.want) }) {
				t.Errorf("no %q in %q", test.want, got)
			}
			if test.not != "" && slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, test.not) }) {
				t.Errorf("%q in %q", test.not, got)
			}
		})
	}
	t.Logf("%d MB", g.Memory()>>20)
	if entries, _ := os.ReadDir(g.o.Dir); len(entries) != 1 {
		t.Errorf("it left files: %v", entries)
	}
}

// TestDrafts has a cell grow letter by letter, as somebody types it.
func TestDrafts(t *testing.T) {
	g := open(t, nil)
	ready(t, g)
	const text = "%%\nfor i := range 3 {\n\tgo func() { fmt.Println(strings.Repeat(\"😀\", i)) }()\n}\ntime.Sleep(time.Second)\n"
	memory := new(cell.Memory)
	var took []time.Duration
	for at := range text {
		d := memory.Draft(text[:at], at, named{})
		if d.Place != cell.Code {
			continue
		}
		begin := time.Now()
		list, err := g.Complete(t.Context(), d)
		took = append(took, time.Since(begin))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"fmt.Printl": "Println", "strings.Rep": "Repeat", "time.Sl": "Sleep"}
		for end, name := range want {
			if strings.HasSuffix(text[:at], end) && !slices.ContainsFunc(list, func(s cell.Suggestion) bool { return s.Text == name }) {
				t.Errorf("no %s after %q: %q", name, text[:at], texts(list))
			}
		}
	}
	slices.Sort(took)
	t.Logf("%d questions, median %v, slowest %v", len(took), took[len(took)/2], took[len(took)-1])
}

// named are the packages that the test's cells name, without their types.
type named struct{ cell.NoPackages }

func (named) Named(name string, _ ...string) []string {
	if path := common[name]; path != "" {
		return []string{path}
	}
	return nil
}

func TestDescribe(t *testing.T) {
	g := open(t, nil)
	ready(t, g)
	p, at := program("package main\n// Fetch gets it.\nfunc Fetch(url string) error { return nil }\n", "package main\nfunc main() {\nFet|ch(\"\")\n}\n")
	text, err := g.describe(t.Context(), p, at)
	if err != nil || !strings.Contains(text, "func Fetch(url string) error") || !strings.Contains(text, "Fetch gets it.") {
		t.Errorf("%v: %q", err, text)
	}
	p, at = program("package main\n|\nfunc main() {}\n")
	if text, err := g.describe(t.Context(), p, at); err != nil || text != "" {
		t.Errorf("of nothing: %v: %q", err, text)
	}
}

// TestComesBack kills gopls in the middle of questions.
func TestComesBack(t *testing.T) {
	g := open(t, nil)
	pid := ready(t, g)
	p, cursor := program("package main\nimport \"fmt\"\nfunc main() {\nfmt.Print|\n}\n")
	answers := make(chan error, 1)
	go func() {
		// One of them is under way when it is killed.
		for {
			if _, err := g.complete(t.Context(), p, cursor, "Print"); err != nil {
				answers <- err
				return
			}
		}
	}()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-answers:
		t.Logf("the question under way: %v", err)
	case <-time.After(5 * time.Second):
		t.Fatal("a question waits for a gopls that is dead")
	}
	begin := time.Now()
	again := await(t, "gopls is back", func() int {
		if now := g.PID(); now != pid {
			return now
		}
		return 0
	})
	t.Logf("back after %v", time.Since(begin))
	list, err := g.complete(t.Context(), p, cursor, "Print")
	if err != nil || len(list) == 0 {
		t.Errorf("process %d: %q, %v", again, texts(list), err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	g := open(t, func(o *Options) { o.MemoryLimit, o.look = 60<<20, 50*time.Millisecond }) // less than it starts with
	pid := ready(t, g)
	if g.Memory() == 0 {
		t.Skip("SKIPPED: the memory of a process is not known here")
	}
	await(t, "it is ended and started again", func() int {
		if now := g.PID(); now != 0 && now != pid {
			return now
		}
		return 0
	})
}

func TestIdle(t *testing.T) {
	g := open(t, func(o *Options) { o.Idle, o.look = time.Millisecond, 50*time.Millisecond })
	pid := ready(t, g)
	await(t, "it is ended", func() int {
		if g.PID() == 0 {
			return 1
		}
		return 0
	})
	await(t, "its process is gone", func() int {
		if syscall.Kill(pid, 0) != nil {
			return 1
		}
		return 0
	})
	p, cursor := program("package main\nfunc main() { prin| }\n")
	if _, err := g.complete(t.Context(), p, cursor, "prin"); !errors.Is(err, ErrNotReady) {
		t.Error(err)
	}
	await(t, "the question has called it", g.PID)
}

// TestStartsWhenAsked has nobody ask: nothing may start.
func TestStartsWhenAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var called atomic.Bool
		g := New(Options{Path: "/nowhere/gopls", Wait: func(ctx context.Context) error {
			called.Store(true)
			<-ctx.Done()
			return ctx.Err()
		}})
		synctest.Wait()
		if called.Load() {
			t.Error("it starts before anybody asks")
		}
		if _, err := g.Complete(t.Context(), &cell.Draft{}); !errors.Is(err, ErrNotReady) {
			t.Error(err)
		}
		synctest.Wait()
		if !called.Load() {
			t.Error("the first question does not start it")
		}
		g.Close()
	})
}

// TestNoGopls has one that is none: it must cost nothing.
func TestNoGopls(t *testing.T) {
	for _, path := range []string{"/nowhere/gopls", "/bin/cat", "/bin/true"} {
		g := open(t, func(o *Options) { o.Path = path })
		p, cursor := program("package main\nfunc main() { prin| }\n")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		begin := time.Now()
		if _, err := g.complete(ctx, p, cursor, "prin"); !errors.Is(err, ErrNotReady) {
			t.Error(err)
		}
		cancel()
		if took := time.Since(begin); took > 100*time.Millisecond {
			t.Errorf("%s: refused after %v", path, took)
		}
	}
}

// TestDeadline has a gopls that is stopped, and so never answers.
func TestDeadline(t *testing.T) {
	g := open(t, nil)
	pid := ready(t, g)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p, cursor := program("package main\nfunc main() { prin| }\n")
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		begin := time.Now()
		_, err := g.complete(ctx, p, cursor, "prin")
		cancel()
		if took := time.Since(begin); err == nil || took > time.Second {
			t.Errorf("%v after %v", err, took)
		}
	}
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if list, err := g.complete(ctx, p, cursor, "prin"); err != nil || len(list) == 0 {
		t.Errorf("when it goes on: %q, %v", texts(list), err)
	}
}

// TestStuck has a gopls that is stopped for good. It is replaced, when it leaves a
// question open for too long, and when it reads no more.
func TestStuck(t *testing.T) {
	for _, test := range []struct {
		name string
		text string
	}{{"no answer", "func f() {}\n"}, {"it does not read", strings.Repeat("// A line of a comment.\n", 20_000)}} {
		t.Run(test.name, func(t *testing.T) {
			g := open(t, func(o *Options) { o.stuck = 100 * time.Millisecond })
			pid := ready(t, g)
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			p, cursor := program("package main\n" + test.text + "func main() { prin| }\n")
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for g.PID() == pid {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				begin := time.Now()
				g.complete(ctx, p, cursor, "prin")
				cancel()
				if took := time.Since(begin); took > 2*writeFor {
					t.Fatalf("a question takes %v", took)
				}
				<-tick.C
			}
			ready(t, g)
		})
	}
}

// TestModuleChanges has the session fetch a module, here one in a folder.
func TestModuleChanges(t *testing.T) {
	g := open(t, nil)
	ready(t, g)
	other := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/other\n\ngo 1.26.0\n", "other.go": "package other\n\nfunc Greet(name string) string { return name }\n"} {
		if err := os.WriteFile(filepath.Join(other, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	goMod := "module session\n\ngo 1.26.0\n\nrequire example.com/other v0.0.0\n\nreplace example.com/other => " + other + "\n"
	if err := os.WriteFile(filepath.Join(g.o.Dir, "go.mod"), []byte(goMod), 0o600); err != nil {
		t.Fatal(err)
	}
	p, cursor := program("package main\nimport \"example.com/other\"\nfunc main() {\nother.Gr|\n}\n")
	await(t, "gopls knows the new module", func() int {
		list, err := g.complete(t.Context(), p, cursor, "Gr")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	})
	now, err := os.ReadFile(filepath.Join(g.o.Dir, "go.mod"))
	if err != nil || string(now) != goMod {
		t.Errorf("gopls has changed the session's go.mod: %s (%v)", now, err)
	}
}

func TestFind(t *testing.T) {
	t.Setenv("GOPARK_GOPLS", "/nowhere/gopls")
	if path, err := Find(); err == nil {
		t.Errorf("found %s", path)
	}
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Skip(err)
	}
	t.Setenv("GOPARK_GOPLS", cat)
	if path, err := Find(); path != cat || err != nil {
		t.Errorf("%s, %v", path, err)
	}
}

func TestPositions(t *testing.T) {
	text := []byte("a😀b\n\nä𝒳y")
	for at := range string(text) {
		if got := offsetOf(text, positionOf(text, at)); got != at {
			t.Errorf("%d comes back as %d", at, got)
		}
	}
	if p := positionOf(text, len("a😀b\n\nä𝒳")); p != (position{2, 3}) {
		t.Errorf("%+v", p)
	}
	if at := offsetOf(text, position{9, 9}); at != len(text) {
		t.Errorf("beyond the end: %d", at)
	}
	if at := offsetOf(text, position{0, 99}); at != len("a😀b") {
		t.Errorf("beyond the line: %d", at)
	}
}
