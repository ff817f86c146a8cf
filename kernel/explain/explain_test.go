package explain

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gopark/kernel/cell"
)

var update = flag.Bool("update", false, "write the golden files")

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestRecorded explains what Go 1.26.8's runtime and race detector really
// printed (testdata/*.in) and compares with testdata/*.golden.
func TestRecorded(t *testing.T) {
	ins, err := filepath.Glob("testdata/*.in")
	if err != nil || len(ins) < 8 {
		t.Fatalf("%d recordings (%v)", len(ins), err)
	}
	source := func(id int) string {
		var b strings.Builder
		for line := range 40 {
			fmt.Fprintf(&b, "\tsource of %d:%d\n", id, line+1)
		}
		return b.String()
	}
	for _, in := range ins {
		name := strings.TrimSuffix(filepath.Base(in), ".in")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			var f *Failure
			switch name {
			case "quit":
				f = Interrupted(string(text), 3200*time.Millisecond, source)
			case "race":
				f = Races(string(text), source)
			default:
				f = Crash(string(text), source)
			}
			if f == nil {
				t.Fatal("not recognised")
			}
			got := f.Name + ": " + f.Value + "\n---\n" + ansi.ReplaceAllString(strings.Join(f.Traceback, "\n"), "") + "\n"
			if f.Page != nil {
				got += "---\n" + f.Page.Text() + "\n"
			}
			golden := strings.TrimSuffix(in, ".in") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if strings.Contains(f.Value, "\n") {
				t.Errorf("the value has more than one line: %q", f.Value)
			}
		})
	}
}

func TestNoCrash(t *testing.T) {
	for _, text := range []string{"", "hello\n", "exit status 3\n", "goroutine 1 [running]:\n"} {
		if f := Crash(text, nil); f != nil {
			t.Errorf("Crash(%q) = %v", text, f)
		}
		if f := Races(text, nil); f != nil {
			t.Errorf("Races(%q) = %v", text, f)
		}
	}
}

func TestCompile(t *testing.T) {
	f := Compile(&cell.Errors{Diagnostics: []cell.Diagnostic{
		{Cell: 4, Line: 7, Column: 4, Message: "undefined: foo", Source: "\té\tfoo()", Help: "say hello"},
		{Message: "link: trouble"},
	}, Notices: []string{"set aside x"}}, nil)
	if want := "CompileError: cell [4] line 7: undefined: foo (and 1 more error)"; f.Error() != want {
		t.Errorf("got %q, want %q", f.Error(), want)
	}
	want := []string{
		"cell [4] line 7: undefined: foo",
		"    7 |     é    foo()",
		"      |      ^",
		"try: say hello",
		"",
		"link: trouble",
		"set aside x",
	}
	var got []string
	for _, l := range f.Traceback {
		got = append(got, ansi.ReplaceAllString(l, ""))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestCompilerOutput(t *testing.T) {
	_, err := new(cell.Memory).Check(cell.Parse(4, "%%\nx := (1\ny"), nil, false)
	var syn *cell.SyntaxError
	if !errors.As(err, &syn) {
		t.Fatal(err)
	}
	p := syn.Program
	e := CompilerOutput(p, "# command-line-arguments\n"+cell.SlotName(0)+":2:9: syntax error: bad\n\tmore\n"+cell.SlotName(0)+":3: worse in "+cell.SlotName(0)+"\n")
	want := []cell.Diagnostic{
		{Cell: 4, Line: 2, Column: 9, Message: "syntax error: bad\n\tmore", Source: "x := (1"},
		{Cell: 4, Line: 3, Message: "worse in cell[4]", Source: "y"},
	}
	if d := cmp.Diff(want, e.Diagnostics); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func FuzzExplain(f *testing.F) {
	ins, _ := filepath.Glob("testdata/*.in")
	for _, in := range ins {
		text, err := os.ReadFile(in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		Crash(text, nil)
		Races(text, nil)
		if x := Interrupted(text, time.Second, nil); len(x.Value) > 400 || strings.Contains(x.Value, "\n") {
			t.Errorf("value %q", x.Value)
		}
	})
}
