package compiled

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gopark"
	"gopark/kernel/process"
	"gopark/kernel/session"
	"gopark/kernel/toolchain"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newSession makes a real session: real toolchain, real processes.
func newSession(t testing.TB) *session.Session {
	t.Helper()
	return newSessionIn(t, t.TempDir())
}

// newSessionIn keeps the kernel's files in dir.
func newSessionIn(t testing.TB, dir string) *session.Session { return newSessionWith(t, dir, nil) }

// newSessionWith lets change add to what the session works with.
func newSessionWith(t testing.TB, dir string, change func(*session.Options, *Engine)) *session.Session {
	t.Helper()
	tools, err := toolchain.Open(t.Context(), toolchain.Options{Module: gopark.Module()})
	if err != nil {
		t.Fatal(err)
	}
	// What is prepared once per machine is no part of a cell's story.
	for _, kind := range []toolchain.Kind{toolchain.Normal, toolchain.Race} {
		if err := tools.Prepare(t.Context(), kind, nil); err != nil {
			t.Fatal(err)
		}
	}
	sup, err := process.NewSupervisor(process.Options{TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	engine, err := New(Options{Toolchain: tools, Supervisor: sup})
	if err != nil {
		t.Fatal(err)
	}
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "GORACE=") })
	o := session.Options{Engine: engine, Dir: t.TempDir(), Env: env, Version: "test", Report: session.ReportOff}
	if change != nil {
		change(&o, engine)
	}
	s := session.New(o)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(sup.Dir()); err != nil || len(left) > 0 {
			t.Errorf("left in the kernel's folder: %v (%v)", left, err)
		}
		if err := sup.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A board is a Publisher that writes all in one text.
type board struct {
	strings.Builder
	failed bool
	answer string
}

func (b *board) Stream(name, text string) {
	if name == "stderr" {
		text = "[stderr]" + text
	}
	b.WriteString(text)
}
func (b *board) Display(data, _ map[string]any, id string) {
	fmt.Fprintf(b, "[display %v]", data["text/plain"])
}
func (b *board) Update(data, _ map[string]any, id string) {
	fmt.Fprintf(b, "[update %v]", data["text/plain"])
}
func (b *board) Result(data, _ map[string]any) { fmt.Fprintf(b, "[result %v]", data["text/plain"]) }
func (b *board) Error(name, value string, traceback []string) {
	b.failed = true
	fmt.Fprintf(b, "[%s: %s]", name, value)
}
func (b *board) Clear(bool) {}
func (b *board) Input(_ context.Context, prompt string, _ bool) (string, error) {
	fmt.Fprintf(b, "[input %s]", prompt)
	if b.answer == "" {
		return "Ada", nil
	}
	return b.answer, nil
}

var numbers = regexp.MustCompile(`goroutine \d+|\d+\.\d+ s|\(\d+\.\d+s\)|0x[0-9a-f]+`)

