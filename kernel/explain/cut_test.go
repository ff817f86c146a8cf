package explain

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// crowdDump is what the runtime writes of main and n goroutines that send.
func crowdDump(n int) string {
	var b strings.Builder
	b.WriteString("fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [sync.WaitGroup.Wait]:\nsync.(*WaitGroup).Wait(0xc0000140a0)\n\t/go/src/sync/waitgroup.go:118 +0x48\nmain.main()\n\tcell[4]:9 +0xa5\n")
	for i := range n {
		fmt.Fprintf(&b, "\ngoroutine %d [chan send]:\nmain.main.func1()\n\tcell[4]:123 +0x2c\ncreated by main.main in goroutine 1\n\tcell[4]:6 +0x5d\n", i+18)
	}
	return b.String()
}

// Of a dump that was cut, what is half there is not counted, and numbers are
// lower bounds.
func TestCutDump(t *testing.T) {
	whole := crowdDump(50)
	begin := strings.Index(whole, "goroutine 28 ")
	tests := []struct {
		name       string
		begin, end int // what is kept
		want       int // goroutines
	}{
		{"in a place", strings.Index(whole[begin:], ":12") + begin + 3, len(whole) - 10, 11},
		{"between goroutines", begin, len(whole) - 10, 11},
		{"in a header", begin + 12, len(whole) - 10, 11},
		{"and the end begins with a whole one", begin, strings.Index(whole, "\ngoroutine 65 "), 11 + 3},
		{"and the end begins in the middle of one", begin + 40, strings.Index(whole, "goroutine 65 ") + 30, 11 + 2},
		{"nothing but the beginning", begin + 60, len(whole), 11},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := Cut(whole[:tt.begin], whole[tt.end:])
			d := ParseDump(text)
			if !d.Cut || len(d.Goroutines) != tt.want {
				t.Errorf("cut %v, %d goroutines, want %d", d.Cut, len(d.Goroutines), tt.want)
			}
			for _, g := range d.Goroutines[1:] {
				if f, _ := g.Learner(); f.Line != 123 || g.Created.Line != 6 {
					t.Errorf("goroutine %d is at line %d, from %d", g.ID, f.Line, g.Created.Line)
				}
			}
			if want := "fatal error: all goroutines are asleep - deadlock!"; d.Reason != want {
				t.Errorf("reason %q", d.Reason)
			}
			f := Crash(text, nil)
			sends := "at least " + fmt.Sprint(tt.want-1) + " goroutines to send to a channel (cell [4] line 123)"
			want := fmt.Sprintf("all goroutines wait, at least %d: main for the goroutines of a WaitGroup (cell [4] line 9) and ", tt.want) + sends
			if d := cmp.Diff(want, f.Value); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if page := f.Page.Text(); !strings.Contains(page, fmt.Sprintf("at least %d goroutines, the first is goroutine 18", tt.want-1)) {
				t.Errorf("the page says %s", page)
			}
		})
	}
	text := Cut(whole[:begin], "")
	if got := Interrupted(text, time.Second, nil).Value; !strings.Contains(got, "at least 10 goroutines were waiting to send") {
		t.Errorf("interrupted: %s", got)
	}
	if got := Goroutines("now", text, nil).Text(); !strings.Contains(got, "now: at least 11 goroutines") {
		t.Errorf("goroutines: %s", got)
	}
	if r := LeftBehind(text); r.Left != 10 || !r.Cut {
		t.Errorf("left behind: %+v", r)
	}
	if got := Leaks(text, nil).Text(); !strings.HasPrefix(got, "At least 10 goroutines were still running when main returned") {
		t.Errorf("leaks: %s", got)
	}
	panics := strings.Replace(text, "fatal error: all goroutines are asleep - deadlock!", "panic: boom", 1)
	if got := strings.Join(Crash(panics, nil).Traceback, "\n"); !strings.Contains(got, "at least 10 other goroutines ended with the program") {
		t.Errorf("panic: %s", got)
	}
	// As the runtime says it when nothing is missing.
	if got := Crash(whole, nil).Value; strings.Contains(got, "at least") || !strings.HasPrefix(got, "all 51 goroutines wait") {
		t.Errorf("whole: %s", got)
	}
}
