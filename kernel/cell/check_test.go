package cell

import (
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// world is a Packages made of the build cache's export data.
type world struct {
	types.Importer
	exports map[string]string
}

func (w world) Named(name string, _ ...string) (out []string) {
	for _, p := range []string{"math/rand", "crypto/rand", "text/template", "html/template"} {
		if strings.HasSuffix("/"+p, "/"+name) && w.exports[p] != "" {
			out = append(out, p)
		}
	}
	for p := range w.exports {
		if p == name || (strings.HasSuffix(p, "/"+name) && !strings.Contains(p, "internal") && len(out) == 0) {
			out = append(out, p)
		}
	}
	return out
}

var loadWorld = sync.OnceValues(func() (world, error) {
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}}={{.Export}}{{end}}",
		"fmt", "net/http", "testing", "math/rand", "crypto/rand", "flag", "os/signal", "time", "sync", "regexp", "strconv", "reflect").Output()
	if err != nil {
		return world{}, fmt.Errorf("go list -export: %w", err)
	}
	w := world{exports: map[string]string{}}
	for _, line := range strings.Fields(string(out)) {
		p, file, _ := strings.Cut(line, "=")
		w.exports[p] = file
	}
	w.Importer = importer.ForCompiler(token.NewFileSet(), "gc", func(p string) (io.ReadCloser, error) {
		if w.exports[p] == "" {
			return nil, fmt.Errorf("package %s is not in std", p)
		}
		return os.Open(w.exports[p])
	})
	return w, nil
})

// A step is one cell and what comes of it.
type step struct {
	cell    string
	tests   bool
	want    []string // diagnostics, or notices of a program
	help    string
	kind    Kind
	missing string
}

