package cell

import (
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// All makes world a Catalog.
func (w world) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, p := range slices.Sorted(maps.Keys(w.exports)) {
			if !strings.Contains(p, "internal") && !strings.Contains(p, "vendor") && !yield(p, path.Base(p)) {
				return
			}
		}
	}
}

// remember makes a memory of cells.
func remember(t testing.TB, w world, cells ...string) *Memory {
	t.Helper()
	m := &Memory{}
	for i, text := range cells {
		p, err := m.Check(Parse(i+1, text), w, false)
		if err != nil {
			t.Fatal(err)
		}
		m.Commit(p)
	}
	return m
}

// at is a text with its cursor, which | marks.
func at(marked string) (string, int) {
	before, after, _ := strings.Cut(marked, "|")
	return before + after, len(before)
}

func TestSuggest(t *testing.T) {
	w, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	m := remember(t, w,
		"type Stack[T any] struct {\n\titems []T // all of them\n}\n\n// Push puts one on top.\nfunc (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }",
		"import crand \"crypto/rand\"\n\n// Fetch gets it.\nfunc Fetch(url string) (body []byte, err error) { return nil, nil }\nvar _ = crand.Text")
	tests := []struct{ name, cell, want, not string }{
		{"a package that nobody imported", "%%\nstrings.Repl|", "Replace func func(s string, old string, new string, n int) string; ReplaceAll", ""},
		{"at the end of the text", "strings.|", "Builder type struct{...}", "explode"},
		{"before other lines", "%%\nfmt.|\nx := 1\n_ = x", "Println func func(a ...any) (n int, err error)", ""},
		{"in open brackets", "%%\nfmt.Println(strings.ToU|", "ToUpper func func(s string) string", ""},
		{"in open brackets, lines behind", "func f() {\n\tfmt.Println(strings.ToU|\n}\n\nfunc g() {}", "ToUpper", ""},
		{"a local variable", "%%\nvar wg sync.WaitGroup\nwg.|\nwg.Wait()", "Go method func(f func()); Wait method func()", ""},
		{"a field, and fields of fields", "%%\nr := &http.Request{}\nr.URL.Pa|", "Path field string", "Method"},
		{"the memory's type", "%%\nvar s Stack[int]\ns.|", "items field []int; Push method func(x int)", ""},
		{"the memory's function", "%%\nFet|", "Fetch func func(url string) (body []byte, err error)", ""},
		{"an earlier import's alias", "%%\ncrand.Te|", "Text func func() string", ""},
		{"the package that has it", "%%\nrand.Te|", "Text func", ""},
		{"locals before all else", "%%\nprice := 1\nfunc() { prime := 2; pri|", "prime var int; price var int; print func", "private"},
		{"not before it is declared", "%%\npri|\nprice := 1\n_ = price", "print func; println func", "price"},
		{"a package's name", "%%\nstrc|", "strconv package strconv", ""},
		{"a keyword", "%%\ndef|", "default keyword; defer keyword", ""},
		{"without regard to case, exact ones first", "%%\nfmt.sp|", "Sprint func", ""},
		{"result of a call", "%%\ntime.Now().|", "Add method func(d time.Duration) time.Time", "ext"},
		{"a bare statement", "x := []string{\"a\"}\nstrings.Jo|", "Join func", ""},
		{"a declaration being written", "func area(r *http.Req|", "Request type struct{...}", ""},
		{"a parameter's type", "func area(r http.Req|) {}", "Request type struct{...}", ""},
		{"a cell redeclares", "type Stack struct{ depth int }\n%%\nvar s Stack\ns.|", "depth field int", "items"},
		{"after commands", "%race\n!ls\n%%\nfmt.Printl|", "Println func", ""},
		{"astral letters and signs", "%%\ns := \"😀😀\"; 𝒳 := 1; fmt.Println(s, 𝒳, strings.Fie|)", "Fields func", ""},
		{"an astral name", "%%\n𝒳y := 1\n𝒳|", "𝒳y var int", ""},
		{"in a comment", "%%\n// fmt.|", "", "Println"},
		{"in a string", "%%\nx := \"fmt.|", "", "Println"},
		{"in a raw string", "%%\nx := `\nfmt.|", "", "Println"},
		{"in an import", "import \"net/h|", "net/http package ", ""},
		{"in an import of a group", "import (\n\t\"fmt\"\n\t\"net/ht|\"\n)", "net/http package ", ""},
		{"on a blank line", "%%\nn := 1\n|\n_ = n", "n var int; Fetch func", "append"},
		{"a type without an end", "type A[T any] struct {\n\t*A[A[T]]\n\tx T\n}\n%%\nvar a A[int]\na.|", "x field", ""},
		{"a type in itself", "type A struct {\n\tA\n\tx int\n}\n%%\nvar a A\na.|", "", "x"},
		{"two at once", "x.|.|", "", "Println"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, cursor := at(test.cell)
			var lines []string
			for _, s := range m.Draft(text, cursor, w).Suggest() {
				lines = append(lines, s.Text+" "+s.Kind+" "+s.Signature)
			}
			rest := lines
			for want := range strings.SplitSeq(test.want, "; ") {
				i := slices.IndexFunc(rest, func(l string) bool { return strings.HasPrefix(l, want) })
				if i < 0 && want != "" {
					t.Fatalf("no %q, in that order, in %q", want, lines)
				}
				rest = rest[i+1:]
			}
			for _, l := range lines {
				if test.not != "" && strings.HasPrefix(l, test.not) {
					t.Errorf("unwanted: %q", l)
				}
			}
			if test.want == "" && len(lines) > 0 {
				t.Errorf("nothing was wanted: %q", lines)
			}
			seen := map[string]bool{}
			for _, l := range lines {
				name, _, _ := strings.Cut(l, " ")
				if seen[name] {
					t.Errorf("%s twice", name)
				}
				seen[name] = true
			}
		})
	}
}

