package toolchain

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
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
