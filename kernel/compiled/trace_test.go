package compiled

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopark/kernel/session"
)

// charts is a board that keeps the bundles.
type charts struct {
	board
	bundles []map[string]any
}

func (c *charts) Display(data, metadata map[string]any, id string) {
	c.bundles = append(c.bundles, data)
	c.board.Display(data, metadata, id)
}

// TestTrace draws real programs, however they end.
func TestTrace(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	s := newSession(t)
	dir := t.TempDir()
	run := func(code string) (*charts, session.Reply) {
		b := &charts{}
		return b, s.Execute(t.Context(), session.Request{Code: code, Count: 4}, b)
	}
	const crew = `
	work, done := make(chan int), make(chan int)
	for range 3 {
		go func() {
			for n := range work {
				time.Sleep(time.Millisecond)
				done <- n
			}
		}()
	}
	go func() {
		for n := range 6 {
			work <- n
		}
		close(work)
	}()
	for range 6 {
		<-done
	}
`
	for _, tt := range []struct{ name, code, want string }{
		{"main", "%trace\n%%" + crew, "most running"},
		{"func main", "%trace\nfunc main() {" + crew + "}", "main"},
		{"statements", "%trace" + crew, "func in main  cell [4] line 4"},
		{"os.Exit", "%trace\n%%" + crew + "\tos.Exit(3)", "most running"},
		{"race", "%trace\n%race\n%%" + crew, "most running"},
		{"left behind", "%trace\n%%\nch := make(chan int)\nfor range 2 {\n\tgo func() { ch <- 1 }()\n}\ntime.Sleep(5 * time.Millisecond)", "2 goroutines were still there when it was over: waiting to send, at cell [4] line 5"},
		{"panic", "%trace\n%%\ntime.Sleep(time.Millisecond)\npanic(1)", "broken off"},
		{"tests", "%trace\n%test\nfunc TestX(t *testing.T) {}", "%trace draws programs, not tests"},
		{"inside a trace", "%trace\nimport \"gopark/helpers\"\n%%\nhelpers.Timeline(func() { fmt.Println(\"ran\") })", "Timeline drew nothing"},
		{"wrong words", "%trace now\n%%\n", "only -o and the name of a file can follow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, _ := run(tt.code)
			if !strings.Contains(b.String(), tt.want) {
				t.Errorf("no %q in %s", tt.want, b.String())
			}
			if strings.Contains(b.String(), "tracing") {
				t.Errorf("our own functions show: %s", b.String())
			}
		})
	}
	t.Run("kept", func(t *testing.T) {
		file := filepath.Join(dir, "run.trace")
		b, r := run("%trace -o '" + file + "'\n%%" + crew)
		if r.Failure != nil {
			t.Fatal(r.Failure)
		}
		head, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(string(head), "go 1.") {
			t.Errorf("the trace begins with %.16q, %v", head, err)
		}
		data, err := os.ReadFile(file + ".json")
		if err != nil || !json.Valid(data) {
			t.Errorf("the JSON: %v", err)
		}
		if !strings.Contains(b.String(), "go tool trace") {
			t.Error(b.String())
		}
	})
	t.Run("not asked for", func(t *testing.T) {
		if b, _ := run("%%" + crew); len(b.bundles) > 0 {
			t.Errorf("shown: %s", b.String())
		}
	})
	t.Run("nothing is left", func(t *testing.T) {
		left, err := filepath.Glob(filepath.Join(os.TempDir(), "gopark-*", "session-*", "bin", "trace-*"))
		if err != nil || len(left) > 0 {
			t.Errorf("files left: %v %v", left, err)
		}
	})
}
