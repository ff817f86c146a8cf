package helpers

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestTimingSentence(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		timing Timing
		want   string
	}{
		{Timing{"100 requests, one goroutine each", 9412345, 0.92, 250 * ms},
			"100 requests, one goroutine each: 9.4 ms (92 % waiting); you guessed 250 ms: 27 times too long"},
		{Timing{"a", 10 * ms, 0, 0}, "a: 10 ms (0 % waiting)"},
		{Timing{"a", 10 * ms, math.NaN(), 0}, "a: 10 ms"},
		{Timing{"a", 10 * ms, 1, 10500 * time.Microsecond}, "a: 10 ms (100 % waiting); you guessed 10.5 ms: spot on"},
		{Timing{"a", 10 * ms, 1, 13 * ms}, "a: 10 ms (100 % waiting); you guessed 13 ms: 30 % too long"},
		{Timing{"a", 10 * ms, 1, 8 * ms}, "a: 10 ms (100 % waiting); you guessed 8 ms: 20 % too short"},
		{Timing{"a", 10 * ms, 1, 4 * ms}, "a: 10 ms (100 % waiting); you guessed 4 ms: 2.5 times too short"},
		{Timing{"a", 0, math.NaN(), ms}, "a: 0 s; you guessed 1 ms: 1000000 times too long"},
	}
	for _, test := range tests {
		if got := test.timing.String(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

func TestTimeTellsWaitingFromWorking(t *testing.T) {
	var wait, work Timing
	text := printed(t, func() {
		Predict(time.Hour)
		wait = Time("wait", func() { time.Sleep(30 * time.Millisecond) })
		work = Time("work", func() {
			for start := time.Now(); time.Since(start) < 30*time.Millisecond; {
			}
		})
	})
	if wait.Waiting < 0.7 || wait.Wall < 30*time.Millisecond || wait.Guess != time.Hour {
		t.Errorf("sleeping: %+v", wait)
	}
	// A busy machine can keep the loop waiting for a processor.
	if work.Waiting > wait.Waiting-0.1 || work.Guess != 0 {
		t.Errorf("looping: %+v, sleeping: %+v", work, wait)
	}
	if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) != 2 || lines[0] != wait.String() || lines[1] != work.String() {
		t.Errorf("printed:\n%s", text)
	}
}
