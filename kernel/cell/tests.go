package cell

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addTests makes the main of a %test cell: the cell's own tests, benchmarks and
// examples, or all remembered ones when it has none.
func (b *builder) addTests() error {
	b.main = nil
	found := collectTests(b.own)
	if found.empty() {
		found = collectTests(b.memory.with(b.own))
	}
	if found.empty() {
		return &Errors{Diagnostics: []Diagnostic{{Cell: b.cell.ID, Line: 1, Column: 1,
			Message: "%test found no test: no function here is called TestXxx, BenchmarkXxx or ExampleXxx",
			Source:  SourceLine(b.cell.Text, 1), Help: "write func TestXxx(t *testing.T) { … } in this cell or an earlier one"}}}
	}
	b.benchmarks = len(found.benchmarks) > 0
	b.extra = []SourceFile{{"tests.go", []byte(found.main())}}
	return nil
}

type testFuncs struct {
	tests, benchmarks []string
	examples          []*doc.Example
}

func (t *testFuncs) empty() bool {
	return len(t.tests)+len(t.benchmarks)+len(t.examples) == 0
}

func collectTests(units []*unit) *testFuncs {
	t := &testFuncs{}
	for _, u := range units {
		if u.kind != token.FUNC || len(u.names) != 1 {
			continue
		}
		switch key := u.names[0].key; {
		case key == "TestMain":
		case isTest(key, "Test"):
			t.tests = append(t.tests, key)
		case isTest(key, "Benchmark"):
			t.benchmarks = append(t.benchmarks, key)
		case isTest(key, "Example"):
			f, err := parser.ParseFile(token.NewFileSet(), "cell_test.go", "package p\n"+u.text, parser.ParseComments)
			if err != nil {
				continue
			}
			for _, ex := range doc.Examples([]*ast.File{f}...) {
				if ex.Output != "" || ex.EmptyOutput {
					t.examples = append(t.examples, ex)
				}
			}
		}
	}
	return t
}

// isTest is go test's own rule: after the prefix comes nothing or no lower-case letter.
func isTest(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || !unicode.IsLower(r)
}

func (t *testFuncs) main() string {
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"regexp\"\n\t\"testing\"\n)\n\nfunc main() {\n\ttesting.Main(regexp.MatchString,\n")
	b.WriteString("\t\t[]testing.InternalTest{")
	for _, n := range t.tests {
		fmt.Fprintf(&b, "{Name: %q, F: %s}, ", n, n)
	}
	b.WriteString("},\n\t\t[]testing.InternalBenchmark{")
	for _, n := range t.benchmarks {
		fmt.Fprintf(&b, "{Name: %q, F: %s}, ", n, n)
	}
	b.WriteString("},\n\t\t[]testing.InternalExample{")
	for _, ex := range t.examples {
		fmt.Fprintf(&b, "{Name: %q, F: %s, Output: %q, Unordered: %t}, ", "Example"+ex.Name, "Example"+ex.Name, ex.Output, ex.Unordered)
	}
	b.WriteString("})\n}\n")
	return b.String()
}
