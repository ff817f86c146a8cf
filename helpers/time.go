package helpers

import (
	"fmt"
	"math"
	"sync"
	"time"

	"gopark/helpers/chart"
	"gopark/helpers/display"
	"gopark/helpers/stats"
)

// A Timing is what Time found.
type Timing struct {
	Name string
	// Wall is the time from start to end, as a clock on the wall shows it.
	Wall time.Duration
	// Waiting is the share of Wall in which no processor worked for this program,
	// from 0 to 1, or NaN where the system cannot tell.
	Waiting float64
	// Guess is what Predict was told before, or 0.
	Guess time.Duration
}

// String is one sentence, like "100 requests: 9.4 ms (92 % waiting); you guessed
// 250 ms: 27 times too long".
func (t Timing) String() string {
	s := fmt.Sprintf("%s: %s", t.Name, stats.Duration(t.Wall))
	if !math.IsNaN(t.Waiting) {
		s += fmt.Sprintf(" (%.0f %% waiting)", 100*t.Waiting)
	}
	if t.Guess > 0 {
		s += "; you guessed " + stats.Duration(t.Guess) + ": " + howFar(t.Guess, t.Wall)
	}
	return s
}

// howFar compares a guess with the truth in the words of everyday.
func howFar(guess, truth time.Duration) string {
	ratio, word := float64(guess)/float64(max(truth, 1)), "long"
	if ratio < 1 {
		ratio, word = 1/ratio, "short"
	}
	switch {
	case ratio < 1.1:
		return "spot on"
	case ratio < 2:
		if word == "short" { // Relative to the truth, as "too long" is.
			return fmt.Sprintf("%.0f %% too short", 100*(1-1/ratio))
		}
		return fmt.Sprintf("%.0f %% too long", 100*(ratio-1))
	case ratio < 10:
		return fmt.Sprintf("%.1f times too %s", ratio, word)
	}
	return fmt.Sprintf("%.0f times too %s", ratio, word)
}

// A stopwatch holds what Predict and Time share in one program.
type stopwatch struct {
	mu      sync.Mutex
	guess   time.Duration
	timings []Timing
	id      string // of the display that grows
}

var watch stopwatch

// Predict notes how long you expect the next Time to take; Time then shows the
// guess beside the truth. Write it down before you run the cell: a guess that
// turns out wrong teaches more than a number that was only read.
//
// A guess that is not positive is no guess.
func Predict(d time.Duration) {
	watch.mu.Lock()
	defer watch.mu.Unlock()
	watch.guess = max(d, 0)
}

// Time runs f once and shows how long it took and how much of that was waiting.
// The calls of one program add up to one picture, a bar each, so that they can be
// compared.
//
// Waiting is 1 - processor time / wall time. The processor time is that of the
// whole process, which is all that a system counts: other goroutines that compute
// meanwhile, the garbage collector, and a Remote in the same program count as
// work. With more than one core, work on several at once can hide waiting: two
// cores busy for half of the time look like no waiting at all. And it says how
// long, not what for.
//
// One run proves little: use Compare to claim that something is faster.
func Time(name string, f func()) Timing {
	watch.mu.Lock()
	guess := watch.guess
	watch.guess = 0
	watch.mu.Unlock()

	cpuBefore, known := processorTime()
	start := time.Now()
	f()
	wall := time.Since(start)
	cpuAfter, _ := processorTime()

	t := Timing{Name: name, Wall: wall, Waiting: math.NaN(), Guess: guess}
	if known && wall > 0 {
		t.Waiting = min(1, max(0, 1-float64(cpuAfter-cpuBefore)/float64(wall)))
	}
	watch.show(t)
	return t
}

func (w *stopwatch) show(t Timing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !display.Rich() {
		_ = display.Bundle(map[string]any{display.Plain: t.String()}, "")
		return
	}
	if w.id == "" {
		w.id = display.NewID()
	}
	w.timings = append(w.timings, t)
	spans := make([]chart.Span, len(w.timings))
	for i, t := range w.timings {
		spans[i] = chart.Span{Name: t.Name, Wall: t.Wall, Guess: t.Guess, Text: t.String()}
		if !math.IsNaN(t.Waiting) {
			spans[i].Waiting, spans[i].Known = time.Duration(t.Waiting*float64(t.Wall)), true
		}
	}
	_ = display.Bundle(chart.Waiting(spans).Bundle(), w.id)
}
