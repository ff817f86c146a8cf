package explain_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"gopark"
	"gopark/kernel/compiled"
	"gopark/kernel/explain"
	"gopark/kernel/process"
	"gopark/kernel/session"
	"gopark/kernel/toolchain"
)

// A lab makes sessions that really compile and run.
type lab struct {
	tools *toolchain.Toolchain
	sup   *process.Supervisor
}

func newLab(t *testing.T) *lab {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: compiles and runs programs")
	}
	tools, err := toolchain.Open(t.Context(), toolchain.Options{Module: gopark.Module()})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []toolchain.Kind{toolchain.Normal, toolchain.Race} {
		if err := tools.Prepare(t.Context(), kind, nil); err != nil {
			t.Fatal(err)
		}
	}
	sup, err := process.NewSupervisor(process.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sup.Close(); err != nil {
			t.Error(err)
		}
	})
	return &lab{tools, sup}
}

// run executes a cell in a session of its own and says what was shown.
func (l *lab) run(ctx context.Context, t *testing.T, code string) *shown {
	t.Helper()
	engine, err := compiled.New(compiled.Options{Toolchain: l.tools, Supervisor: l.sup})
	if err != nil {
		t.Fatal(err)
	}
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "GORACE=") })
	s := session.New(session.Options{Engine: engine, Dir: t.TempDir(), Env: env, Version: "test", Report: session.ReportOff})
	defer s.Close()
	p := &shown{}
	r := s.Execute(ctx, session.Request{Code: code, Count: 4}, p)
	p.failure, p.report = r.Failure, r.Report
	return p
}

// shown is a Publisher that keeps what was shown.
type shown struct {
	out      strings.Builder // streams
	displays []map[string]any
	failure  *explain.Failure
	report   session.Report
	errors   int
	late     bool // something came after the error
}

func (p *shown) Stream(_, text string) {
	p.out.WriteString(text)
	p.late = p.late || p.errors > 0
}

func (p *shown) Display(data, _ map[string]any, _ string) {
	p.displays = append(p.displays, data)
	p.late = p.late || p.errors > 0
}

func (p *shown) Update(_, _ map[string]any, _ string) {}
func (p *shown) Result(_, _ map[string]any)           {}
func (p *shown) Error(string, string, []string)       { p.errors++ }
func (p *shown) Clear(bool)                           {}
func (p *shown) Input(context.Context, string, bool) (string, error) {
	return "", os.ErrClosed
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// golden is what is compared: the displays' text, then the error's.
func (p *shown) golden() string {
	var b strings.Builder
	for _, d := range p.displays {
		fmt.Fprintf(&b, "%v\n\n", d["text/plain"])
	}
	if f := p.failure; f != nil {
		b.WriteString(ansi.ReplaceAllString(strings.Join(f.Traceback, "\n"), "") + "\n")
	}
	return normal(b.String())
}

var (
	// varying are texts with numbers that differ from run to run.
	varying = regexp.MustCompile(`0x[0-9a-f]+|goroutine \d+|\(\d+ times\)|\d+ times shown|\d+ frames? outside|\d+ other goroutines?|reported \d+ times|\d+\.\d+ s`)
	digits  = regexp.MustCompile(`0x[0-9a-f]+|\d+`)
)

func normal(s string) string {
	return varying.ReplaceAllStringFunc(s, func(m string) string { return digits.ReplaceAllString(m, "N") })
}

// TestFaulty compiles and runs programs with a bug, each a pattern from the
// studies of Go's concurrency bugs, and compares what is said of them.
// testdata/faulty/*.golden is written by -update.
func TestFaulty(t *testing.T) {
	files, err := filepath.Glob("testdata/faulty/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files (%v)", len(files), err)
	}
	l := newLab(t)
	programs := 0
	// What runs longer than this hangs, which the runtime did not notice.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		programs += len(archive.Files)
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			goldens(t, strings.TrimSuffix(file, ".txtar")+".golden", archive, func(t *testing.T, name, code string) string {
				got := l.run(ctx, t, code)
				if got.failure == nil {
					t.Fatalf("nothing went wrong; it wrote %q", got.out.String())
				}
				if got.errors != 1 || got.late {
					t.Errorf("%d errors, something after it: %v", got.errors, got.late)
				}
				return got.golden()
			})
		})
	}
	if programs < 80 {
		t.Errorf("only %d programs", programs)
	}
}

// goldens runs each file of an archive beside others and compares with, or
// writes, the file of the same name in a golden archive.
func goldens(t *testing.T, path string, in *txtar.Archive, run func(t *testing.T, name, code string) string) {
	want := map[string]string{}
	if g, err := txtar.ParseFile(path); err == nil {
		for _, f := range g.Files {
			want[f.Name] = string(f.Data)
		}
	}
	var mu sync.Mutex
	got := map[string]string{}
	t.Cleanup(func() {
		if !*explain.Update || t.Failed() && len(got) < len(in.Files) {
			return
		}
		out := &txtar.Archive{Comment: []byte("What is said of the programs in the .txtar beside it; written by -update.\n")}
		for _, f := range in.Files {
			out.Files = append(out.Files, txtar.File{Name: f.Name, Data: []byte(got[f.Name])})
		}
		if err := os.WriteFile(path, txtar.Format(out), 0o666); err != nil {
			t.Error(err)
		}
	})
	for _, f := range in.Files {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			text := run(t, f.Name, string(f.Data))
			// How a faulty program goes is the scheduler's to say: on a busy machine
			// a race may show one pair of accesses more. One run of three has to be
			// the one that is written down.
			for range 2 {
				if strings.TrimSpace(text) == strings.TrimSpace(want[f.Name]) || *explain.Update {
					break
				}
				text = run(t, f.Name, string(f.Data))
			}
			mu.Lock()
			got[f.Name] = text
			mu.Unlock()
			if d := cmp.Diff(strings.TrimSpace(want[f.Name]), strings.TrimSpace(text)); d != "" && !*explain.Update {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestVet runs cells that compile: findings come after the output, one display
// for a cell, and before the error where there is one.
func TestVet(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/vet/vet.txtar")
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	goldens(t, "testdata/vet/vet.golden", archive, func(t *testing.T, name, code string) string {
		return l.run(ctx, t, code).golden()
	})
}
