package notebook

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const declared = `// What this page is run with.
var n = 10
var name string = "gopher"
const (
	ratio         = 0.5
	limit   uint8 = 200
	timeout       = 5 * time.Second
)
var client = newClient()
var a, b = 1, 2
const (
	first = iota
	second
)
var _ = 1
var empty []string
func newClient() int { return 1 }`

func withParameters(source string) *Notebook {
	return &Notebook{Metadata: map[string]any{}, Cells: []*Cell{
		{ID: "p", Type: Code, Source: source, Metadata: map[string]any{"tags": []any{TagParameters}}},
		{ID: "x", Type: Code, Source: "%%\nfmt.Println(n)", Metadata: map[string]any{}},
	}}
}

func TestParameters(t *testing.T) {
	list, err := withParameters(declared).Parameters()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list {
		got = append(got, p.String())
	}
	want := []string{`var n int = 10`, `var name string = "gopher"`, `const ratio float64 = 0.5`, `const limit uint8 = 200`,
		`const timeout time.Duration = 5 * time.Second`, `var client int = newClient()`, `var a int = 1`, `var b int = 2`, `const first int = iota`,
		`var empty []string`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSetParameters(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"n", "20", `var n int = 20`},
		{"n", "len(name)", `var n int = len(name)`}, // the compiler's business
		{"n", "-3", `var n int = -3`},
		{"name", "Ada Lovelace", `var name string = "Ada Lovelace"`},
		{"name", `"quoted"`, `var name string = "quoted"`},
		{"name", `say "x"`, `var name string = "say \"x\""`},
		{"name", "7", `var name string = "7"`},
		{"ratio", "0.25", `const ratio = 0.25`},
		{"ratio", "1", `const ratio = 1`},
		{"limit", "255", `const limit uint8 = 255`},
		{"timeout", "1m30s", `const timeout = 90 * time.Second`},
		{"timeout", "2 * time.Minute", `const timeout = 2 * time.Minute`},
		{"timeout", "1.5ms", `const timeout = 1500 * time.Microsecond`},
		{"client", "otherClient()", `var client int = otherClient()`},
		{"b", "3", `var b int = 3`},
		{"empty", `[]string{"x"}`, `var empty []string = []string{"x"}`},

		{"n", "2.5", `error: parameter n: "2.5" does not fit int, as in var n int = 10`},
		{"n", "many", `var n int = many`},
		{"n", `"3"`, `error: parameter n: "\"3\"" does not fit int, as in var n int = 10`},
		{"n", "1 +", `error: parameter n: "1 +" is no Go expression; int is wanted, as in var n int = 10`},
		{"limit", "256", `error: parameter limit: "256" does not fit uint8, as in const limit uint8 = 200`},
		{"ratio", `"x"`, `error: parameter ratio: "\"x\"" does not fit float64, as in const ratio float64 = 0.5`},
		{"m", "1", "error: parameter m: there is none of this name. The notebook has:\n  var n int = 10\n"},
	} {
		nb := withParameters(declared)
		err := nb.SetParameters(map[string]string{tt.name: tt.value})
		if want, ok := strings.CutPrefix(tt.want, "error: "); ok {
			bad := (*ParameterError)(nil)
			if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), want) || len(nb.Cells) != 2 {
				t.Errorf("%s=%s: %v; %d cells", tt.name, tt.value, err, len(nb.Cells))
			}
			continue
		}
		if err != nil {
			t.Errorf("%s=%s: %v", tt.name, tt.value, err)
			continue
		}
		if got := nb.Cells[1].Source; got != "// Set by this run.\n"+tt.want || nb.Cells[1].ID != TagInjected {
			t.Errorf("%s=%s: %s", tt.name, tt.value, got)
		}
	}
}

// A second run replaces what the first one put in.
func TestSetParametersAgain(t *testing.T) {
	nb := withParameters(declared)
	for _, n := range []string{"1", "2"} {
		if err := nb.SetParameters(map[string]string{"n": n, "name": "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := nb.Cells[1].Source, "// Set by this run.\nvar n int = 2\nvar name string = \"x\""; len(nb.Cells) != 3 || got != want {
		t.Errorf("%d cells, %s", len(nb.Cells), got)
	}
	nb = &Notebook{Cells: []*Cell{{Type: Code, Source: "x"}}}
	if err := nb.SetParameters(map[string]string{"n": "1"}); err == nil || !strings.Contains(err.Error(), "no cell of this notebook is tagged parameters") {
		t.Error(err)
	}
	if err := withParameters("var n = (").SetParameters(map[string]string{"n": "1"}); err == nil || !strings.Contains(err.Error(), "does not parse") {
		t.Error(err)
	}
	if got := durationSource(7 * time.Nanosecond); got != "7 * time.Nanosecond" {
		t.Error(got)
	}
}