// TestCells runs cells as a learner would, one session for each story. What
// is wanted is the whole of what is shown, with goroutine numbers and times out
// of the way.
func TestCells(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	type cell struct{ code, want string }
	tests := []struct {
		name  string
		cells []cell
	}{
		{"hello", []cell{{"%%\nfmt.Println(\"hello\")", "hello\n"}}},
		{"declarations live on", []cell{
			{"// Double doubles.\nfunc Double(n int) int { return 2 * n }", ""},
			{"%%\nfmt.Println(Double(21))", "42\n"},
		}},
		{"a whole file", []cell{{"package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(\"file\")\n}\n", "file\n"}}},
		{"arguments", []cell{
			{"%% -n 3 'a b'\nfmt.Println(os.Args[1:])", "[-n 3 a b]\n"},
			{"%args x y\nfunc main() { fmt.Println(len(os.Args)) }", "3\n"},
		}},
		{"statements and results", []cell{
			{"x := 20\nx + 1", "[result 21]"},
			{"strings.Repeat(\"ab\", 2)", "[result \"abab\"]"},
			{"5 * time.Millisecond", "[result 5ms]"},
			{"fmt.Println(\"no result\")", "no result\n"},
			{"x", "[CompileError: cell [5] line 1: undefined: x]"},
		}},
		{"compile errors", []cell{
			{"%%\nx := 1\nvar s string = 2\n", "[CompileError: cell [1] line 2: declared and not used: x (and 2 more errors)]"},
			{"func f( {\n}", "[CompileError: cell [2] line 1: syntax error: unexpected {, expected )]"},
			{"import \"nosuchthing\"", "[CompileError: cell [3] line 1: package nosuchthing is not in std]"},
		}},
		{"panic", []cell{
			{"// F has a comment.\nfunc F(xs []int) int {\n\treturn xs[5]\n}", ""},
			{"%%\nfmt.Println(\"before\")\nF(nil)", "before\n[Panic: runtime error: index out of range [5] with length 0]"},
		}},
		{"input", []cell{
			{"%%\nfmt.Print(\"name? \")\nvar s string\nn, err := fmt.Scanln(&s)\nfmt.Println(s, n, err)", "[input name? ]Ada 1 <nil>\n"},
			{"var in = bufio.NewScanner(os.Stdin)\n%%\nfor range 2 {\n\tin.Scan()\n\tfmt.Println(in.Text())\n}", "[input ]Ada\n[input ]Ada\n"},
			{"%with_inputs\n!read x; echo got $x\n!read x; echo end", "[input ]got Ada\nend\n"},
		}},
		{"input that nobody gives", []cell{
			{"!cat; echo done", "done\n"},
		}},
		{"exit", []cell{{"%%\nfmt.Println(1)\nos.Exit(3)", "1\n[Exit: exit status 3]"}}},
		{"deadlock", []cell{{"%%\nch := make(chan int)\n<-ch", "[Deadlock: main waits to receive from ch (cell [1] line 3), and no other goroutine is left]"}}},
		{"stderr", []cell{{"%%\nfmt.Fprintln(os.Stderr, \"panic is not here\")", "[stderr]panic is not here\n"}}},
		{"killed", []cell{{"%%\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}", "[Killed: the program was ended by a signal: killed]"}}},
		{"race", []cell{
			{"%race\n%%\nn := 0\nvar wg sync.WaitGroup\nfor range 2 {\n\twg.Go(func() { n++ })\n}\nwg.Wait()",
				"[display Data race on n\n\nG changed n at cell [1] line 6, started at cell [1] line 6\n      6 |     wg.Go(func() { n++ })\n\nG changed n at cell [1] line 6, started at cell [1] line 6\n      6 |     wg.Go(func() { n++ })\n\ntry: a sync.Mutex round both, a channel that hands the value over, or a variable of its own for each goroutine]" +
					"[DataRace: G changed n at cell [1] line 6, G changed it at cell [1] line 6, and nothing orders the two]"},
			{"%%\nfmt.Println(\"no detector here\")", "no detector here\n"},
		}},
		{"tests", []cell{
			{"%test\nfunc TestGood(t *testing.T) {}\nfunc TestBad(t *testing.T) {\n\tt.Error(\"no\")\n}",
				"=== RUN   TestGood\n--- PASS: TestGood T\n=== RUN   TestBad\n    cell[1]:4: no\n--- FAIL: TestBad T\nFAIL\n[TestFailure: TestBad failed]"},
			{"%test -run=Good", "PASS\n"},
		}},
		{"commands", []cell{
			{"%env GREETING=hi there\n%%\nfmt.Println(os.Getenv(\"GREETING\"))", "hi there\n"},
			{"!echo $GREETING; exit 4", "hi there\n[Exit: exit status 4]"},
			{"%%bash\nfor i in 1 2; do echo $i; done", "1\n2\n"},
			{"%%writefile a.txt\none\n", "wrote 4 bytes: a.txt\n"},
			{"%%writefile -a a.txt\ntwo\n", "appended 4 bytes: a.txt\n"},
			{"!cat a.txt", "one\ntwo\n"},
			{"%rce", "[CommandError: unknown command %rce (line 1): did you mean %race?]"},
			{"%wasm", "[display %wasm does nothing in this kernel yet: cells run as programs of this machine]"},
			{"func F() {}\ntype T int\nfunc (T) M() {}", ""},
			{"%ls", "func    F                        cell [9] line 1\nmethod  T.M                      cell [9] line 3\ntype    T                        cell [9] line 2\n"},
			{"%rm T~M", "forgot T.M\n"},
			{"%rm Ff", "[CommandError: %rm (line 1): nothing is called Ff: did you mean F?]"},
			{"%reset", ""},
			{"%ls", "nothing is remembered yet\n"},
			{"%cd /nowhere", "[CommandError: %cd (line 1): stat /nowhere: no such file or directory]"},
			{"%help race", "[display %race [on|off]\n    Watch this cell with the race detector; on and off hold for all cells from here.\n    for example: %race\n]"},
		}},
		{"shells", []cell{
			{"%%sh\necho sh $((1 + 1))", "sh 2\n"},
			{"%%script tr a-z A-Z\none\nEND\ntwo", "ONE\nEND\nTWO\n"},
			{"%%script", "[CommandError: %%script (line 1): which command is to read the cell?]"},
			{"!*test -f go.mod && echo here", "here\n"},
			{"//gonb:!echo prefixed\n//gonb:%env A=1\n//gonb:%%\nfmt.Println(os.Getenv(\"A\"))", "prefixed\n1\n"},
		}},
		{"exec", []cell{
			{"func greet() { fmt.Println(\"hi\", os.Args[1:]) }", ""},
			{"%exec greet a 'b c'", "hi [a b c]\n"},
			{"%exec twice\nfunc twice() { greet(); greet() }", "hi []\nhi []\n"},
			{"%exec 2x", "[CommandError: %exec (line 1): which function? \"2x\" is no name of one]"},
			{"%exec greet\n%%\ngreet()", "[CommandError: %exec (line 1): the cell has a main of its own, under %%: keep one of the two]"},
			{"%exec nobody", "[CompileError: cell [6] line 3: undefined: nobody]"},
		}},
		{"capture", []cell{
			{"%capture out.txt\n%%\nfmt.Println(\"kept\")\nfmt.Fprintln(os.Stderr, \"too\")", "kept\n[stderr]too\n"},
			{"%capture -a out.txt\n!echo more", "more\n"},
			{"!sort out.txt", "kept\nmore\ntoo\n"},
			{"%capture /nowhere/out.txt", "[CommandError: %capture (line 1): open /nowhere/out.txt: no such file or directory]"},
		}},
		{"limits", []cell{
			{"%limit", "%limit: 1.0 MB\n"},
			{"%limit 10B\n%%\nfmt.Print(strings.Repeat(\"x\", 20))", "xxxxxxxxxx\n… 8 bytes of stdout left out here …\nxx"},
			{"%limit 10B\n%capture all.txt\n%%\nfmt.Print(strings.Repeat(\"x\", 1000000))", "xxxxxxxxxx\n… 976 kB of stdout left out here …\nxx"},
			{"%limit 1MB", ""},
			{"!wc -c < all.txt", "1000000\n"},
			{"%limit ten", "[CommandError: %limit (line 1): \"ten\" is no size like 500kB or 10MB, nor off]"},
			{"%timeout 300ms\n%%\nfmt.Println(1)\nselect {\ncase <-time.After(time.Hour):\n}", "1\n[Timeout: the cell ran longer than 300ms and was ended]"},
			{"!sleep 10", "[Timeout: the cell ran longer than 300ms and was ended]"},
			{"%timeout\n!echo one\n!echo two", "%timeout: 300ms\none\ntwo\n"},
			{"%timeout off\n!sleep 0.4; echo on", "on\n"},
			{"%timeout soon", "[CommandError: %timeout (line 1): \"soon\" is no time like 10s or 1m30s, nor off]"},
		}},
		{"no module is fetched", []cell{
			{"%noautoget\nimport \"example.com/nowhere\"", "[CompileError: cell [1] line 2: package example.com/nowhere is not here, and %noautoget is on]"},
		}},
		{"saved", []cell{
			{"import r \"math/rand\"\ntype T struct{ n int }\nfunc (t T) Double() int { return 2 * t.n }\nvar pick = r.Intn", ""},
			{"%%\nfmt.Println(T{21}.Double(), pick(1))", "42 0\n"},
			{"func init_a() { fmt.Println(\"first\") }", ""},
			{"%save lesson.go", "wrote lesson.go: go run lesson.go runs it\n"},
			{"!go run lesson.go", "first\n42 0\n"},
			{"%save lesson.go", "wrote lesson.go: go run lesson.go runs it\n"},
			{"!echo mine > mine.go", ""},
			{"%save mine.go", "[CommandError: %save (line 1): mine.go is there, and %save did not write it: choose another name]"},
		}},
		{"two mains live on", []cell{{"%%\n%%\nfmt.Println(1)", "1\n"}, {"%%\nfmt.Println(2)", "2\n"}}},
		{"goflags fall back to go build", []cell{
			{"%goflags -tags=x", ""},
			{"%%\nfmt.Println(7)", "7\n"},
			{"%goflags \"\"", ""},
		}},
		{"helpers", []cell{{"import \"gopark/helpers\"\n%%\nhelpers.Markdown(\"*hi*\")", "[display *hi*]"}}},
		{"set aside", []cell{
			{"type T struct{ A int }\nfunc (t T) Get() int { return t.A }", ""},
			{"type T struct{ B int }", "[display set aside method T.Get of cell [1]: line 2: t.A undefined (type T has no field or method A). It comes back when it type-checks again.]"},
			{"%%\nfmt.Println(T{B: 2})", "{2}\n"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSession(t)
			for i, c := range tt.cells {
				var b board
				r := s.Execute(t.Context(), session.Request{Code: c.code, Count: i + 1}, &b)
				if b.failed != (r.Failure != nil) {
					t.Errorf("cell %d: error shown: %v, reply: %v", i+1, b.failed, r.Failure)
				}
				got := numbers.ReplaceAllStringFunc(b.String(), func(s string) string {
					switch s[0] {
					case 'g':
						return "G"
					case '(':
						return "T"
					}
					return "N"
				})
				if strings.HasPrefix(got, "[display built by go build") || strings.Contains(c.want, "go build") {
					_, got, _ = strings.Cut(got, "]")
				}
				if got != c.want {
					t.Errorf("cell %d:\n got %q\nwant %q", i+1, got, c.want)
				}
			}
		})
	}
}

func TestUnchangedCellIsCached(t *testing.T) {
	s := newSession(t)
	code := fmt.Sprintf("// %d\nfunc f() { panic(1) }\n%%%%\nf()", time.Now().UnixNano())
	for i := range 3 {
		var b board
		r := s.Execute(t.Context(), session.Request{Code: code, Count: i*7 + 8}, &b)
		if want := fmt.Sprintf("(cell [%d] line 2)", i*7+8); r.Failure == nil || !strings.Contains(strings.Join(r.Failure.Traceback, " "), fmt.Sprintf("cell [%d] line 2", i*7+8)) {
			t.Errorf("the trace does not name %s: %v", want, r.Failure)
		}
		if r.Report.Cached != (i > 0) {
			t.Errorf("run %d: cached %v", i, r.Report.Cached)
		}
	}
}

func TestInterrupt(t *testing.T) {
	s := newSession(t)
	for _, tt := range []struct{ name, code, want string }{
		{"running", "%%\nfmt.Println(\"on\")\nfor {}", "Interrupted: stopped after"},
		{"waiting", "%%\nch := make(chan int)\ngo func() {\n\ttime.Sleep(50 * time.Millisecond)\n\tfmt.Println(\"on\")\n\ttime.Sleep(time.Hour)\n}()\n<-ch", "main was waiting to receive from ch (cell [1] line 8)"},
		{"shell", "!echo on; sleep 1000 & sleep 1000", "Interrupted: stopped after"},
		{"grandchildren", "%%\nfmt.Println(\"on\")\ncmd := exec.Command(\"sh\", \"-c\", \"sleep 1000; echo\")\ncmd.Stdout = os.Stdout\ncmd.Run()", "Interrupted: stopped after"},
		{"handler", "%%\nch := make(chan os.Signal, 1)\nsignal.Notify(ch, os.Interrupt)\nfmt.Println(\"on\")\n<-ch\nfmt.Println(\"closed well\")", "closed well"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b := &cancelling{cancel: cancel}
			begin := time.Now()
			r := s.Execute(ctx, session.Request{Code: tt.code, Count: 1}, b)
			if r.Failure == nil || r.Failure.Name != "Interrupted" || !strings.Contains(b.String(), tt.want) {
				t.Errorf("failure %v, shown %q", r.Failure, b.String())
			}
			if d := time.Since(begin); d > 20*time.Second {
				t.Errorf("it took %v", d)
			}
			var after board
			if r := s.Execute(t.Context(), session.Request{Code: "%%\nfmt.Print(1)", Count: 2}, &after); r.Failure != nil || after.String() != "1" {
				t.Errorf("the next cell: %v %q", r.Failure, after.String())
			}
		})
	}
}

