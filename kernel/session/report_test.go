package session

import (
	"fmt"
	"testing"
	"time"
)

func TestReportLine(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		report Report
		full   bool
		want   string
	}{
		{Report{Run: 112 * ms, Build: 81 * ms, Counted: true, Created: 101}, false, "ran 112 ms · built 81 ms · 101 goroutines, 0 left behind"},
		{Report{Run: 1500 * time.Microsecond, Cached: true, Counted: true, Created: 5001, AtMost: 1234, Left: 3, Leaked: 2}, false,
			"ran 1.5 ms · built before · 5,001 goroutines, never more than 1,234 at once, 3 left behind (2 leaked)"},
		{Report{Run: 120 * ms, Build: 1234 * ms, Counted: true, Created: 1}, false, "ran 120 ms · built 1.23 s"},
		{Report{Run: 12345 * ms, Build: 9 * ms}, false, "ran 12.3 s · built 9.0 ms"}, // killed: nothing is known
		{Report{Run: 3 * ms, Cached: true, Counted: true, Created: 1, CPU: 2 * ms, MaxRSS: 5 << 20, Race: true}, true,
			"ran 3.0 ms · built before · 1 goroutine, 0 left behind · processor 2.0 ms · memory 5.0 MB · race detector on"},
	} {
		if got := tt.report.line(tt.full); got != tt.want {
			t.Errorf("%+v:\n got %s\nwant %s", tt.report, got, tt.want)
		}
	}
}

// TestReportWorth: what is said without being asked.
func TestReportWorth(t *testing.T) {
	for _, tt := range []struct {
		report Report
		want   bool
	}{
		{Report{Kind: "main", Run: time.Millisecond, Created: 1}, false},
		{Report{Kind: "main", Run: time.Millisecond, Created: 2}, true},
		{Report{Kind: "main", Run: slow, Created: 1}, true},
		{Report{Kind: "statements", Run: slow}, true},
		{Report{Kind: "tests", Run: time.Minute}, false},
		{Report{Kind: "command", Run: time.Minute}, false},
	} {
		if got := tt.report.worth(); got != tt.want {
			t.Errorf("%+v: %v", tt.report, got)
		}
	}
}

// TestLeft: the dump is made a moment after the count.
func TestLeft(t *testing.T) {
	learner := func(id int, state string) string {
		return fmt.Sprintf("goroutine %d [%s]:\nmain.main.func1()\n\t/gopark/cell[1]:4 +0x1c\ncreated by main.main in goroutine 1\n\t/gopark/cell[1]:3 +0x1c\n\n", id, state)
	}
	const library = "goroutine 9 [select]:\nnet/http.(*persistConn).readLoop(0x1)\n\t/go/src/net/http/transport.go:2 +0x1\ncreated by net/http.(*Transport).dialConn in goroutine 1\n\t/go/src/net/http/transport.go:1 +0x1\n\n"
	for _, tt := range []struct {
		name         string
		g            Goroutines
		left, leaked int
	}{
		{"none", Goroutines{Created: 4, Live: 1}, 0, 0},
		{"too many for a dump", Goroutines{Created: 6001, Live: 6001}, 6000, 0},
		{"one waits for ever", Goroutines{Created: 2, Live: 2, Dump: learner(7, "chan receive (leaked)")}, 1, 1},
		{"a library's", Goroutines{Created: 3, Live: 3, Dump: learner(7, "chan receive") + library}, 1, 0},
		{"one never ran", Goroutines{Created: 2, Live: 2, Unstarted: 1, Dump: learner(7, "runnable")}, 1, 0},
		{"it ran and ended before the dump", Goroutines{Created: 3, Live: 3, Unstarted: 1, Dump: learner(7, "chan receive")}, 2, 0},
		{"one was about to end, and did", Goroutines{Created: 3, Live: 3, Dump: learner(7, "chan receive")}, 1, 0},
		{"one was about to end, beside one that never ran", Goroutines{Created: 3, Live: 3, Unstarted: 1, Dump: learner(7, "runnable")}, 1, 0},
	} {
		if left, leaked, _ := tt.g.left(); left != tt.left || leaked != tt.leaked {
			t.Errorf("%s: %d left, %d leaked, not %d and %d", tt.name, left, leaked, tt.left, tt.leaked)
		}
	}
}
