package peek

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// TestLayout compares the layout that programs publish with the runtime's
// source of the Go release that the test runs with. When it fails, a new release
// needs a layout of its own in helpers/internal/exit/look.go; until then its
// programs publish none.
func TestLayout(t *testing.T) {
	if !strings.HasPrefix(runtime.Version(), "go1.26") {
		t.Skipf("SKIPPED: %s has no layout", runtime.Version())
	}
	source, err := os.ReadFile("../../helpers/internal/exit/look.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\t(\d+): +(\d+), +// (g|p)\.([\w.]+)$`).FindAllStringSubmatch(string(source), -1)
	if len(rows) != offsets {
		t.Fatalf("%d offsets in the source, %d here", len(rows), offsets)
	}
	for _, arch := range []string{"amd64", "arm64"} {
		pkg, sizes := runtimePackage(t, arch)
		for i, row := range rows {
			if row[1] != strconv.Itoa(i) {
				t.Errorf("row %d has the number %s", i, row[1])
			}
			typ := pkg.Scope().Lookup(row[3]).Type()
			var at int64
			for _, name := range strings.Split(row[4], ".") {
				s := typ.Underlying().(*types.Struct)
				var fields []*types.Var
				found := -1
				for j := range s.NumFields() {
					fields = append(fields, s.Field(j))
					if s.Field(j).Name() == name {
						found = j
					}
				}
				if found < 0 {
					t.Fatalf("%s: no field %s.%s", arch, row[3], row[4])
				}
				at += sizes.Offsetsof(fields)[found]
				typ = fields[found].Type()
			}
			if row[2] != strconv.FormatInt(at, 10) {
				t.Errorf("%s: %s.%s is at %d, not at %s", arch, row[3], row[4], at, row[2])
			}
		}
	}
}

// runtimePackage type-checks the runtime's declarations.
func runtimePackage(t *testing.T, arch string) (*types.Package, types.Sizes) {
	t.Helper()
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled = "linux", arch, false
	p, err := ctx.Import("runtime", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{IgnoreFuncBodies: true, Importer: importer.ForCompiler(fset, "source", nil), Sizes: types.SizesFor("gc", arch), Error: func(error) {}}
	pkg, _ := conf.Check("runtime", fset, files, nil)
	if pkg == nil || pkg.Scope().Lookup("g") == nil {
		t.Fatal("the runtime's source cannot be read")
	}
	return pkg, conf.Sizes
}

// TestParseTable: the program may have written anything into its ledger.
func TestParseTable(t *testing.T) {
	good := "allgs 4096\nallp 8192\n" + strings.Repeat("at 8\n", offsets)
	if got, err := parseTable([]byte(good + "created 1\n")); err != nil || got.allgs != 4096 || got.allp != 8192 || len(got.at) != offsets {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "allgs", "allgs 1\n", good[:len(good)-5], good + "at 8\n", strings.Replace(good, "at 8", "at 999999999", 1), "\x00\xff", strings.Repeat("x", 4096)} {
		if _, err := parseTable([]byte(bad)); err == nil {
			t.Errorf("%.40q: no error", bad)
		}
	}
}