// cancelling interrupts when the program has said that it is on.
type cancelling struct {
	board
	cancel context.CancelFunc
}

func (c *cancelling) Stream(name, text string) {
	c.board.Stream(name, text)
	if strings.Contains(c.String(), "on\n") {
		c.cancel()
	}
}

// TestGoNB runs a program that knows nothing of us: it uses GoNB's own gonbui.
func TestGoNB(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles gonbui")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Fatal(err)
	}
	s := newSession(t)
	b := &board{answer: "Ada"}
	r := s.Execute(t.Context(), session.Request{Count: 1, Code: `import "github.com/janpfeifer/gonb/gonbui"
%%
gonbui.DisplayMarkdown("# *one*")
gonbui.Sync()
fmt.Println("two")
gonbui.UpdateHTML("id", "<b>three</b>")
gonbui.RequestInput("name? ", false)
var name string
fmt.Scanln(&name)
fmt.Println("hello", name)
gonbui.Sync()
`}, b)
	if r.Failure != nil {
		t.Fatal(strings.Join(r.Failure.Traceback, "\n"))
	}
	for _, want := range []string{"two\n", "[input name? ]", "hello Ada\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %q", want, b.String())
		}
	}
}

func BenchmarkCell(b *testing.B) {
	s := newSession(b)
	for _, kind := range []struct{ name, code string }{
		{"changed", "%%%%\nfmt.Println(%d)"},
		{"unchanged", "%%%%\n_ = `%[1]d`[:0]\nfmt.Println(1)"},
		{"error", "%%%%\nvar s string = %d\n_ = s"},
	} {
		b.Run(kind.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				n := time.Now().UnixNano()
				if kind.name == "unchanged" {
					n = 0
				}
				s.Execute(b.Context(), session.Request{Code: fmt.Sprintf(kind.code, n), Count: i + 1}, &board{})
			}
		})
	}
}

func TestNoProgramStays(t *testing.T) {
	dir := t.TempDir()
	s := newSessionIn(t, dir)
	for i, code := range []string{"%%\nfmt.Print(1)", "%%\npanic(1)", "%%\nx", "import \"gopark/helpers/check\"\n%%\ncheck.Progress()"} {
		s.Execute(t.Context(), session.Request{Code: code, Count: i + 1}, &board{})
		if left, err := filepath.Glob(filepath.Join(dir, "gopark-*", "session-*", "bin", "*")); err != nil || len(left) > 0 {
			t.Errorf("after %q: programs left: %v (%v)", code, left, err)
		}
	}
}
