package compiled

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopark/kernel/session"
)

// TestReport runs programs that end in all ways and compares what is known of
// their goroutines.
func TestReport(t *testing.T) {
	s := newSessionWith(t, t.TempDir(), func(o *session.Options, _ *Engine) { o.Report = session.ReportOn })
	const begin = "import (\"fmt\"; \"os\"; \"sync\"; \"time\"; \"runtime\")\nvar _ = fmt.Sprint; var _ = os.Exit; var _ sync.Mutex; var _ = time.Now; var _ = runtime.Gosched\nfunc main() {\n"
	for _, tt := range []struct {
		name, body    string
		created, left int
		leaked        int  // -1: some or none, the profile flickers
		unknown       bool // no figures: the program did not come to its end
		line          bool // it is shown
		tries         int  // of a race that a busy machine may decide otherwise; 0: one
		says          string
		not           string
	}{
		{name: "nothing to tell", body: `fmt.Println(runtime.NumGoroutine())`, created: 1, says: "1\n"},
		{name: "all have ended", body: `var wg sync.WaitGroup; for range 100 { wg.Go(func() {}) }; wg.Wait()`, created: 101, line: true, tries: 3, says: "101 goroutines"},
		{name: "one channel each", body: `done := make(chan bool); for range 50 { go func() { done <- true }(); <-done }`, created: 51, line: true, tries: 3, says: "0 left behind"},
		{name: "never ran", body: `runtime.GOMAXPROCS(1); go func(s string) { fmt.Println(s) }("not to be seen")`, created: 2, left: 1, line: true, tries: 3, not: "seen\n"},
		{name: "os.Exit", body: `go func() { select {} }(); time.Sleep(5*time.Millisecond); os.Exit(3)`, created: 2, left: 1, leaked: -1, line: true, says: "exit status 3"},
		{name: "os.Exit elsewhere", body: `go func() { os.Exit(0) }(); select {}`, created: 2, left: 0, line: true, says: "0 left behind"},
		{name: "panic", body: `go func() { select {} }(); time.Sleep(time.Millisecond); panic("no")`, unknown: true, says: "Panic: no", not: "left behind"},
		{name: "kill", body: `go func() { select {} }(); p, _ := os.FindProcess(os.Getpid()); p.Kill(); select {}`, unknown: true, says: "Killed", not: "left behind"},
		{name: "slow", body: `time.Sleep(120*time.Millisecond)`, created: 1, line: true, says: "ran ", not: "goroutine"},
		{name: "leak", body: `c := make(chan *int); for range 3 { go func() { <-c }() }; time.Sleep(5*time.Millisecond)`, created: 4, left: 3, leaked: -1, line: true, says: "3 goroutines"},
		{name: "asleep", body: `go func() { time.Sleep(time.Hour) }(); time.Sleep(time.Millisecond)`, created: 2, left: 1, line: true, says: "still running when main returned", not: "leaked"},
		{name: "prints on", body: `for range 3 { go func() { for { fmt.Println("."); time.Sleep(time.Microsecond) } }() }; time.Sleep(5*time.Millisecond); fmt.Println("end")`, created: 4, left: 3, line: true, says: "end\n"},
		{name: "many", body: `c := make(chan int); for range 6000 { go func() { <-c }() }; time.Sleep(20*time.Millisecond)`, created: 6001, left: 6000, line: true, says: "6,000 left behind"},
		// The dump of what is left has less room than these stacks want.
		{name: "deep stacks", body: `c := make(chan *int); var deep func(int) int; deep = func(n int) int { if n == 0 { <-c; return 1 }; return 1 + deep(n-1) }; for range 20 { go deep(80) }; time.Sleep(20*time.Millisecond)`, created: 21, left: 20, leaked: -1, line: true, says: "at least"},
		{name: "a pool", body: `var wg sync.WaitGroup; room := make(chan bool, 4); for range 5000 { room <- true; wg.Go(func() { <-room }) }; wg.Wait()`, created: 5001, line: true, tries: 3, says: "never more than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b board
			var p session.Report
			// What was never to run runs, and who has said that it is done does not
			// end, if the system takes main's or its processor away just then.
			for range max(1, tt.tries) {
				b = board{}
				p = s.Execute(t.Context(), session.Request{Code: begin + tt.body + "\n}", Count: 1}, &b).Report
				if p.Left == tt.left && (tt.not == "" || !strings.Contains(b.String(), tt.not)) {
					break
				}
			}
			if p.Counted == tt.unknown || p.Created != tt.created || p.Left != tt.left || tt.leaked >= 0 && p.Leaked != tt.leaked || p.Leaked > p.Left {
				t.Errorf("counted %v: %d created, %d left, %d leaked; %s", p.Counted, p.Created, p.Left, p.Leaked, b.String())
			}
			if p.AtMost != 0 && (p.AtMost < 2 || p.AtMost > p.Created) {
				t.Errorf("at most %d of %d at once", p.AtMost, p.Created)
			}
			// A machine that is busy makes any run slow, which is something to tell.
			want := tt.line || p.Run > 100*time.Millisecond
			if line := strings.Contains(b.String(), "[display ran "); line != want && !tt.unknown {
				t.Errorf("a line: %v\n%s", line, b.String())
			}
			if !strings.Contains(b.String(), tt.says) || tt.not != "" && strings.Contains(b.String(), tt.not) {
				t.Errorf("want %q, not %q:\n%s", tt.says, tt.not, b.String())
			}
		})
	}
}

