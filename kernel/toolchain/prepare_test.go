package toolchain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

func TestOpen(t *testing.T) {
	t.Setenv("PATH", "/nowhere")
	_, err := Open(context.Background(), Options{CacheDir: t.TempDir()})
	if err == nil {
		t.Fatal("no error without Go")
	}
	mustContain(t, err.Error(), "install Go")
}

func TestOpenNeedsNewerGo(t *testing.T) {
	t.Setenv("GOTOOLCHAIN", "local")
	module := course()
	module["go.mod"] = &fstest.MapFile{Data: []byte("module gopark\n\ngo 1.999.0\n")}
	_, err := Open(context.Background(), Options{CacheDir: t.TempDir(), Module: module})
	if err == nil {
		t.Fatal("no error with a Go that is too old")
	}
	mustContain(t, err.Error(), "1.999.0 or newer")
}

// Settings for other work, in the environment or written by go env -w, change
// nothing.
func TestForeignSettings(t *testing.T) {
	prepared(t, Normal)
	conf := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(conf, []byte("GOFLAGS=-mod=vendor -tags=nothing\nGOWORK=/nowhere/go.work\nCGO_ENABLED=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOENV", conf)
	t.Setenv("GOOS", "js")
	t.Setenv("GOARCH", "wasm")
	t.Setenv("GO111MODULE", "off")
	t.Setenv("GOWORK", "/nowhere/go.work")
	t.Setenv("GODEBUG", "gctrace=1")
	tc := open(t, Options{})
	if tc.findSet(tc.setKey(Normal), Normal) == nil {
		t.Error("foreign settings lead to another set")
	}
	prepare(t, tc, Normal)
	m := newModule(t, tc)
	for _, flags := range [][]string{nil, {"-tags=x"}} {
		bin := build(t, m, unique(`package main; import "gopark/helpers"; func main() { println(helpers.Hello()) }`), Config{Flags: flags})
		if bin.Output != "" {
			t.Errorf("unexpected words: %s", bin.Output)
		}
		out, err := execute(t, bin.Path)
		if err != nil {
			t.Error(err)
		}
		mustContain(t, out, "hello")
	}
}

// A module cache that holds what go.sum names, no network, several kernels
// that start at once: the work is done once.
func TestPrepareTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("copies the standard library")
	}
	t.Setenv("GOPROXY", "off")
	dir := t.TempDir()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var worked, waited int
	for range 4 {
		tc := open(t, Options{CacheDir: dir})
		for range 2 {
			wg.Go(func() {
				var last Progress
				var makes, waits bool
				err := tc.Prepare(context.Background(), Normal, func(p Progress) {
					if p.Total > 0 && (p.Done < last.Done || p.Done > p.Total) {
						t.Errorf("progress went from %+v to %+v", last, p)
					}
					makes = makes || p.Total > 0
					waits = waits || strings.HasPrefix(p.What, "waiting")
					last = p
				})
				if err != nil {
					t.Error(err)
					return
				}
				if makes && last.Done != last.Total {
					t.Errorf("progress ended at %+v", last)
				}
				mu.Lock()
				defer mu.Unlock()
				if makes {
					worked++
				}
				if waits {
					waited++
				}
			})
		}
		if len(tc.Broken(Normal)) > 0 {
			t.Errorf("broken: %v", tc.Broken(Normal))
		}
	}
	wg.Wait()
	if worked != 1 || waited > 3 {
		t.Errorf("%d prepared and %d waited, want 1 and at most 3", worked, waited)
	}

	// A cache made ready for all users of a machine is used where it is.
	shared := open(t, Options{CacheDir: t.TempDir(), Shared: []string{dir}})
	begin := time.Now()
	prepare(t, shared, Normal)
	t.Logf("loading a shared set: %v", time.Since(begin))
	m := newModule(t, shared)
	const text = `package main; import "container/ring"; func main() { println(ring.New(3).Len()) }`
	build(t, m, unique(text), Config{})
	if made, _ := filepath.Glob(filepath.Join(shared.dir, "archives", "*", "*")); len(made) > 0 {
		t.Errorf("archives were copied: %v", made[:1])
	}
	// When it is damaged, the own cache takes its place.
	file, err := shared.store.check(shared.set(Normal).pkgs["container/ring"])
	if err != nil {
		t.Fatal(err)
	}
	if err := flip(file, 900); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, time.Time{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	bin := build(t, m, unique(text), Config{})
	out, _ := execute(t, bin.Path)
	mustContain(t, out, "3")
}

// The same packages make the same bytes: images can be reproduced.
func TestSetIsReproducible(t *testing.T) {
	tc := prepared(t, Normal)
	path := tc.setPath(tc.setKey(Normal))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	prepared(t, Normal)
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("two preparations wrote different sets")
	}
	if strings.Contains(string(after), tc.dir) {
		t.Error("the set names the folder that it is in")
	}
}

func TestPrepareStops(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a lot")
	}
	t.Setenv("GOCACHE", t.TempDir()) // nothing compiled yet
	tc := open(t, Options{CacheDir: t.TempDir()})
	cause := errors.New("the kernel was shut down")
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	var asked time.Time
	err := tc.Prepare(ctx, Normal, func(p Progress) {
		if p.Done == 3 && asked.IsZero() {
			asked = time.Now()
			cancel(cause)
		}
	})
	if !errors.Is(err, cause) {
		t.Fatalf("got %v, want the cause of the cancellation", err)
	}
	if took := time.Since(asked); asked.IsZero() || took > 300*time.Millisecond {
		t.Errorf("took %v to stop", took)
	}
	if tc.Prepared(Normal) {
		t.Error("half a preparation counts as a whole one")
	}
	if left := leftovers(t, tc); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A helper package that does not compile is reported and stops nobody else;
// when it is mended, it is there.
func TestBrokenHelper(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a lot")
	}
	module := course()
	module["helpers/bad/bad.go"] = &fstest.MapFile{Data: []byte("package bad\n\nvar N int = \"three\"\n")}
	module["helpers/upon/upon.go"] = &fstest.MapFile{Data: []byte("package upon\n\nimport \"gopark/helpers/bad\"\n\nvar M = bad.N\n")}
	module["helpers/lost/lost.go"] = &fstest.MapFile{Data: []byte("package lost\n\nimport _ \"example.com/nowhere\"\n")}
	tc := open(t, Options{Module: module})
	prepare(t, tc, Normal)
	var paths []string
	for _, b := range tc.Broken(Normal) {
		paths = append(paths, b.Path)
	}
	want := "example.com/nowhere gopark/helpers/bad gopark/helpers/lost gopark/helpers/upon"
	if got := strings.Join(paths, " "); got != want {
		t.Errorf("broken: %s, want %s", got, want)
	}
	m := newModule(t, tc)
	_, err := m.Import("gopark/helpers/bad")
	var broken *PackageError
	if !errors.As(err, &broken) {
		t.Fatalf("got %v, want a PackageError", err)
	}
	mustContain(t, err.Error(), "bad.go:3:13", "cannot use \"three\"")
	if m.Has("gopark/helpers/bad") || m.Has("gopark/helpers/upon") || !m.Has("gopark/helpers/deep") {
		t.Error("Has is wrong about what is broken")
	}
	_, err = m.Build(context.Background(), source1(`package main; import _ "gopark/helpers/upon"; func main() {}`), Config{})
	if !errors.As(err, &broken) {
		t.Errorf("got %v, want a PackageError", err)
	}
	build(t, m, unique(`package main; import _ "gopark/helpers/deep"; func main() {}`), Config{})
}
