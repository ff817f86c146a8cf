package session

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gopark/helpers/stats"
	"gopark/kernel/explain"
)

func TestCount(t *testing.T) {
	repeat := func(n int, text string) (out []trial) {
		for i := range n {
			out = append(out, trial{series: i % 2, text: text})
		}
		return out
	}
	join := func(all ...[]trial) (out []trial) {
		for _, ts := range all {
			out = append(out, ts...)
		}
		return out
	}
	// 997 different values below 1000, as lost updates make them.
	var lost []trial
	for i := range 150 {
		lost = append(lost, trial{series: 1, text: fmt.Sprintf("n is %d\n", 400+4*i)})
	}
	deadlock := &explain.Failure{Name: "Deadlock", Value: "all 2 goroutines wait: goroutine 18 …"}
	deadlock2 := &explain.Failure{Name: "Deadlock", Value: "all 2 goroutines wait: goroutine 21 …"}
	crowd := func(n int) *explain.Failure {
		return &explain.Failure{Name: "Deadlock", Value: fmt.Sprintf("all goroutines wait, at least %s: main …", stats.Count(n))}
	}
	type row struct {
		Name   string
		Parts  []int
		Failed bool
	}
	tests := []struct {
		name     string
		trials   []trial
		sentence string
		rows     []row
	}{
		{"always the same", repeat(4, "1000\n"), "4 times 1000", []row{{"1000", []int{2, 2}, false}}},
		{"nothing printed", repeat(2, ""), "2 times nothing printed", []row{{"nothing printed", []int{1, 1}, false}}},
		{"two", join(repeat(2, "a\n"), repeat(4, "b\n")), "4 times b, 2 times a",
			[]row{{"b", []int{2, 2}, false}, {"a", []int{1, 1}, false}}},
		{"the last line is what is named", join(repeat(2, "x\nsum 3\n"), repeat(2, "y\nsum 4\n")),
			"2 times sum 3, 2 times sum 4", []row{{"sum 3", []int{1, 1}, false}, {"sum 4", []int{1, 1}, false}}},
		{"orders of lines", join(repeat(2, "a\nb\ndone\n"), repeat(3, "b\na\ndone\n")),
			"3 times b · a · done, 2 times a · b · done",
			[]row{{"b · a · done", []int{2, 1}, false}, {"a · b · done", []int{1, 1}, false}}},
		{"times and addresses mean nothing", join(repeat(1, "took 1.5ms at 0xc000012\n"), repeat(1, "took 1m2.25s at 0xc0ffee\n")),
			"2 times took … at …", []row{{"took … at …", []int{2, 0}, false}}},
		{"few numbers are in their order", join(repeat(2, "3\n"), repeat(3, "10\n"), repeat(2, "9\n")),
			"3 times 10, 2 times 3, 2 times 9",
			[]row{{"3", []int{1, 1}, false}, {"9", []int{1, 1}, false}, {"10", []int{2, 1}, false}}},
		{"lost updates", join(repeat(47, "n is 1000\n"), lost),
			"47 times n is 1000, 150 times less",
			[]row{
				{"400 to 484", []int{0, 22}, false}, {"488 to 568", []int{0, 21}, false}, {"572 to 656", []int{0, 22}, false},
				{"660 to 740", []int{0, 21}, false}, {"744 to 828", []int{0, 22}, false}, {"832 to 912", []int{0, 21}, false},
				{"916 to 996", []int{0, 21}, false}, {"n is 1000", []int{24, 23}, false}}},
		{"failures", join(repeat(3, "ok\n"), []trial{{0, "", deadlock}, {1, "", deadlock2}}),
			"3 times ok, 2 times Deadlock",
			[]row{{"ok", []int{2, 1}, false}, {"Deadlock: all 2 goroutines wait: a goroutine …", []int{1, 1}, true}}},
		{"failures of a crowd", []trial{{0, "", crowd(9948)}, {1, "", crowd(9951)}}, "2 times Deadlock",
			[]row{{"Deadlock: all goroutines wait, at least …: main …", []int{1, 1}, true}}},
		{"a failure of many words", []trial{{0, "", &explain.Failure{Name: "Deadlock", Value: strings.Repeat("goroutine 4 waits, ", 9)}}},
			"once Deadlock", []row{{"Deadlock", []int{1, 0}, true}}},
		{"one order more than once is all lines for all", join(repeat(1, "0\n1\n"), repeat(1, "1\n0\n"), repeat(2, "2\n1\n")),
			"2 times 2 · 1, once 0 · 1, once 1 · 0",
			[]row{{"2 · 1", []int{1, 1}, false}, {"0 · 1", []int{1, 0}, false}, {"1 · 0", []int{1, 0}, false}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := count(tt.trials, 2)
			if got.sentence != tt.sentence {
				t.Errorf("sentence %q, want %q", got.sentence, tt.sentence)
			}
			var rows []row
			total := 0
			for _, c := range got.counts {
				rows = append(rows, row{c.Name, c.Parts, c.Failed})
				total += c.Total()
			}
			if d := cmp.Diff(tt.rows, rows); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if total != len(tt.trials) {
				t.Errorf("%d of %d trials are in the bars", total, len(tt.trials))
			}
		})
	}
}

// Whatever is printed, every run is in one bar and there are not too many bars.
func TestCountBounds(t *testing.T) {
	var trials []trial
	for i := range 500 {
		tr := trial{series: i % 3, text: fmt.Sprintf("%c%c\n", 'a'+i%26, 'a'+i/26)}
		if i%5 == 0 {
			tr.failure = explain.New("Panic", fmt.Sprintf("%c%d", 'a'+i%26, i))
		}
		trials = append(trials, tr)
	}
	got := count(trials, 3)
	if n := len(got.counts); n > 2*(maxOutcomes+1) {
		t.Errorf("%d bars", n)
	}
	total := 0
	for _, c := range got.counts {
		total += c.Total()
	}
	if total != len(trials) {
		t.Errorf("%d of %d trials are in the bars", total, len(trials))
	}
}
