package e2e

import (
	"regexp"
	"testing"

	"gopark/kernel/notebook"
)

// measured are the parts of the course's text that differ from run to run beside
// those that any notebook's outputs have: notebook.Constant knows these.
var measured = []struct {
	what    string
	pattern *regexp.Regexp
	with    string
}{
	// The image's Go is built with the leak profile of ours, so that both kernels
	// share its packages, and says so where nobody hides it.
	{"experiment", regexp.MustCompile(`(go1\.[\d.]+)[ -]X:[\w,]+`), "$1"},
	{"fraction", regexp.MustCompile(`(?m)(^|[^\w.])\d+\.\d+\b`), "${1}FRACTION"}, // nobody counts in fractions: it was measured
	{"how far a counter came", regexp.MustCompile(`counted to \d+`), "counted to COUNT"},
	{"in flight", regexp.MustCompile(`(at the same time|at that moment): \d+( and \d+)?`), "$1: COUNT"},
	{"in flight, otherwise said", regexp.MustCompile(`\d+ of them at the same time`), "COUNT of them at the same time"},
	{"how many in time", regexp.MustCompile(`\d+ of (\d+) know`), "COUNT of $1 know"},
}

// constant returns text without what varies.
func constant(text string) string {
	text = notebook.Constant(text)
	for _, v := range measured {
		text = v.pattern.ReplaceAllString(text, v.with)
	}
	return text
}

// number is a whole number. Those that varying leaves alone are compared, but
// nobody can list what programs count.
var number = regexp.MustCompile(`\d[\d,]*`)

// reconcile returns what is to be compared of two texts. A number may differ
// between two kernels where it also differs between two runs on our own: this
// one and the one with which the notebook was saved.
func reconcile(ours, theirs, saved string) (string, string) {
	const some = "NUMBER"
	skeleton := number.ReplaceAllString(ours, some)
	if ours == theirs || number.ReplaceAllString(theirs, some) != skeleton || number.ReplaceAllString(saved, some) != skeleton {
		return ours, theirs
	}
	a, b, c := number.FindAllString(ours, -1), number.FindAllString(theirs, -1), number.FindAllString(saved, -1)
	at := 0
	varies := func(n string) string {
		defer func() { at++ }()
		if a[at] != b[at] && a[at] != c[at] {
			return some
		}
		return n
	}
	ours = number.ReplaceAllStringFunc(ours, varies)
	at = 0
	return ours, number.ReplaceAllStringFunc(theirs, varies)
}

func TestReconcile(t *testing.T) {
	for _, tt := range []struct{ ours, theirs, saved, wantOurs, wantTheirs string }{
		{"5 of 10", "5 of 10", "", "5 of 10", "5 of 10"},
		{"5 of 10", "6 of 10", "7 of 10", "NUMBER of 10", "NUMBER of 10"},
		{"5 of 10", "6 of 10", "5 of 10", "5 of 10", "6 of 10"},
		{"5 of 10", "6 of 12", "7 of 10", "NUMBER of 10", "NUMBER of 12"},
		{"5 of 10", "6 of 10", "", "5 of 10", "6 of 10"},
		{"5 of 10", "6 in 10", "7 of 10", "5 of 10", "6 in 10"},
		{"1,234 x", "999 x", "5 x", "NUMBER x", "NUMBER x"},
	} {
		if ours, theirs := reconcile(tt.ours, tt.theirs, tt.saved); ours != tt.wantOurs || theirs != tt.wantTheirs {
			t.Errorf("%q, %q, %q: got %q and %q", tt.ours, tt.theirs, tt.saved, ours, theirs)
		}
	}
}

func TestVarying(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"go build: 182 ms (99 % waiting)", "go build: 2.82 s (100 % waiting)", "go build: TIME (WAITING)"},
		{"x: 28.4 ms (0 % waiting); you guessed 1 s: 35 times too long", "x: 1.0 s (0 % waiting); you guessed 1 s: spot on", "x: TIME (WAITING); you guessed TIME: GUESS"},
		{"it took 0s", "it took 1m2.5s", "it took TIME"},
		{"     0 µs  hello", "  1031 µs  hello", "TIME hello"},
		{
			"Variant   Median           Mean ± σ      Min      Max  Relative\n-------  -------  -----------------  -------  -------  -----------------\nby row      7 ms    8.9 ms ± 5.8 ms   6.8 ms  31.5 ms  1.01 [0.96, 1.17]\n",
			"Variant  Median   Mean ± σ   Min  Max  Relative\n----  ---  ----  -----  ------  ----\nby row  6.9 ms  8.2 ms ± 3 ms   6.8 ms   17 ms  1\n",
			"Variant Median Mean ± σ Min Max Relative\n--- --- --- --- --- ---\nby row TIME TIME ± TIME TIME TIME RATIO\n",
		},
		{
			"\nno difference found between by row and by row, again (ratio 0.84 [0.66, 1.11], 16 rounds)\n2 CPUs; 16 rounds in random order after 1 to warm up\nnote: 2 of 16 runs\n",
			"\nby row takes 1.3 times as long as by row, again [1.1, 1.4]\n2 CPUs; 4 rounds in random order after 1 to warm up\n",
			"\nVERDICT\n2 CPUs; ROUNDS\n",
		},
		{"mixed: no difference found between A and B (ratio 0.84 [0.66, 1.11], 16 rounds)", "mixed: A takes 2.3 times as long as B [1.2, 1.3]", "mixed: VERDICT"},
		{"a ratio 1 [0.98, 1.01] here", "a ratio 1.4 [1.2, 3] here", "a ratio RATIO here"},
		{"Your run:\nf 115 |=== | 1 ms to 2 ms\nf 131 → 40 ms |  ==> 1 ms to 2 ms\nend", "Your run:\nf 1 | =  | 1 s to 2 s\nend", "Your run:\nROWS\nend"},
		{"threads  92.8 ± 31.8  56.3", "threads  259.3 ± 171.6  70.4", "threads FRACTION ± FRACTION FRACTION"},
		{"       1    5.3 ms [5.3 ms, 11.4 ms]    5 ms", "1     5.2 ms [5.2 ms, 5.5 ms]    5 ms", "1 TIME TIME"},
		{"memory: 256 MB together, 2.6 KB each", "memory: 300 MB together, 3 KB each", "memory: MEMORY together, MEMORY each"},
		{"most requests at the same time: 1 and 20", "most requests at the same time: 2 and 7", "most requests at the same time: COUNT"},
		{"go1.26.8-X:goroutineleakprofile with 2", "go1.26.8 with 2", "go1.26.8 with 2"},
		{"0 of 20 know, 0 were told twice", "3 of 20 know, 0 were told twice", "COUNT of 20 know, 0 were told twice"},
	} {
		for _, text := range []string{tt.a, tt.b} {
			if got := constant(text); got != tt.want {
				t.Errorf("%q becomes\n%q, want\n%q", text, got, tt.want)
			}
		}
	}
	for _, text := range []string{
		"Add(2, 3): wrong: got -1, want 5", "4999999950000000", "requests seen by the server: 100", "README.md is read: 3294 bytes",
		"go1.26.8 linux/amd64", "10 answers, 7 requests; error: <nil>", "Hello, gopher!", "100 requests, one after the other", "goroutines in this program now: 100001",
	} {
		if got := constant(text); got != text {
			t.Errorf("%q must be compared as it is, and becomes %q", text, got)
		}
	}
}
