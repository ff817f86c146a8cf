package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gopark/kernel/cell"
)

// An idleEngine has no packages, and runs nothing.
type idleEngine struct{ Engine }

func (idleEngine) Packages(ctx context.Context, _ func(string)) (cell.Packages, error) {
	<-ctx.Done() // they are being prepared
	return nil, ctx.Err()
}
func (idleEngine) Close() error { return nil }

// A parrot is an Assistant that says what it is told to.
type parrot struct {
	says []cell.Suggestion
	page string
	err  error
	hang bool
}

func (p parrot) Complete(ctx context.Context, _ *cell.Draft) ([]cell.Suggestion, error) {
	if p.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return p.says, p.err
}

func (p parrot) Describe(context.Context, *cell.Draft, int) (string, error) { return p.page, p.err }

// remembers makes a session that remembers a cell.
func remembers(t *testing.T, o Options, text string) *Session {
	t.Helper()
	o.Engine = idleEngine{}
	s := New(o)
	p, err := s.memory.Check(cell.Parse(1, text), cell.NoPackages{}, false)
	if err != nil {
		t.Fatal(err)
	}
	s.memory.Commit(p)
	return s
}

// marked splits a cell at its cursor, which | stands for, in code points.
func marked(text string) (string, int) {
	before, after, _ := strings.Cut(text, "|")
	return before + after, utf8.RuneCountInString(before)
}

func names(c Completion) (out []string) {
	for _, s := range c.Suggestions {
		out = append(out, s.Text)
	}
	return out
}