func TestCheck(t *testing.T) {
	w, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"main", []step{{cell: "%%\nfmt.Println(1)", kind: Main}}},
		{"every error, placed", []step{{
			cell: "func f() int {\n\treturn \"a\"\n}\n%%\nx := 1\nfmt.Println(y, f(2))\n",
			want: []string{
				`cell [1] line 2: cannot use "a" (untyped string constant) as int value in return statement`,
				`cell [1] line 5: declared and not used: x`,
				`cell [1] line 6: undefined: y`,
				"cell [1] line 6: too many arguments in call to f\n\thave (number)\n\twant ()",
			}}}},
		{"memory", []step{
			{cell: "func f() int { return 1 }", kind: Declarations},
			{cell: "%%\nfmt.Println(f())", kind: Main},
			{cell: "func f() string { return \"a\" }", kind: Declarations},
			{cell: "%%\nvar s string = f()\nprintln(s)", kind: Main},
		}},
		{"an error changes nothing", []step{
			{cell: "func f() int { return 1 }", kind: Declarations},
			{cell: "func f() string { return 1 }", want: []string{"cell [2] line 1: cannot use 1 (untyped int constant) as string value in return statement"}},
			{cell: "%%\nvar n int = f()\nprintln(n)", kind: Main},
		}},
		{"set aside and back", []step{
			{cell: "type T struct{ A int }", kind: Declarations},
			{cell: "// Get gets.\nfunc (t T) Get() int {\n\treturn t.A\n}", kind: Declarations},
			{cell: "type T struct{ B int }", kind: Declarations,
				want: []string{"set aside method T.Get of cell [2]: line 3: t.A undefined (type T has no field or method A). It comes back when it type-checks again."}},
			{cell: "%%\nfmt.Println(T{B: 1})", kind: Main},
			{cell: "%%\nfmt.Println(T{}.Get())", want: []string{"cell [5] line 2: T{}.Get undefined (type T has no field or method Get)"}},
			{cell: "type T struct{ A, B int }", kind: Declarations},
			{cell: "%%\nfmt.Println(T{}.Get())", kind: Main},
		}},
		{"generic receivers", []step{
			{cell: "type St[T any] struct{ xs []T }\nfunc (s St[T]) Len() int { return len(s.xs) }", kind: Declarations},
			{cell: "type Box[T any] struct{}\nfunc (b *Box[T]) Len() int { return 1 }", kind: Declarations},
			{cell: "%%\nfmt.Println(St[int]{}.Len(), new(Box[string]).Len())", kind: Main},
		}},
		{"a name changes its kind", []step{
			{cell: "func a() {}", kind: Declarations},
			{cell: "var a = 1", kind: Declarations},
			{cell: "%%\nfmt.Println(a + 1)", kind: Main},
		}},
		{"groups come apart", []step{
			{cell: "const (\n\tA = iota\n\tB\n\tC\n)\nvar (\n\tx, y = 1, 2\n\tz = 3\n)", kind: Declarations},
			{cell: "func B() {}\nvar x = \"s\"", kind: Declarations},
			{cell: "%%\nB()\nvar c [C - 2]int\nvar s string = x\nfmt.Println(A, c, s, y+z)", kind: Main},
		}},
		{"imports", []step{
			{cell: "import (\n\tf \"fmt\"\n\t\"os\"\n\t. \"strings\"\n)\n%%\nf.Println(rand.Read)", kind: Main},
			{cell: "%%\nf.Println(rand.Intn(3))", kind: Main},
			{cell: "%%\nfmt.Printline()", want: []string{"cell [3] line 2: undefined: fmt.Printline"}},
			{cell: "import \"fmtt\"\n%%\nfmtt.X()", missing: "fmtt"},
			{cell: "import \"internal/abi\"", want: []string{"cell [5] line 1: use of internal package internal/abi not allowed"}},
			{cell: "import \"C\"", want: []string{`cell [6] line 1: import "C": cgo does not work in a cell`}, help: "put the C code into a module of its own and import that"},
		}},
		{"own import wins over memory", []step{
			{cell: "import \"crypto/rand\"\nfunc g() { rand.Text() }", kind: Declarations},
			{cell: "func h() int { return rand.Intn(2) }\n%%\ng()\nprintln(h())", kind: Main},
		}},
		{"a var hides a package", []step{{cell: "var log = 3\n%%\nfmt.Println(log)", kind: Main}}},
		{"statements", []step{
			{cell: "x := 1\ny, z := 2, \"a\"\nx + y", kind: Statements},
			{cell: "fmt.Println(x)", want: []string{"cell [2] line 1: undefined: x"},
				help: "cell [1] gave x its value in a bare statement, and that value ended with the cell; declare it there with var x = …, which is made anew in every cell, or use it in the same cell"},
			{cell: "var wg sync.WaitGroup\nwg.Wait()", kind: Statements},
			{cell: "func f(a int) int { return a * 2 }\nvar q = 4\nf(q)", kind: Statements},
			{cell: "f(q, 1); f(q)", want: []string{"cell [5] line 1: too many arguments in call to f\n\thave (int, number)\n\twant (int)"}},
			{cell: "a := 1; b := 2; a + c", want: []string{"cell [6] line 1: undefined: c"}},
		}},
		{"two mains", []step{{cell: "func main() {}\n%%\nprintln()", want: []string{"cell [1] line 1: main redeclared in this cell: it has a func main and a %%"}, help: "keep one of the two"}}},
		{"tests", []step{
			{cell: "func TestA(t *testing.T) {}\nfunc BenchmarkB(b *testing.B) {}\nfunc ExampleC() {\n\tfmt.Println(1)\n\t// Output: 1\n}", tests: true, kind: Tests},
			{cell: "func Testify() {}", tests: true, kind: Tests},
			{cell: "func TestA(t *testing.T) { t.Fatl() }", tests: true,
				want: []string{"cell [3] line 1: t.Fatl undefined (type *testing.T has no field or method Fatl)"}},
		}},
		{"init_x", []step{
			{cell: "var n int\nfunc init_a() { n++ }\nfunc init_b() { n++ }", kind: Declarations},
			{cell: "%%\nfmt.Println(n)", kind: Main},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m Memory
			for i, s := range tt.steps {
				p, err := m.Check(Parse(i+1, s.cell), w, s.tests)
				var got []string
				var help string
				var errs *Errors
				var missing *Missing
				switch {
				case errors.As(err, &missing):
					if len(missing.Imports) != 1 || missing.Imports[0].Path != s.missing {
						t.Errorf("step %d: missing %v, want %q", i+1, missing, s.missing)
					}
					continue
				case errors.As(err, &errs):
					for _, d := range errs.Diagnostics {
						got = append(got, d.String())
						if d.Source == "" {
							t.Errorf("step %d: no source line for %v", i+1, d)
						}
						help = d.Help
					}
				case err != nil:
					t.Fatalf("step %d: %v", i+1, err)
				default:
					got = p.Notices
					if p.Kind != s.kind {
						t.Errorf("step %d: kind %v, want %v", i+1, p.Kind, s.kind)
					}
					m.Commit(p)
				}
				if d := cmp.Diff(s.want, got); d != "" {
					t.Errorf("step %d (-want +got):\n%s", i+1, d)
				}
				if help != s.help {
					t.Errorf("step %d: help %q, want %q", i+1, help, s.help)
				}
			}
		})
	}
}

