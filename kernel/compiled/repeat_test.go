package compiled

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopark/kernel/session"
)

// A gallery keeps the newest version of each display and tells of every one.
type gallery struct {
	board
	order  []string
	shown  map[string]map[string]any
	notify func(text string)
}

func (g *gallery) Display(data, metadata map[string]any, id string) {
	if id == "" {
		id = "display " + string(rune('a'+len(g.order)))
	}
	g.order = append(g.order, id)
	g.Update(data, metadata, id)
}

func (g *gallery) Update(data, _ map[string]any, id string) {
	if g.shown == nil {
		g.shown = map[string]map[string]any{}
	}
	g.shown[id] = data
	if text, _ := data["text/plain"].(string); g.notify != nil {
		g.notify(text)
	}
}

func (g *gallery) texts() (out []string) {
	for _, id := range g.order {
		text, _ := g.shown[id]["text/plain"].(string)
		out = append(out, text)
	}
	return out
}

// TestRepeat runs programs many times, as %repeat does: real programs, whose
// outcomes are known or must at least differ.
func TestRepeat(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	s := newSession(t)
	tests := []struct {
		name, code string
		want       []string // a regular expression for each display
		failed     bool
	}{
		{"always the same", "%repeat 6\n%%\nfmt.Println(6*7)",
			[]string{`(?s)^6 runs, one outcome: 42\n.*Other schedules.*no data race in 3 more runs`}, false},
		{"GOMAXPROCS is in turn", "%repeat 6\n%%\nfmt.Println(\"procs\", min(2, runtime.GOMAXPROCS(0)))",
			[]string{`(?s)^6 runs: \d times procs 2, \d times procs 1`}, false},
		{"a learner's GOMAXPROCS stays", "%env GOMAXPROCS=3\n%repeat 2\n%%\nfmt.Println(runtime.GOMAXPROCS(0))",
			[]string{`(?s)^2 runs, one outcome: 3\n.*GOMAXPROCS 3  all\n`}, false},
		{"a race", "%env GOMAXPROCS=2\n%repeat 20\n%%\nn := 0\nvar wg sync.WaitGroup\nfor range 4 {\n\twg.Go(func() {\n\t\tfor range 20000 {\n\t\t\tn++\n\t\t}\n\t})\n}\nwg.Wait()\nfmt.Println(n)",
			[]string{`(?s)^20 runs\b.*saw a data race in 3 of 3 more runs`, `(?s)^The first data race\n.*cell \[4\] line 9`}, false},
		{"a failure now and then", "%env GOMAXPROCS=1\n%repeat 4\n%%\nif time.Now().UnixNano() > 0 {\n\tvar m map[string]int\n\tm[\"x\"] = 1\n}",
			[]string{`(?s)^4 runs, one outcome: Panic: assignment to entry in nil map`, `^The first failure: run 1, GOMAXPROCS 1, Panic\n`}, false},
		{"a last expression", "%repeat 2\n1 + 1", []string{`(?s)^2 runs, one outcome: 2\n`}, false},
		{"a deadlock, which the race detector's runtime does not see", "%repeat 40\n%%\nch := make(chan int)\nfmt.Println(\"before\")\n<-ch",
			[]string{`(?s)^40 runs, one outcome: Deadlock.*no data race in 1 more run, the last of which did not end`, `^The first failure: run 1, GOMAXPROCS 1, Deadlock\n`}, false},
		{"never an end", "%timeout 300ms\n%repeat 40\n%%\nselect {\ncase <-time.After(time.Hour):\n}",
			[]string{`(?s)^3 runs, one outcome: did not end\n.*No more runs after 3 that did not end within 300ms`, `^The first failure: run 1, GOMAXPROCS 1, NoEnd\n`}, false},
		{"a compile error", "%repeat 2\n%%\nx := 1", nil, true},
		{"no number", "%repeat often\n%%\nfmt.Println(1)", nil, true},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := &gallery{}
			r := s.Execute(t.Context(), session.Request{Code: tt.code, Count: i + 1}, g)
			if (r.Failure != nil) != tt.failed {
				t.Fatalf("failure %v", r.Failure)
			}
			texts := g.texts()
			if len(texts) != len(tt.want) {
				t.Fatalf("%d displays: %q", len(texts), texts)
			}
			for i, want := range tt.want {
				if !regexp.MustCompile(want).MatchString(texts[i]) {
					t.Errorf("display %d is %q, want %q", i, texts[i], want)
				}
			}
			if g.Len() > 0 && !tt.failed {
				t.Errorf("the programs' output is shown: %q", g.String())
			}
		})
	}
}

// An interrupt shows what is known by then.
func TestRepeatInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	s := newSession(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	g := &gallery{notify: func(text string) {
		if strings.Contains(text, " of 500 runs") {
			cancel()
		}
	}}
	start := time.Now()
	r := s.Execute(ctx, session.Request{Code: "%repeat 500\n%%\ntime.Sleep(50 * time.Millisecond)\nfmt.Println(\"slept\")", Count: 1}, g)
	if r.Failure == nil || r.Failure.Name != "Interrupted" {
		t.Fatalf("got %v", r.Failure)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("it took %v", d)
	}
	if texts := g.texts(); len(texts) != 1 || !regexp.MustCompile(`^\d+ runs, one outcome: slept`).MatchString(texts[0]) {
		t.Errorf("shown: %q", texts)
	}
}
