package helpers

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gopark/helpers/stats"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A fakeClock stands still but for the variants, which move it.
type fakeClock struct {
	at       time.Time
	order    []string // of all runs
	collects int
}

func (f *fakeClock) clock() clock {
	return clock{
		now:     func() time.Time { return f.at },
		collect: func() { f.collects++ },
		// Reverses: a random order that a test can foresee.
		shuffle: func(n int, swap func(i, j int)) {
			for i := range n / 2 {
				swap(i, n-1-i)
			}
		},
	}
}

// work returns a variant that takes base, and a little more in each run.
func (f *fakeClock) work(name string, base time.Duration) func() {
	runs := 0
	return func() {
		f.order = append(f.order, name)
		f.at = f.at.Add(base + time.Duration(runs%5)*base/50)
		runs++
	}
}

// printed runs f and returns what it wrote to the standard output.
func printed(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stdout := os.Stdout
	os.Stdout = file
	defer func() { os.Stdout = stdout }()
	f()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// golden compares text, less what depends on the machine, with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	for line := range strings.Lines(got) {
		if strings.Contains(line, "GOMAXPROCS") {
			_, rest, _ := strings.Cut(line, "; ")
			got = strings.Replace(got, line, "ENVIRONMENT; "+rest, 1)
		}
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestCompareText(t *testing.T) {
	tests := []struct {
		name    string
		options func(f *fakeClock) []Option
	}{
		{"fastest", func(f *fakeClock) []Option {
			return []Option{
				Variant("loop", f.work("loop", 500*time.Millisecond)),
				Variant("goroutines", f.work("goroutines", 9*time.Millisecond)),
				Variant("limit 16", f.work("limit 16", 41*time.Millisecond)),
				Ideal(5 * time.Millisecond),
			}
		}},
		{"baseline", func(f *fakeClock) []Option {
			return []Option{
				Variant("loop", f.work("loop", 50*time.Millisecond)),
				Variant("other loop", f.work("other loop", 50*time.Millisecond)),
				Variant("slow", f.work("slow", 80*time.Millisecond)),
				Variant("fast", f.work("fast", 8*time.Millisecond)),
				Baseline("loop"), Rounds(12), Warmup(2),
			}
		}},
		{"doubtful", func(f *fakeClock) []Option {
			runs := 0
			return []Option{
				Variant("short", f.work("short", 2*time.Millisecond)),
				Variant("cold", func() {
					f.at = f.at.Add(20 * time.Millisecond)
					if runs == 0 {
						f.at = f.at.Add(time.Second)
					}
					runs++
					f.at = f.at.Add(time.Duration(runs%3) * time.Millisecond)
				}),
				Warmup(0),
			}
		}},
		{"few", func(f *fakeClock) []Option {
			return []Option{
				Variant("a", f.work("a", 50*time.Millisecond)),
				Variant("b", f.work("b", 70*time.Millisecond)),
				Rounds(3),
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &fakeClock{}
			text := printed(t, func() {
				c := compare(f.clock(), "100 requests", test.options(f))
				if c.String() == "" || len(c.Verdicts) != len(c.Variants)-1 {
					t.Errorf("%d verdicts on %d variants", len(c.Verdicts), len(c.Variants))
				}
			})
			golden(t, "compare_"+test.name+".txt", text)
		})
	}
}

func TestComparePlan(t *testing.T) {
	f := &fakeClock{}
	var c Comparison
	printed(t, func() {
		c = compare(f.clock(), "t", []Option{
			Variant("a", f.work("a", 60*time.Millisecond)),
			Variant("b", f.work("b", 70*time.Millisecond)),
		})
	})
	// 2 s / 130 ms = 15 rounds after one warm-up.
	if n := len(c.Variant("a").Times); n != 15 || len(f.order) != 2*(15+1) || f.collects != len(f.order) {
		t.Errorf("%d rounds, %d runs, %d collections; want 15, 32, 32", n, len(f.order), f.collects)
	}
	// Each shuffle reverses the last order.
	if want := []string{"a", "b", "b", "a", "a", "b", "b", "a"}; !slices.Equal(f.order[:8], want) {
		t.Errorf("order %v, want %v", f.order[:8], want)
	}
	if v := c.Verdicts[0]; v.A != "a" || v.B != "b" || v.Outcome != stats.Faster {
		t.Errorf("verdict %+v", v)
	}
}

func TestRoundsFor(t *testing.T) {
	for round, want := range map[time.Duration]int{
		0: 50, time.Microsecond: 50, 100 * time.Millisecond: 20, time.Minute: 10,
	} {
		if got := roundsFor(round, 10, 50); got != want {
			t.Errorf("rounds of %v: %d, want %d", round, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	nothing := func() {}
	tests := []struct {
		name string
		call func()
		want string
	}{
		{"empty", func() { Compare("t") },
			`helpers.Compare: there is nothing to measure: add helpers.Variant("name", func() { … })`},
		{"twins", func() { Compare("t", Variant("a", nothing), Variant("a", nothing)) },
			`helpers.Compare: two variants are named "a": names tell them apart`},
		{"wrong kind", func() { Compare("t", VariantN("a", func(int) {})) },
			`helpers.Compare: variant "a" has the wrong kind of function: write helpers.Variant("name", func() { … })`},
		{"baseline", func() { Compare("t", Variant("a", nothing), Baseline("b")) },
			`helpers.Compare: the baseline "b" is none of the variants`},
		{"negative", func() { Compare("t", Variant("a", nothing), Rounds(-1)) },
			`helpers.Compare: -1 rounds and 1 warm-up runs: neither can be negative`},
		{"no sizes", func() { Sweep("t", nil, VariantN("a", func(int) {})) },
			`helpers.Sweep: there are no sizes: give some, like []int{1, 10, 100}`},
		{"capacity", func() { Remote(Capacity(0)) },
			`helpers.Capacity: 0: a server needs room for one request at least`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if got := recover(); got != test.want {
					t.Errorf("got  %v\nwant %s", got, test.want)
				}
			}()
			test.call()
		})
	}
}

// TestPanickingVariant: the panic is the variant's own, and so is its stack.
func TestPanickingVariant(t *testing.T) {
	defer func() {
		if r := recover(); r != "oops" {
			t.Errorf("recovered %v", r)
		}
		var stack [8192]byte
		if s := string(stack[:runtime.Stack(stack[:], false)]); !strings.Contains(s, "panickingVariant") {
			t.Errorf("the variant is not on the stack:\n%s", s)
		}
	}()
	Compare("t", Variant("bad", panickingVariant))
}

//go:noinline
func panickingVariant() { panic("oops") }

func TestSweepText(t *testing.T) {
	f := &fakeClock{}
	text := printed(t, func() {
		s := sweep(f.clock(), "requests in a loop", []int{1, 10, 100}, []Option{
			VariantN("loop", func(n int) { f.work("loop", time.Duration(n)*5*time.Millisecond)() }),
			VariantN("goroutines", func(int) { f.work("goroutines", 6*time.Millisecond)() }),
			IdealN(func(n int) time.Duration { return time.Duration(n) * 5 * time.Millisecond }),
			XName("requests"),
		})
		if p := s.Line(s.Lines[0].Name).At(100); p.X != 100 || p.Median() != 500*time.Millisecond || len(p.Times) != 6 || !p.Summary.HasInterval() {
			t.Errorf("point %+v", p)
		}
	})
	golden(t, "sweep.txt", text)
	// One warm-up of the smallest size, then rounds of all.
	if want := 2 + 6*6; len(f.order) != want {
		t.Errorf("%d runs, want %d", len(f.order), want)
	}
}

// TestCompareForReal measures what everyone knows, with times so far apart that
// an interruption or two decide nothing.
func TestCompareForReal(t *testing.T) {
	var c Comparison
	printed(t, func() {
		c = Compare("sleeps",
			Variant("long", func() { time.Sleep(80 * time.Millisecond) }),
			Variant("short", func() { time.Sleep(20 * time.Millisecond) }),
			Rounds(8))
	})
	if c.Baseline != "short" || c.Verdicts[0].Outcome != stats.Faster || c.Variant("long").Median() < 80*time.Millisecond {
		t.Errorf("%s", c)
	}
}
