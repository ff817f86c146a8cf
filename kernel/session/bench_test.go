package session

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSetBench(t *testing.T) {
	for args, want := range map[string]string{
		"":                                 "10 100ms []",
		"-count=20 -benchtime=1s":          "20 1s []",
		"-bench=Sum|Join --cpu=1,2 -short": "10 100ms [-bench=Sum|Join --cpu=1,2 -short]",
		"-benchtime=100x":                  "10 100x []",
		"Sum":                              `"Sum" is no flag of go test like -count=20, -benchtime=1s, -bench=Sum or -cpu=1,2`,
		"-x=3":                             `"-x=3" is no flag of go test like -count=20, -benchtime=1s, -bench=Sum or -cpu=1,2`,
		"-count":                           "-count needs a value, as in -count=…",
		"-count=no":                        `how many rounds? "no" is no number from 1 to 1000`,
		"-count=0":                         `how many rounds? "0" is no number from 1 to 1000`,
	} {
		x := &execution{}
		err := setBench(x, args, "")
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprintf("%d %s %v", x.bench.rounds, x.bench.time, x.bench.flags)
		}
		if got != want || x.tests != (err == nil) {
			t.Errorf("%q: %s, want %s", args, got, want)
		}
	}
	b := &benching{time: "1s", flags: []string{"-bench=Sum"}}
	want := []string{"-test.run=^$", "-test.bench=.", "-test.benchmem", "-test.benchtime=1s", "-test.bench=Sum"}
	if diff := cmp.Diff(want, b.arguments()); diff != "" {
		t.Error(diff)
	}
}

// rounds are outputs of benchmarks, a line of values for each round.
func rounds(lines ...string) *measurements {
	m := newMeasurements()
	for _, l := range lines {
		m.add("goos: linux\ncpu: Some Processor\nsomebody prints\n" + l + "\nPASS\n")
	}
	return m
}

func TestBenchTable(t *testing.T) {
	var slow, fast []string
	for i := range 8 {
		slow = append(slow, fmt.Sprintf("BenchmarkSum-2 100 %d ns/op 16 B/op 1 allocs/op\nBenchmarkNew/n=<b>-2 100 %d ns/op 3.5 hops/op", 2000+i, 50+i))
		fast = append(fast, fmt.Sprintf("BenchmarkSum-2 100 %d ns/op 0 B/op 0 allocs/op", 1000+i))
	}
	before, now := rounds(slow...), rounds(fast...)
	b := &benching{rounds: 8, time: "100ms"}
	want := `benchmark       sec/op  B/op  allocs/op  hops/op
---------  -----------  ----  ---------  -------
Sum        2.004µ ± 0%    16          1         
New/n=<b>  53.50n ± 7%                     3.500
`
	if diff := cmp.Diff(trimmed(want), trimmed(before.table(nil).String())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	want = `benchmark  sec/op before       sec/op              difference  B/op  allocs/op
---------  -------------  -----------  ----------------------  ----  ---------
Sum          2.004µ ± 0%  1.004µ ± 0%  -49.91% (p=0.000 n=8)     0          0
`
	got := trimmed(now.table(before.samples).String())
	if !strings.Contains(got, "-49.91%") || !strings.Contains(got, "2.004µ ± 0%  1.004µ ± 0%") {
		t.Errorf("want like\n%s\ngot\n%s", want, got)
	}
	shown := before.shown(nil, b)
	if html := shown["text/html"].(string); strings.Contains(html, "<b>") || !strings.Contains(html, "New/n=&lt;b&gt;") {
		t.Errorf("a name is not escaped: %s", html)
	}
	if text := shown["text/plain"].(string); !strings.Contains(text, "8 rounds of 100ms each, all benchmarks in every round; Some Processor") {
		t.Error(text)
	}
	if c := before.chart(b); !strings.Contains(c.Alt, "Time for a thousand operations. Bars of the median time: Sum 2 ms") {
		t.Error(c.Alt)
	}
	if notes := now.notes(nil, &benching{rounds: 3, time: "1s"}); !strings.Contains(strings.Join(notes, "\n"), "an interval takes 6 rounds: -count=10") {
		t.Error(notes)
	}
	// Several processors: the names keep their numbers.
	both := rounds("BenchmarkA 10 5 ns/op\nBenchmarkA-2 10 6 ns/op")
	if a, b := both.short("BenchmarkA"), both.short("BenchmarkA-2"); a != "A" || b != "A-2" {
		t.Errorf("%s and %s", a, b)
	}
}

func trimmed(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}
