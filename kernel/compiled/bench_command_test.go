package compiled

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"gopark/kernel/session"
)

// TestBenchCommand runs real benchmarks, as %bench does.
func TestBenchCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	s := newSession(t)
	count := 0
	do := func(ctx context.Context, g *gallery, code string) session.Reply {
		count++
		return s.Execute(ctx, session.Request{Code: code, Count: count}, g)
	}
	const benchmarks = "%bench -count=6 -benchtime=20x\nfunc work(n int) (b []byte) {\n\tfor range n {\n\t\tb = append(b, make([]byte, 100)...)\n\t}\n\treturn b\n}\n" +
		"func BenchmarkSmall(b *testing.B) {\n\tfor b.Loop() {\n\t\twork(1)\n\t}\n}\nfunc BenchmarkLarge(b *testing.B) {\n\tfor b.Loop() {\n\t\twork(1000)\n\t}\n}\nfunc TestBad(t *testing.T) { t.Fatal(\"tests do not run\") }"
	var g gallery
	if r := do(t.Context(), &g, benchmarks); r.Failure != nil {
		t.Fatal(r.Failure, g.String())
	}
	texts := g.texts()
	if len(texts) != 2 || !regexp.MustCompile(`Bars of the median time: Small .*; Large `).MatchString(texts[0]) ||
		!regexp.MustCompile(`(?s)^benchmark +sec/op +B/op +allocs/op\n.*\nSmall .*\nLarge .*± .*6 rounds of 20x each`).MatchString(texts[1]) {
		t.Errorf("shown: %q", texts)
	}
	if g.shown[g.order[0]][session.ChartType] == nil {
		t.Error("no chart")
	}

	// The next time, the difference is shown: one that is there.
	g = gallery{}
	if r := do(t.Context(), &g, "func work(n int) (b []byte) { return nil }"); r.Failure != nil {
		t.Fatal(r.Failure)
	}
	if r := do(t.Context(), &g, "%bench -count=6 -benchtime=20x -bench=Large"); r.Failure != nil {
		t.Fatal(r.Failure, g.String())
	}
	if texts := g.texts(); len(texts) != 2 || !regexp.MustCompile(`(?s)sec/op before +sec/op +difference.*\nLarge .* -(9\d\.\d+|100\.00)% \(p=0\.00\d n=6\)`).MatchString(texts[1]) ||
		strings.Contains(texts[1], "Small") {
		t.Errorf("shown: %q", texts)
	}

	// What fails says why.
	g = gallery{}
	if r := do(t.Context(), &g, "%bench\nfunc BenchmarkBad(b *testing.B) { b.Fatal(\"no luck\") }"); r.Failure == nil || r.Failure.Value != "BenchmarkBad failed" ||
		!strings.Contains(g.String(), "no luck") {
		t.Errorf("%v, %q", r.Failure, g.String())
	}
	if r := do(t.Context(), &g, "%bench\nfunc TestOnly(t *testing.T) {}"); r.Failure == nil || !strings.HasPrefix(r.Failure.Value, "%bench found no benchmark") {
		t.Error(r.Failure)
	}

	// An interrupt ends it in its round.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	g = gallery{notify: func(text string) {
		if text == "round 2 of 1000" {
			cancel()
		}
	}}
	if r := do(ctx, &g, "%bench -count=1000 -benchtime=1x -bench=Small"); r.Failure == nil || r.Failure.Name != "Interrupted" {
		t.Error(r.Failure)
	}
}