// Programs are compiled and run here by go build, for what they print; the
// toolchain's own tests do it the fast way.
func TestProgramsRun(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	w, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		cells []string
		want  string // stdout, or a part of stderr after a "!"
	}{
		{"hello", []string{"%%\nfmt.Println(\"hello\")"}, "hello\n"},
		{"panic place", []string{"// F is documented.\nfunc F(xs []int) int {\n\treturn xs[5]\n}", "%%\n\nF(nil)"}, "!cell[1]:3"},
		{"pruned", []string{"import \"net/http\"\nfunc get() { http.Get(\"\") }", "%%\nfmt.Println(1)"}, "1\n"},
		{"effects stay", []string{"var _ = note(\"a\")\nfunc note(s string) int { fmt.Print(s); return 0 }\nfunc init() { fmt.Print(\"i\") }", "%%\nfmt.Println(1)"}, "ai1\n"},
		{"result", []string{"x := 20\nx + 1"}, "result 21"},
		{"result of a call", []string{"func f() (int, error) { return 3, nil }\nf()"}, "result 3, nil"},
		{"result struct", []string{"type P struct{ X int }\n&P{2}"}, "result &main.P{X:2}"},
		{"no result of Println", []string{"fmt.Println(7)"}, "7\n"},
		{"redeclared const keeps its group", []string{"const (\n\tA = iota\n\tB\n\tC\n)", "var B = 7", "%%\nfmt.Println(A, B, C)"}, "0 7 2\n"},
		{"flags", []string{"var n = flag.Int(\"n\", 4, \"\")\n%%\nfmt.Println(*n)"}, "4\n"},
	}
	dir := t.TempDir()
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m Memory
			var p *Program
			for i, text := range tt.cells {
				var err error
				if p, err = m.Check(Parse(i+1, text), w, false); err != nil {
					t.Fatal(err)
				}
				m.Commit(p)
			}
			src := filepath.Join(dir, fmt.Sprint(i))
			if err := os.Mkdir(src, 0o700); err != nil {
				t.Fatal(err)
			}
			for _, f := range append(p.Files, SourceFile{"go.mod", []byte("module m\ngo 1.26\n")}) {
				if err := os.WriteFile(filepath.Join(src, f.Name), []byte(p.Rename(string(f.Text))), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			build := exec.Command("go", "build", "-o", "prog")
			build.Dir = src
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			run := exec.Command(filepath.Join(src, "prog"))
			r, wr, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			run.ExtraFiles = []*os.File{wr}
			var stdout, stderr strings.Builder
			run.Stdout, run.Stderr = &stdout, &stderr
			runErr := run.Run()
			wr.Close()
			result, _ := io.ReadAll(r)
			got := stdout.String()
			if len(result) > 0 {
				got = "result " + string(result)
			}
			if want, ok := strings.CutPrefix(tt.want, "!"); ok {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("stderr lacks %q:\n%s", want, stderr.String())
				}
			} else if runErr != nil || got != tt.want {
				t.Errorf("got %q (%v), want %q\n%s", got, runErr, tt.want, stderr.String())
			}
		})
	}
}

func TestSyntaxError(t *testing.T) {
	w, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"func f( {", "%%\nx := (1\n", "x := \n\n", "x\n%%\ny()", "import fmt"} {
		var m Memory
		_, err := m.Check(Parse(3, text), w, false)
		var syn *SyntaxError
		if !errors.As(err, &syn) {
			t.Errorf("%q: %v, want a syntax error", text, err)
			continue
		}
		if len(syn.Errors.Diagnostics) == 0 || syn.Errors.Diagnostics[0].Cell != 3 {
			t.Errorf("%q: %+v\n%s", text, syn.Errors, syn.Program.Files[0].Text)
		}
	}
}

func FuzzCheck(f *testing.F) {
	w, err := loadWorld()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"%%\nfmt.Println(1)", "x := 1; x", "func (t T) M() {}", "const (A = iota; B)", "import . \"fmt\"\nPrintln()", "func init_() {}",
		"var _, a = 1, 2", "type T[P any] = []P", "func f[", "/*line x:1*/x", "go func() {}()", "L: for { break L }", "x, y := 1", "<-make(chan int)"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var m Memory
		for i, text := range []string{a, b, a} {
			if p, err := m.Check(Parse(i+1, text), w, false); err == nil {
				m.Commit(p)
			}
			m.Entries()
		}
	})
}