func TestCompleteCommands(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"notes.txt", "a b.txt", ".hidden", "sub/deep.go"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := remembers(t, Options{Dir: dir, Env: []string{"HOME=/home/ada", "GOMAXPROCS=2"}},
		"func Fetch() {}\ntype Stack struct{}\nfunc (s Stack) Push() {}")
	tests := []struct {
		cell string
		want string // all of them, in order
	}{
		{"%ra|", "%race"},
		{"%%wr|", "%%writefile"},
		{"%race |", "on off"},
		{"%race o|n", "on off"},
		{"%race of|", "off"},
		{"x := 1\n%re|", "%remove %repeat %report %reset"},
		{"//gonb:%rac|", "%race"},
		{"%rm |", "Fetch Stack.Push Stack"},
		{"%rm Fetch St|", "Stack.Push Stack"},
		{"%env GO|", "GOMAXPROCS= GONB_DIR= GOPARK_KERNEL="},
		{"%cd |", "sub/"},
		{"%cd s|", "sub/"},
		{"%%writefile -|", "-a"},
		{"%%writefile n|", "notes.txt"},
		{"%%writefile sub/|", "sub/deep.go"},
		{"%%writefile .h|", ".hidden"},
		{"%%writefile a|", `a\ b.txt`},
		{"%%writefile x\nFet|", ""},
		{"%reset |", "go.mod"},
		{"%help rac|", "race"},
		{"%test -benchm|", "-benchmem"},
		{"%goflags -gc|", "-gcflags="},
		{"%doc Fe|", "Fetch"},
		{"%doc Stack.P|", "Stack.Push"},
		{"!ec|", ""},
		{"!echo \\\n Fet|", ""},
		{"|%race", ""},
		{"%nosuch |", ""},
		{"%😀|", ""},
	}
	for _, test := range tests {
		t.Run(test.cell, func(t *testing.T) {
			code, cursor := marked(test.cell)
			c := s.Complete(t.Context(), code, cursor)
			if got := strings.Join(names(c), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if c.End != cursor || c.Start > c.End || c.Start < 0 {
				t.Errorf("replaces %d to %d, cursor %d", c.Start, c.End, cursor)
			}
			replaced := string([]rune(code)[c.Start:c.End])
			for _, s := range c.Suggestions {
				if !strings.HasPrefix(s.Text, replaced) {
					t.Errorf("%q would replace %q", s.Text, replaced)
				}
			}
		})
	}
}

func TestCompleteCodePoints(t *testing.T) {
	s := remembers(t, Options{}, "func Fetch() {}")
	code, cursor := marked("%%\n𝒳 := \"😀😀\"; Fet|; _ = 𝒳\r\n")
	c := s.Complete(t.Context(), code, cursor)
	if c.Start != cursor-3 || c.End != cursor || !slices.Contains(names(c), "Fetch") {
		t.Errorf("%+v", c)
	}
	for _, cursor := range []int{-5, 1 << 20} {
		s.Complete(t.Context(), code, cursor) // any number must do
	}
}

func TestCompleteWithAnAssistant(t *testing.T) {
	known := []cell.Suggestion{{Text: "feTch", Kind: "var"}, {Text: "FetchAll", Kind: "func"}, {Text: "Fetch", Kind: "func", Signature: "func()"}}
	tests := []struct {
		name string
		a    parrot
		want string
	}{
		{"its order, each name once, exact ones first", parrot{says: known}, "FetchAll Fetch feTch"},
		{"not ready", parrot{err: errors.New("not ready")}, "Fetch"},
		{"it never answers", parrot{hang: true}, "Fetch"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := remembers(t, Options{Assistant: test.a}, "func Fetch() {}")
			begin := time.Now()
			c := s.Complete(t.Context(), "%%\nFet", 6)
			if got := strings.Join(names(c), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if took := time.Since(begin); took > 2*(assistFor+packagesFor) {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestInspect(t *testing.T) {
	const evil = "// Fetch gets <script>alert(1)</script> & `more`.\nfunc Fetch(url string) (a, b int) {\n\treturn 1, 2 // <b>here</b>\n}"
	s := remembers(t, Options{Assistant: parrot{page: "<i>of another</i>"}}, evil)
	code, cursor := marked("%%\nFet|ch(\"\")")
	i := s.Inspect(t.Context(), code, cursor, false)
	plain, _ := i.Data["text/plain"].(string)
	page, _ := i.Data["text/html"].(string)
	markdown, _ := i.Data["text/markdown"].(string)
	if !i.Found || !strings.HasPrefix(plain, "func Fetch(url string) (a int, b int)\ncell [1], line 2\n\nFetch gets <script>") {
		t.Errorf("plain: %q", plain)
	}
	if strings.Contains(page, "<script") || strings.Contains(strings.ReplaceAll(markdown, `\<`, ""), "<") {
		t.Errorf("a comment becomes HTML:\n%s\n%s", page, markdown)
	}
	if strings.Contains(plain, "return 1, 2") {
		t.Errorf("the source was not asked for: %q", plain)
	}
	i = s.Inspect(t.Context(), code, cursor, true)
	page, _ = i.Data["text/html"].(string)
	if plain := i.Data["text/plain"].(string); !strings.Contains(plain, "return 1, 2") || strings.Contains(page, "<b>here") {
		t.Errorf("with source: %q\n%s", plain, page)
	}
	i = s.Inspect(t.Context(), "%race on", 3, false)
	if !i.Found || !strings.Contains(i.Data["text/plain"].(string), "race detector") {
		t.Errorf("a command: %+v", i)
	}
	for _, text := range []string{"", "|", "%%\n|\n", "!ls|", "%nosuch|", "// Fet|ch", "%%\nnosuch|"} {
		code, cursor := marked(text)
		if i := s.Inspect(t.Context(), code, cursor, true); i.Found {
			t.Errorf("%q: %+v", text, i)
		}
	}
}

func TestQuestion(t *testing.T) {
	for text, want := range map[string]string{"fmt.Println?": "fmt.Println", "fmt.Println??\n": "fmt.Println source", " ?Fetch": "Fetch", "??Fetch": "Fetch source",
		"%race?": "%race", "T.𝒳?": "T.𝒳", "x ? y": "", "Fetch???": "", "?": "", "f()?": "", "// why?": "", "a?\nb?": ""} {
		name, source, ok := question(text)
		got := name
		if source {
			got += " source"
		}
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	s := remembers(t, Options{}, "// Fetch gets it.\nfunc Fetch() { println() }")
	if c, _ := s.IsComplete("Fetch??"); c != cell.Complete {
		t.Errorf("%v", c)
	}
	r := s.Execute(t.Context(), Request{Code: "Fetch??", Count: 2}, nowhere{})
	if text, _ := r.Page["text/plain"].(string); r.Failure != nil || !strings.Contains(text, "Fetch gets it.") || !strings.Contains(text, "println()") {
		t.Errorf("%+v", r)
	}
	if r := s.Execute(t.Context(), Request{Code: "Nosuch?", Count: 3}, nowhere{}); r.Failure == nil || !strings.Contains(r.Failure.Value, "nothing is known of Nosuch") {
		t.Errorf("%+v", r.Failure)
	}
}

// TestCompleteWhileTheMemoryChanges is for the race detector.
func TestCompleteWhileTheMemoryChanges(t *testing.T) {
	s := remembers(t, Options{Assistant: parrot{}}, "func Fetch() {}")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 20 {
			s.memorise(func(m *cell.Memory) { m.Remove("Fetch") })
			s.set(func(now *settings) { now.setenv("N", strings.Repeat("x", i)) })
		}
	}()
	for range 20 {
		s.Complete(t.Context(), "%env N", 6)
		s.Complete(t.Context(), "%rm ", 4)
	}
	<-done
}

func FuzzComplete(f *testing.F) {
	for _, seed := range []string{"%%\nfmt.", "%env A=", "%cd /", "%", "%%", "!", "func f(", "import \"", "%%bash\necho", "//gonb:%"} {
		f.Add(seed, len(seed))
	}
	s := New(Options{Engine: instantEngine{}, Dir: f.TempDir()})
	f.Fuzz(func(t *testing.T, code string, cursor int) {
		if len(code) > 4<<10 || !utf8.ValidString(code) || strings.Contains(code, "/") && strings.Contains(code, "%") {
			return // the protocol's text is valid; folders are the machine's
		}
		runes := utf8.RuneCountInString(code)
		cursor = min(max(0, cursor), runes)
		c := s.Complete(t.Context(), code, cursor)
		if c.Start < 0 || c.Start > c.End || c.End > runes {
			t.Errorf("replaces %d to %d of %d", c.Start, c.End, runes)
		}
		s.Inspect(t.Context(), code, cursor, true)
	})
}

// An instantEngine has no packages either, and says so at once.
type instantEngine struct{ idleEngine }

func (instantEngine) Packages(context.Context, func(string)) (cell.Packages, error) {
	return cell.NoPackages{}, nil
}
