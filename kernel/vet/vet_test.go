package vet

import (
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
	"time"

	"gopark/kernel/cell"
)

// packages is the standard library, from source.
type packages struct{ types.Importer }

func (packages) Named(name string, _ ...string) []string {
	for _, p := range []string{"fmt", "sync", "context", "time", "errors", "sync/atomic"} {
		if p == name || strings.HasSuffix(p, "/"+name) {
			return []string{p}
		}
	}
	return nil
}

func program(t testing.TB, m *cell.Memory, id int, code string) *cell.Program {
	t.Helper()
	p, err := m.Check(cell.Parse(id, code), world, false)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var world = packages{importer.ForCompiler(token.NewFileSet(), "source", nil)}

// TestCheck: a finding is told with the cell in which it was written, and not
// again with the cells that use it.
func TestCheck(t *testing.T) {
	var m cell.Memory
	p := program(t, &m, 3, "type Box struct {\n\tsync.Mutex\n}\n\nfunc Use(b Box) {}\n")
	got, err := Check(p.Typed())
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	if d := got[0]; d.Cell != 3 || d.Line != 5 || d.Source != "func Use(b Box) {}" || d.Help == "" || !strings.Contains(d.Message, "passes lock by value") {
		t.Errorf("%+v", d)
	}
	m.Commit(p)
	got, err = Check(program(t, &m, 4, "%%\nvar b Box\nUse(b)\nvar wg sync.WaitGroup\ngo func() { wg.Add(1) }()\n").Typed())
	var lines []int
	for _, d := range got {
		lines = append(lines, d.Line)
		if d.Cell != 4 {
			t.Errorf("%+v", d)
		}
	}
	if err != nil || !slices.Equal(lines, []int{3, 5}) {
		t.Errorf("lines %v, %v", lines, err)
	}
}

func TestNothing(t *testing.T) {
	if got, err := Check(nil); got != nil || err != nil {
		t.Error(got, err)
	}
	for _, code := range []string{"", "// only a comment", "%%\nfmt.Println(1)", "x := 1\nx", "%%\nfor i := range 3 {\n\tgo func() { fmt.Println(i) }()\n}"} {
		if got, err := Check(program(t, new(cell.Memory), 1, code).Typed()); len(got) > 0 || err != nil {
			t.Errorf("%q: %v %v", code, got, err)
		}
	}
}

// BenchmarkCheck is what vet costs beside a build.
func BenchmarkCheck(b *testing.B) {
	var code strings.Builder
	for i := range 40 {
		fmt.Fprintf(&code, "func F%d() error {\n\tvar wg sync.WaitGroup\n\tctx, cancel := context.WithTimeout(context.Background(), time.Second)\n\tdefer cancel()\n\twg.Go(func() { <-ctx.Done() })\n\twg.Wait()\n\treturn ctx.Err()\n}\n\n", i)
	}
	p := program(b, new(cell.Memory), 1, code.String())
	begin := time.Now()
	n := 0
	for b.Loop() {
		if _, err := Check(p.Typed()); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(time.Since(begin).Microseconds())/1000/float64(n), "ms/cell")
}