// TestDraftFiles: cells share a file of the memory unless one name of theirs means
// two packages.
func TestDraftFiles(t *testing.T) {
	w, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	m := remember(t, w, "import \"math/rand\"\nfunc a() int { return rand.Int() }", "func b() string { return strconv.Itoa(1) }",
		"import \"crypto/rand\"\nfunc c() string { return rand.Text() }", "func d() { fmt.Println() }")
	d := m.Draft("%%\nrand.In", 10, w)
	if len(d.Files) != 3 {
		t.Fatalf("%d files", len(d.Files))
	}
	for i, want := range []string{"a b d", "c", "main"} {
		got := declared(strings.TrimPrefix(string(d.Files[i].Text), "package main\n"))
		if strings.Join(got, " ") != want {
			t.Errorf("file %d has %q, not %q:\n%s", i, got, want, d.Files[i].Text)
		}
	}
	files, shift := d.With(map[string]string{"rand": "nowhere/rand", "os": "os", "a": "nowhere/a"})
	if strings.Contains(string(files[0].Text)+string(files[2].Text), "nowhere") {
		t.Errorf("an import hides what was there:\n%s\n%s", files[0].Text, files[2].Text)
	}
	if own := string(files[2].Text); !strings.HasSuffix(own[:d.Cursor+shift], "rand.In") || !strings.Contains(own, "import os") {
		t.Errorf("cursor after %q", own[:d.Cursor+shift])
	}
}

