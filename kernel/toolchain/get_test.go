package toolchain

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// proxy writes modules as a module proxy on disk serves them.
func proxy(t *testing.T, modules map[string]map[string]string) (url string) {
	t.Helper()
	dir := t.TempDir()
	lists := map[string][]string{}
	for at, files := range modules {
		path, vers, _ := strings.Cut(at, "@")
		v := filepath.Join(dir, filepath.FromSlash(path), "@v")
		if err := os.MkdirAll(v, 0o700); err != nil {
			t.Fatal(err)
		}
		lists[v] = append(lists[v], vers)
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, text := range files {
			w, err := z.Create(at + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(w, text)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(lists[v])
		for name, data := range map[string]string{
			vers + ".info": fmt.Sprintf(`{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, vers),
			vers + ".mod":  files["go.mod"],
			vers + ".zip":  b.String(),
			"list":         strings.Join(lists[v], "\n") + "\n",
		} {
			if err := os.WriteFile(filepath.Join(v, name), []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return "file://" + filepath.ToSlash(dir)
}

// ownModuleCache starts with what the course needs and nothing else.
func ownModuleCache(t *testing.T, proxies string) {
	t.Helper()
	have := open(t, Options{}).env.all["GOMODCACHE"]
	dir := t.TempDir()
	t.Cleanup(func() { // the go command makes it read-only
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				os.Chmod(path, 0o700)
			}
			return nil
		})
	})
	for _, part := range []string{"golang.org/x/sync@v0.24.0", "cache/download/golang.org/x/sync"} {
		if _, err := os.Stat(filepath.Join(have, part)); err != nil {
			t.Skip("golang.org/x/sync is not in the module cache")
		}
		if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join(have, part))); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOMODCACHE", dir)
	t.Setenv("GOPROXY", proxies)
	t.Setenv("GOSUMDB", "off")
}

var greet = map[string]map[string]string{
	"example.com/greet@v1.0.0": {
		"go.mod":       "module example.com/greet\n\ngo 1.26\n",
		"greet.go":     "package greet\n\nfunc Word() string { return \"hello\" }\n",
		"cmd/x/x.go":   "package main\n\nfunc main() {}\n",
		"bad/bad.go":   "package bad\n\nvar N int = \"x\"\n",
		"c/c.go":       "package c\n\nimport \"C\"\n",
		"rand/rand.go": "package rand\n\nfunc Dice() int { return 4 }\n",
	},
	"example.com/greet@v1.1.0": {
		"go.mod":     "module example.com/greet\n\ngo 1.26\n",
		"greet.go":   "package greet\n\nfunc Word() string { return \"good day\" }\n",
		"rand/r.go":  "package rand\n\nfunc Dice() int { return 4 }\n",
		"bad/bad.go": "package bad\n\nvar N int = \"x\"\n",
		"c/c.go":     "package c\n\nimport \"C\"\n",
		"cmd/x/x.go": "package main\n\nfunc main() {}\n",
	},
}

func TestGet(t *testing.T) {
	ownModuleCache(t, proxy(t, greet))
	tc := prepared(t, Normal)
	m := newModule(t, tc)
	ctx := context.Background()
	const text = `package main; import ("example.com/greet"; "gopark/helpers"); func main() { println(helpers.Hello(), greet.Word()) }`

	if m.Has("example.com/greet") {
		t.Fatal("it is there before Get")
	}
	var lines []string
	out := func(line string) { lines = append(lines, line) }
	if err := m.Get(ctx, "example.com/greet@v1.0.0", out); err != nil {
		t.Fatal(err)
	}
	mustContain(t, strings.Join(lines, "\n"), "go: downloading example.com/greet v1.0.0", "go: added example.com/greet v1.0.0")
	if !m.Has("example.com/greet") || m.Named("greet")[0] != "example.com/greet" {
		t.Error("it is not there after Get")
	}
	p, err := m.Import("example.com/greet")
	if err != nil || p.Scope().Lookup("Word") == nil {
		t.Errorf("Import: %v, %v", p, err)
	}
	run := func(want string, c Config) {
		t.Helper()
		bin := build(t, m, unique(text), c)
		if bin.Fallback != "" && len(c.Flags) == 0 {
			t.Errorf("fallback: %s", bin.Fallback)
		}
		got, _ := execute(t, bin.Path)
		mustContain(t, got, want)
	}
	run("hello hello", Config{})
	run("hello hello", Config{Flags: []string{"-tags=x"}})

	// A package of a module that is there needs no network, and says nothing.
	lines = nil
	if err := m.Get(ctx, "example.com/greet/rand", out); err != nil {
		t.Fatal(err)
	}
	if len(lines) > 0 {
		t.Errorf("it says %v", lines)
	}
	if got := m.Named("rand", "Dice"); len(got) != 4 || got[0] != "example.com/greet/rand" {
		t.Errorf("Named: %v", got)
	}
	if got := m.Named("rand"); len(got) != 4 || got[3] != "example.com/greet/rand" {
		t.Errorf("Named: %v", got)
	}

	if err := m.Get(ctx, "example.com/greet@latest", nil); err != nil {
		t.Fatal(err)
	}
	run("hello good day", Config{})

	t.Run("race", func(t *testing.T) {
		prepare(t, tc, Race)
		run("hello good day", Config{Kind: Race})
	})

	before, err := os.ReadFile(filepath.Join(m.Dir(), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"example.com/greet/none":  "does not contain package example.com/greet/none",
		"example.com/greet/bad":   "cannot use \"x\"",
		"example.com/greet/c":     "cells are built without cgo",
		"example.com/greet/cmd/x": "a program, not an importable package",
		"example.com/none":        "example.com/none",
		"none":                    "none",
		"-x":                      "x",
	} {
		err := m.Get(ctx, path, nil)
		var ge *GetError
		if !errors.As(err, &ge) || ge.Path != path {
			t.Errorf("Get(%s): %v, want a GetError", path, err)
			continue
		}
		if ge.Offline {
			t.Errorf("Get(%s) is called offline: %v", path, err)
		}
		mustContain(t, err.Error(), want)
	}
	after, err := os.ReadFile(filepath.Join(m.Dir(), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Errorf("what failed changed go.mod:\n%s", after)
	}
	run("hello good day", Config{})

	if err := m.Reset(); err != nil {
		t.Fatal(err)
	}
	if m.Has("example.com/greet") {
		t.Error("it is there after Reset")
	}
	build(t, m, unique(`package main; import _ "gopark/helpers"; func main() {}`), Config{})
}

// A learner may replace a module by a folder and edit it.
func TestLocalReplace(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a lot")
	}
	ownModuleCache(t, proxy(t, greet))
	m := newModule(t, prepared(t, Normal))
	local := t.TempDir()
	write := func(word string) {
		t.Helper()
		for name, text := range map[string]string{
			"go.mod":   "module example.com/greet\n\ngo 1.26\n",
			"greet.go": fmt.Sprintf("package greet\n\nfunc Word() string { return %q }\n", word),
		} {
			if err := os.WriteFile(filepath.Join(local, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("first")
	f, err := os.OpenFile(filepath.Join(m.Dir(), "go.mod"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(f, "\nreplace example.com/greet => %s\n", local)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := m.Get(context.Background(), "example.com/greet", nil); err != nil {
		t.Fatal(err)
	}
	text := unique(`package main; import "example.com/greet"; func main() { println(greet.Word()) }`)
	for _, word := range []string{"first", "second"} {
		write(word)
		out, _ := execute(t, build(t, m, text, Config{}).Path)
		mustContain(t, out, word)
	}
}

func TestGetOffline(t *testing.T) {
	ownModuleCache(t, "http://127.0.0.1:1")
	m := newModule(t, prepared(t, Normal))
	for _, path := range []string{"example.com/greet", "example.com/greet@v1.0.0"} {
		err := m.Get(context.Background(), path, nil)
		var ge *GetError
		if !errors.As(err, &ge) || !ge.Offline {
			t.Errorf("got %v, want a GetError that says offline", err)
			continue
		}
		mustContain(t, err.Error(), "no way to the module proxy")
	}
	build(t, m, unique(`package main; import _ "gopark/helpers"; func main() {}`), Config{})
}

// silentProxy accepts connections and never answers, like a captive portal.
func silentProxy(t *testing.T) (url string, asked <-chan struct{}) {
	t.Helper()
	ch := make(chan struct{}, 100)
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ch <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(release); srv.Close() })
	return srv.URL, ch
}

func TestGetSilence(t *testing.T) {
	url, _ := silentProxy(t)
	ownModuleCache(t, url)
	tc := prepared(t, Normal)
	tc.silence = 500 * time.Millisecond
	err := newModule(t, tc).Get(context.Background(), "example.com/greet", nil)
	var ge *GetError
	if !errors.As(err, &ge) || !ge.Offline {
		t.Fatalf("got %v, want a GetError that says offline", err)
	}
	mustContain(t, err.Error(), "does not answer")
}

func TestGetStops(t *testing.T) {
	url, asked := silentProxy(t)
	ownModuleCache(t, url)
	m := newModule(t, prepared(t, Normal))
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Get(ctx, "example.com/greet", nil) }()
	<-asked
	begin := time.Now()
	cancel(cause)
	if err := <-done; !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
	if took := time.Since(begin); took > 200*time.Millisecond {
		t.Errorf("took %v to stop", took)
	}
	build(t, m, unique(`package main; import _ "gopark/helpers"; func main() {}`), Config{})
}
