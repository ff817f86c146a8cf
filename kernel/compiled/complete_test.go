package compiled

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"gopark/kernel/cell"
	"gopark/kernel/complete"
	"gopark/kernel/session"
)

// withGopls makes a session that gopls assists, and waits until it is ready.
func withGopls(t *testing.T) (*session.Session, *complete.Gopls) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: it starts gopls")
	}
	path, err := filepath.Abs("../../bin/gopls")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		if path, err = complete.Find(); err != nil {
			t.Skipf("SKIPPED: %v: make install builds it", err)
		}
	}
	var g *complete.Gopls
	s := newSessionWith(t, t.TempDir(), func(o *session.Options, e *Engine) {
		g = complete.New(complete.Options{Path: path, Dir: e.ModuleDir(), Env: e.tools.Environ(), Supervisor: e.sup})
		o.Assistant = g
	})
	t.Cleanup(g.Close)                            // before the session, which looks at what is left
	s.Complete(t.Context(), "%%\nfmt.Printl", 13) // the first question calls it
	awaitGopls(t, g, 0)
	return s, g
}

// awaitGopls waits for a gopls that is another process than old.
func awaitGopls(t *testing.T, g *complete.Gopls, old int) int {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for {
		if pid := g.PID(); pid != 0 && pid != old {
			return pid
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("gopls is not ready in two minutes")
		}
	}
}

// marked splits a cell at its cursor, which | stands for, in code points.
func marked(text string) (string, int) {
	before, after, _ := strings.Cut(text, "|")
	return before + after, utf8.RuneCountInString(before)
}

// TestCompleteAndInspect asks a session that remembers two cells, with gopls and
// without. Both must know what is wanted here.
func TestCompleteAndInspect(t *testing.T) {
	helped, _ := withGopls(t)
	for _, s := range []struct {
		name string
		*session.Session
	}{{"with gopls", helped}, {"alone", newSession(t)}} {
		t.Run(s.name, func(t *testing.T) {
			for i, text := range []string{
				"// A Queue is first in, first out.\ntype Queue[T any] struct {\n\titems []T // oldest first\n}\n\n// Put adds one.\nfunc (q *Queue[T]) Put(x T) { q.items = append(q.items, x) }",
				"import h \"gopark/helpers\"\n\n// Fetch gets it.\nfunc Fetch(url string) ([]byte, error) { return nil, nil }\n%%\nh.Markdown(\"hello\")",
			} {
				if r := s.Execute(t.Context(), session.Request{Code: text, Count: i + 1}, new(board)); r.Failure != nil {
					t.Fatal(r.Failure)
				}
			}
			for _, test := range []struct{ cell, want string }{
				{"%%\nstrings.ToUpperSp|", "ToUpperSpecial func func(c unicode.SpecialCase, s string) string"},
				{"%%\nvar q Queue[string]\nq.|", "Put method func(x string)"},
				{"%%\nvar q Queue[string]\nq.it|", "items field []string"},
				{"%%\nFet|", "Fetch func func(url string) ([]byte, error)"},
				{"%%\nh.Markd|", "Markdown func func(text string)"},
				{"%%\nhelpers.Comp|", "Compare func"},
				{"%%\nvar wg sync.WaitGroup\nwg.G|", "Go method func(f func())"},
				{"x := http.Header{}\nx.Ad|", "Add method func(key string, value string)"},
				{"%%\nctx, cancel := context.WithTimeout(context.Background(), time.Sec|", "Second const time.Duration"},
				{"%%\nselect {\ncase <-time.Aft|", "After func func(d time.Duration) <-chan time.Time"},
				{"%%\nbuf|", "bufio package bufio"},
				{"func f(r *http.Req|", "Request type struct{...}"},
				{"import \"golang.org/x/sync/err|", "golang.org/x/sync/errgroup package "},
				{"%%\ns, 𝒳 := \"😀\", 1; strings.Fie|", "Fields func func(s string) []string"},
				{"%race |", "off flag "},
			} {
				code, cursor := marked(test.cell)
				c := s.Complete(t.Context(), code, cursor)
				if !slices.ContainsFunc(c.Suggestions, func(s cell.Suggestion) bool {
					return strings.HasPrefix(normal(s.Text+" "+s.Kind+" "+s.Signature), normal(test.want))
				}) {
					t.Errorf("%q: no %q in %q", test.cell, test.want, c.Suggestions)
				}
			}
			for _, test := range []struct {
				cell, want string
				source     bool
			}{
				{"%%\nfmt.Println(|", "func fmt.Println(a ...any) (n int, err error)\npackage fmt\n\nPrintln formats", false},
				{"%%\nstrings.Fields|", "n += wasSpace & ^isSpace", true},
				{"%%\nFetch|", "func Fetch(url string) ([]byte, error)\ncell [2], line 4\n\nFetch gets it.\n", false},
				{"%%\nvar q Queue[int]\nq.Put|", "func (q *Queue[T]) Put(x T) { q.items", true},
				{"%%\nvar wg sync.Wait|Group", "func (*sync.WaitGroup).Go(f func())", false},
				{"%%\nh.Markdown|", "Markdown", false},
				{"%%\nst|rings.Fields", "Package strings implements simple functions", false},
				{"%race|", "%race [on|off]", false},
			} {
				code, cursor := marked(test.cell)
				i := s.Inspect(t.Context(), code, cursor, test.source)
				if text, _ := i.Data["text/plain"].(string); !i.Found || !strings.Contains(text, test.want) {
					t.Errorf("%q: no %q in %q", test.cell, test.want, text)
				}
			}
		})
	}
}

