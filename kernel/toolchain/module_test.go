package toolchain

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestNamed(t *testing.T) {
	m := newModule(t, prepared(t, Normal))
	tests := []struct {
		name      string
		selectors []string
		want      string // the first path, or all when there is a space
	}{
		{"fmt", nil, "fmt"},
		{"http", []string{"Get"}, "net/http"},
		{"atomic", nil, "sync/atomic"},
		{"trace", []string{"Start"}, "runtime/trace"},
		{"errgroup", nil, "golang.org/x/sync/errgroup"},
		{"helpers", nil, "gopark/helpers"},
		{"deep", nil, "gopark/helpers/deep"},
		{"rand", nil, "math/rand math/rand/v2 crypto/rand"},
		{"rand", []string{"Intn"}, "math/rand math/rand/v2 crypto/rand"},
		{"rand", []string{"IntN"}, "math/rand/v2 math/rand crypto/rand"},
		{"rand", []string{"Text"}, "crypto/rand math/rand math/rand/v2"},
		{"rand", []string{"Nonsense"}, "math/rand math/rand/v2 crypto/rand"},
		{"template", []string{"New"}, "text/template html/template"},
		{"template", []string{"JSEscapeString", "URL"}, "html/template text/template"},
		{"pprof", []string{"Handler"}, "net/http/pprof runtime/pprof"},
		{"scanner", []string{"ErrorList"}, "go/scanner text/scanner"},
		{"secret", nil, ""},
		{"bytealg", nil, ""},
		{"testdeps", nil, ""},
		{"main", nil, ""},
		{"nothing", nil, ""},
	}
	for _, tt := range tests {
		got := m.Named(tt.name, tt.selectors...)
		if strings.Join(got, " ") != tt.want {
			t.Errorf("Named(%s, %v) = %v, want %s", tt.name, tt.selectors, got, tt.want)
		}
	}
}

func TestHas(t *testing.T) {
	m := newModule(t, prepared(t, Normal))
	for path, want := range map[string]bool{
		"fmt": true, "unsafe": true, "net/http/httptest": true, "gopark/helpers": true, "golang.org/x/sync/semaphore": true,
		"internal/abi": false, "gopark/helpers/internal/secret": false, "vendor/golang.org/x/net/idna": false, "golang.org/x/net/idna": false,
		"C": false, "nothing": false, "example.com/x": false, "gopark": false,
	} {
		if got := m.Has(path); got != want {
			t.Errorf("Has(%s) = %v, want %v", path, got, want)
		}
	}
}

func TestNotPrepared(t *testing.T) {
	m := newModule(t, prepared(t))
	if _, err := m.Import("fmt"); !errors.Is(err, ErrNotPrepared) {
		t.Errorf("Import: %v", err)
	}
	if m.Has("fmt") || m.Named("fmt") != nil {
		t.Error("there are packages before the preparation")
	}
	bin := build(t, m, unique(`package main; func main() {}`), Config{}) // prepares
	if bin.Fallback != "" || !m.Has("fmt") {
		t.Errorf("after a build: %+v", bin)
	}
}

func TestImport(t *testing.T) {
	m := newModule(t, prepared(t, Normal))
	const text = `package main

import (
	"fmt"
	"io"
	"net/http"
	"unsafe"

	"gopark/helpers/deep"
	"golang.org/x/sync/errgroup"
)

func main() {
	var r io.Reader = http.NoBody
	var g errgroup.Group
	fmt.Println(r, deep.Answer()+1, unsafe.Sizeof(r), &g)
}
`
	// Many checks at once share the importer.
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, "main.go", text, 0)
			if err != nil {
				t.Error(err)
				return
			}
			conf := types.Config{Importer: m}
			if _, err := conf.Check("main", fset, []*ast.File{file}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	a, err := m.Import("io")
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := m.Import("io"); a != b {
		t.Error("two imports, two packages")
	}
	for path, want := range map[string]string{
		"internal/abi": "use of internal package internal/abi not allowed",
		"nothing":      "package nothing is not in std",
		"a.b/c":        "no module of this session provides package a.b/c",
		"C":            "without cgo",
	} {
		if _, err := m.Import(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Import(%s): %v, want %q", path, err, want)
		}
	}
	if _, err := m.Import("testing/internal/testdeps"); err != nil {
		t.Error(err)
	}
}

func TestForeignModule(t *testing.T) {
	tc := prepared(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "go.mod")
	if err := os.WriteFile(file, []byte("module mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := tc.NewModule(dir); err == nil {
		t.Error("a go.mod of somebody else was taken")
	}
	if text, _ := os.ReadFile(file); string(text) != "module mine\n" {
		t.Errorf("it is now %s", text)
	}
}

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

func TestGetStops(t *testing.T) {
	m := newModule(t, prepared(t, Normal))
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	if err := m.Get(ctx, "example.com/greet", nil); !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
}