// TestLeaksProved takes what the profile is known to find.
func TestLeaksProved(t *testing.T) {
	s := newSession(t)
	for name, body := range map[string]string{
		"receive":   `func() { c := make(chan *int); go func() { <-c }() }()`,
		"range":     `func() { c := make(chan *int); go func() { for range c {} }() }()`,
		"select":    `func() { a, b := make(chan *int), make(chan *int); go func() { select { case <-a: case <-b: } }() }()`,
		"WaitGroup": `func() { wg := new(sync.WaitGroup); wg.Add(1); go func() { wg.Wait() }() }()`,
		"for ever":  `go func() { select {} }()`,
	} {
		t.Run(name, func(t *testing.T) {
			// It flickers (golang/go#79452): one of a few runs is enough.
			for range 5 {
				var b board
				r := s.Execute(t.Context(), session.Request{Count: 1,
					Code: "import (\"sync\"; \"time\")\nvar _ sync.Mutex\nfunc main() {\n" + body + "\ntime.Sleep(5*time.Millisecond)\n}"}, &b)
				if r.Report.Left != 1 {
					t.Fatalf("%d left: %s", r.Report.Left, b.String())
				}
				if r.Report.Leaked == 1 {
					return
				}
			}
			t.Error("never proved")
		})
	}
}

// TestCrowd: a dump of more goroutines than the session keeps says so.
func TestCrowd(t *testing.T) {
	s := newSession(t)
	var b board
	r := s.Execute(t.Context(), session.Request{Count: 4, Code: "%%\nch := make(chan int)\nfor range 12_000 {\n\tgo func() { ch <- 1 }()\n}\nselect {}"}, &b)
	if r.Failure == nil || r.Failure.Name != "Deadlock" {
		t.Fatalf("%v\n%.2000s", r.Failure, b.String())
	}
	shown := regexp.MustCompile(`^all goroutines wait, at least ([\d,]+): main .* and at least ([\d,]+) goroutines to send to ch \(cell \[4\] line 4\)$`).FindStringSubmatch(r.Failure.Value)
	if shown == nil {
		t.Fatalf("it says %q", r.Failure.Value)
	}
	all, _ := strconv.Atoi(strings.ReplaceAll(shown[1], ",", ""))
	alike, _ := strconv.Atoi(strings.ReplaceAll(shown[2], ",", ""))
	if all < 5000 || all >= 12_001 || alike != all-1 {
		t.Errorf("%d of 12,001, %d of them alike", all, alike)
	}
}

// TestReportModes asks for the line, and for none.
func TestReportModes(t *testing.T) {
	s := newSessionWith(t, t.TempDir(), func(o *session.Options, _ *Engine) { o.Report = session.ReportOn })
	var slow bool // as a busy machine makes any run, which is something to tell
	run := func(count int, code string) string {
		var b board
		r := s.Execute(t.Context(), session.Request{Code: code, Count: count}, &b)
		slow = r.Report.Run > 100*time.Millisecond
		return b.String()
	}
	const quiet, loud = "%%\nprintln(1)", "%%\ndone := make(chan bool)\ngo close(done)\n<-done"
	for i, tt := range []struct {
		mode        string
		quiet, loud bool
	}{{"", false, true}, {"off", false, false}, {"full", true, true}, {"on", false, true}} {
		if tt.mode != "" {
			if got := run(3*i, "%report "+tt.mode); got != "" {
				t.Errorf("%%report %s: %s", tt.mode, got)
			}
		}
		if got := run(3*i+1, quiet); strings.Contains(got, "display ran ") != (tt.quiet || slow && tt.loud) {
			t.Errorf("%q, nothing to tell: %s", tt.mode, got)
		}
		if got := run(3*i+2, loud); strings.Contains(got, "display ran ") != tt.loud {
			t.Errorf("%q, two goroutines: %s", tt.mode, got)
		}
	}
	if got := run(20, "%report always"); !strings.Contains(got, "on, off or full") {
		t.Errorf("%s", got)
	}
}

// TestVersion: the experiment that finds leaks is not the learner's.
func TestVersion(t *testing.T) {
	s := newSession(t)
	var b board
	s.Execute(t.Context(), session.Request{Code: "import (\"fmt\"; \"runtime\")\n%%\nfmt.Println(runtime.Version())", Count: 1}, &b)
	if strings.Contains(b.String(), "X:goroutineleakprofile") {
		t.Errorf("%s", b.String())
	}
}

// TestReadLedger feeds what the program may have written instead.
func TestReadLedger(t *testing.T) {
	for text, want := range map[string]session.Goroutines{
		"":                               {},
		"created 3\nat-once 2\nlive 1\n": {Created: 3, AtMost: 2, Live: 1},
		"created -1\n":                   {},
		"anything\n":                     {},
		"created 3":                      {},
		"created 2\nlive 2\ndump\ngoroutine 1 [running]:\nx()\n\ngoroutine 7 [chan receive, 2 minutes]:\ny()\n\ngopark leaks\ngoroutine 1 [running]:\n\ngoroutine 7 [chan receive (leaked), 2 minutes]:\n": {
			Created: 2, Live: 2, Dump: "\ngoroutine 7 [chan receive (leaked), 2 minutes]:\ny()\n"},
	} {
		if got := readLedger([]byte(text)); got != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