// normal leaves out the names of parameters of one type, which gopls writes
// together: (key, value string).
func normal(s string) string {
	return strings.NewReplacer("key string, value string", "key, value string").Replace(s)
}

// TestCompleteBesideACell asks while a cell keeps every processor busy, and has
// gopls killed meanwhile.
func TestCompleteBesideACell(t *testing.T) {
	s, g := withGopls(t)
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan session.Reply, 1)
	running := make(chan struct{})
	go func() {
		ran <- s.Execute(ctx, session.Request{Code: "%%\nfmt.Println(\"on\")\nfor range runtime.NumCPU() { go func() { for {} }() }\nselect {}", Count: 1}, started{running})
	}()
	select {
	case <-running:
	case r := <-ran:
		t.Fatalf("%+v", r.Failure)
	}
	var took []time.Duration
	ask := func() {
		t.Helper()
		begin := time.Now()
		c := s.Complete(t.Context(), "%%\nfmt.Printl", 13)
		took = append(took, time.Since(begin))
		if len(c.Suggestions) != 1 || c.Suggestions[0].Text != "Println" {
			t.Errorf("%+v", c)
		}
	}
	for range 20 {
		ask()
	}
	old := g.PID()
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		ask() // by itself
	}
	begin := time.Now()
	awaitGopls(t, g, old)
	t.Logf("gopls is back after %v", time.Since(begin))
	ask()
	slices.Sort(took)
	t.Logf("%d answers beside a busy cell: median %v, slowest %v", len(took), took[len(took)/2], took[len(took)-1])
	if slowest := took[len(took)-1]; slowest > 3*time.Second {
		t.Errorf("somebody waited for %v", slowest)
	}
	stop()
	if r := <-ran; r.Failure == nil || r.Failure.Name != "Interrupted" {
		t.Errorf("%+v", r.Failure)
	}
}

// started is a publisher that tells when a cell has printed something.
type started struct{ running chan struct{} }

func (s started) Stream(string, string) {
	select {
	case <-s.running:
	default:
		close(s.running)
	}
}
func (started) Display(_, _ map[string]any, _ string) {}
func (started) Update(_, _ map[string]any, _ string)  {}
func (started) Result(_, _ map[string]any)            {}
func (started) Error(string, string, []string)        {}
func (started) Clear(bool)                            {}
func (started) Input(context.Context, string, bool) (string, error) {
	return "", context.Canceled
}