func TestDescribe(t *testing.T) {
	w, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	m := remember(t, w, "// Fetch gets it,\n// or not.\nfunc Fetch(url string) (body []byte, err error) {\n\treturn nil, nil\n}",
		"type Point struct {\n\tX int // to the right\n\t// Y points up.\n\tY int\n}")
	tests := []struct{ name, cell, want, doc, source string }{
		{"the memory's function", "%%\nFet|ch(\"\")", "func Fetch(url string) (body []byte, err error)", "Fetch gets it,\nor not.\n", "// Fetch gets it,\n// or not.\nfunc Fetch("},
		{"among its arguments", "%%\nFetch(|)", "func Fetch(", "Fetch gets it", ""},
		{"among its arguments, open", "%%\nFetch(\"a\", |", "func Fetch(", "Fetch gets it", ""},
		{"at its end, cut off", "%%\nfmt.Println|", "func fmt.Println(a ...any) (n int, err error)", "", ""},
		{"a package", "%%\nf|mt.Println()", "package fmt // import \"fmt\"", "", ""},
		{"a field", "%%\nvar p Point\np.Y|", "field Y int", "Y points up.\n", "type Point struct"},
		{"a local", "%%\nprice := 3.5\nfmt.Println(pr|ice)", "var price float64", "", ""},
		{"the language's", "%%\nx := app|end(nil, 1)", "func append", "", ""},
		{"in a string among its arguments", "%%\nFetch(\"ht|tp\")", "func Fetch(", "Fetch gets it", ""},
		{"in an open string", "%%\nFetch(\"ht|", "func Fetch(", "Fetch gets it", ""},
		{"a word in a comment", "%%\n// Fet|ch", "", "", ""},
		{"nothing", "%%\n\n|\n", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, cursor := at(test.cell)
			d, ok := m.Draft(text, cursor, w).Describe()
			if ok != (test.want != "") {
				t.Fatalf("found: %v: %+v", ok, d)
			}
			if test.want == "func append" {
				test.want = "builtin append"
			}
			if !strings.HasPrefix(d.Declaration, test.want) || !strings.HasPrefix(d.Doc, test.doc) || !strings.HasPrefix(d.Source, test.source) {
				t.Errorf("got %+v", d)
			}
		})
	}
}

// TestDraftKeepsOffsets proves that what a draft copies stands where it says.
func TestDraftKeepsOffsets(t *testing.T) {
	w, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"import \"fmt\"\n\nfunc f() {\n\tfmt.Println(\"ä😀\")\n}\n%race\n%%\nf()\nfmt.Println(strings.)\n",
		"x := 1\r\nvar y = 2\r\nfmt.\r\nz := 3",
		"!ls \\\n  -l\nfunc f(",
	} {
		for off := range len(text) + 1 {
			if off < len(text) && !utf8.RuneStart(text[off]) {
				continue
			}
			checkOffsets(t, (&Memory{}).Draft(text, off, w))
		}
	}
}

func checkOffsets(t *testing.T, d *Draft) {
	t.Helper()
	if len(d.Files) == 0 {
		return
	}
	src := string(d.Files[len(d.Files)-1].Text)
	if d.Cursor < 0 || d.Cursor > len(src) {
		t.Fatalf("cursor %d of %d", d.Cursor, len(src))
	}
	for _, p := range d.pieces {
		if src[p.at:p.at+p.to-p.from] != d.c.code[p.from:p.to] {
			t.Errorf("%q is not %q", src[p.at:p.at+p.to-p.from], d.c.code[p.from:p.to])
		}
	}
	if d.Place == Code && !strings.HasSuffix(src[:d.Cursor], d.Prefix) {
		t.Errorf("%q does not end in the prefix %q", src[:d.Cursor], d.Prefix)
	}
}

func FuzzDraft(f *testing.F) {
	w, err := loadWorld()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"%%\nfmt.|", "func f() {\n\tx := strings.|\n", "import \"f|", "%%\n%%\n}|", "%env A|", "x := `|", "func (t T|", "a.b.|c(d", "/*|", "!*|\\\n", "%%writefile x\n|", "type T struct { T }\n%%\nT{}.|",
		"type A[T any] struct { *A[A[T]] }\n%%\nA[int]{}.|", "type P *struct{ x int }\n%%\nP(nil).|", "type I interface{ M(); I }\n%%\nI(nil).|"} {
		text, cursor := at(seed)
		f.Add(text, cursor)
	}
	m := remember(f, w, "type Stack[T any] struct{ items []T }\nfunc (s *Stack[T]) Push(x T) {}", "var total = 1")
	f.Fuzz(func(t *testing.T, text string, cursor int) {
		if len(text) > 4<<10 || strings.Contains(text, "import") {
			return // an import of anything asks the machine
		}
		for cursor > 0 && cursor < len(text) && !utf8.RuneStart(text[cursor]) {
			cursor--
		}
		d := m.Draft(text, cursor, w)
		checkOffsets(t, d)
		for _, s := range d.Suggest() {
			if !hasPrefix(s.Text, d.Prefix) {
				t.Errorf("%q has not the prefix %q", s.Text, d.Prefix)
			}
		}
		d.Describe()
		d.NameAt()
	})
}
