package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A transcript is a Publisher that writes down what it is told.
type transcript struct {
	events []string
	bytes  map[string]int
	answer string
}

func (t *transcript) add(format string, args ...any) {
	t.events = append(t.events, fmt.Sprintf(format, args...))
}

func (t *transcript) Stream(name, text string) {
	if t.bytes == nil {
		t.bytes = map[string]int{}
	}
	t.bytes[name] += len(text)
	t.add("%s %q", name, text)
}
func (t *transcript) Display(data, _ map[string]any, id string) {
	t.add("display %s %v", id, data["text/plain"])
}
func (t *transcript) Update(data, _ map[string]any, id string) {
	t.add("update %s %v", id, data["text/plain"])
}
func (t *transcript) Result(data, _ map[string]any) { t.add("result %v", data["text/plain"]) }
func (t *transcript) Error(name, value string, _ []string) {
	t.add("error %s: %s", name, value)
}
func (t *transcript) Clear(wait bool) { t.add("clear %v", wait) }
func (t *transcript) Input(_ context.Context, prompt string, _ bool) (string, error) {
	t.add("input %s", prompt)
	if t.answer == "" {
		return "", errors.New("nobody")
	}
	return t.answer, nil
}

func TestOutputsJoinSmallWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tr transcript
		o := newOutputs(&tr, &displayIDs{}, nil)
		for i := range 1000 {
			o.Write("stdout", fmt.Appendf(nil, "%d\n", i))
			time.Sleep(time.Millisecond)
		}
		o.settle(false)
		o.close()
		// One second, at most 20 messages in it, and the first at once.
		if n := len(tr.events); n < 10 || n > 22 {
			t.Errorf("%d messages in a second", n)
		}
		if tr.events[0] != `stdout "0\n"` {
			t.Errorf("first: %s", tr.events[0])
		}
		if tr.bytes["stdout"] != 3890 {
			t.Errorf("%d bytes arrived of 3890", tr.bytes["stdout"])
		}
	})
}

func TestOutputsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tr transcript
		o := newOutputs(&tr, &displayIDs{}, nil)
		o.Write("stdout", []byte("a"))
		o.Write("stderr", []byte("b"))
		o.Write("stdout", []byte("c"))
		o.Display(map[string]any{"text/plain": "D"}, nil, "x")
		o.Write("stdout", []byte("e"))
		o.Display(map[string]any{"text/plain": "F"}, nil, "x")
		o.settle(false)
		o.close()
		want := []string{`stdout "a"`, `stderr "b"`, `stdout "c"`, "display x D", `stdout "e"`, "update x F"}
		if d := cmp.Diff(want, tr.events); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestOutputsKeepRunesWhole(t *testing.T) {
	var tr transcript
	o := newOutputs(&tr, &displayIDs{}, nil)
	for _, b := range []byte("aé世🚲z") {
		o.Write("stdout", []byte{b})
		o.mu.Lock()
		o.flush()
		o.mu.Unlock()
	}
	o.Write("stdout", []byte("\xff!\xe4\xb8"))
	o.settle(false)
	o.close()
	all := strings.Join(tr.events, "")
	for _, want := range []string{`"é"`, `"世"`, `"🚲"`, "\uFFFD!"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in %s", want, all)
		}
	}
	if n := strings.Count(all, "\uFFFD"); n != 2 {
		t.Errorf("%d replacement characters, want 2: %s", n, all)
	}
}

func TestOutputsCapFloods(t *testing.T) {
	var tr transcript
	o := newOutputs(&tr, &displayIDs{}, nil)
	line := []byte(strings.Repeat("x", 1023) + "\n")
	for range 50 << 10 { // 50 MB
		o.Write("stdout", line)
	}
	o.Write("stdout", []byte("the end\n"))
	o.settle(false)
	o.close()
	if n := tr.bytes["stdout"]; n < headLimit+headLimit/tailPart || n > headLimit+headLimit/tailPart+200 {
		t.Errorf("%d bytes published", n)
	}
	last := tr.events[len(tr.events)-1]
	if !strings.Contains(last, "… 48 MB of stdout left out here …") || !strings.HasSuffix(last, `the end\n"`) {
		t.Errorf("no notice or no end: %.100s … %s", last, last[len(last)-50:])
	}
}

func TestOutputsManySegments(t *testing.T) {
	var tr transcript
	o := newOutputs(&tr, &displayIDs{}, nil)
	for range 10_000 {
		o.Write("stdout", []byte("o"))
		o.Write("stderr", []byte("e"))
	}
	o.settle(false)
	o.close()
	if tr.bytes["stdout"] != 10_000 || tr.bytes["stderr"] != 10_000 {
		t.Errorf("got %v bytes", tr.bytes)
	}
	if len(tr.events) > 200 {
		t.Errorf("%d messages", len(tr.events))
	}
}

func TestCrashFilter(t *testing.T) {
	race := "==================\nWARNING: DATA RACE\nRead at 0x1 by goroutine 8:\n==================\n"
	tests := []struct {
		name, in, pass, crash, races string
	}{
		{"plain", "hello\nworld", "hello\nworld", "", ""},
		{"panic", "log\npanic: x\n\ngoroutine 1 [running]:\n", "log\n", "panic: x\n\ngoroutine 1 [running]:\n", ""},
		{"panic inside a line", "a panic: x\n", "a panic: x\n", "", ""},
		{"half a word", "pan", "pan", "", ""},
		{"race", "a\n" + race + "b\nFound 1 data race(s)\n", "a\nb\n", "", "WARNING: DATA RACE\nRead at 0x1 by goroutine 8:\n==================\n"},
		{"only a rule", "==================\nhello\n", "==================\nhello\n", "", ""},
		{"found without race", "Found it\n", "Found it\n", "", ""},
		{"fatal", "fatal error: all goroutines are asleep - deadlock!\n", "", "fatal error: all goroutines are asleep - deadlock!\n", ""},
	}
	for _, tt := range tests {
		for _, step := range []int{1, 3, 7, 1000} {
			var f crashFilter
			var pass []byte
			for rest := tt.in; rest != ""; {
				n := min(step, len(rest))
				pass = append(pass, f.filter([]byte(rest[:n]))...)
				rest = rest[n:]
			}
			crash, races := f.crash.String(), f.races.String()
			pass = append(pass, f.rest()...)
			if string(pass) != tt.pass || crash != tt.crash || races != tt.races {
				t.Errorf("%s, %d bytes a write: pass %q crash %q races %q", tt.name, step, pass, crash, races)
			}
		}
	}
}

func TestCrashFilterReleases(t *testing.T) {
	var f crashFilter
	if p := f.filter([]byte("panic: only joking\nhaha\n")); len(p) != 0 {
		t.Errorf("passed %q", p)
	}
	if got := string(f.release()); got != "panic: only joking\nhaha\n" {
		t.Errorf("released %q", got)
	}
}

func TestCrashFilterBounds(t *testing.T) {
	var f crashFilter
	f.filter([]byte("panic: x\n"))
	for range 1000 {
		f.filter(make([]byte, 64<<10))
	}
	if n := len(f.crash.head) + cap(f.crash.tail); n > 4<<20 {
		t.Errorf("%d bytes held of a 64 MB crash", n)
	}
}

func TestFields(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{"", nil},
		{" a  b\tc ", []string{"a", "b", "c"}},
		{`'a b' "c \"d" e\ f ''`, []string{"a b", `c "d`, "e f", ""}},
		{`-ldflags="-s -w"`, []string{"-ldflags=-s -w"}},
	}
	for _, tt := range tests {
		got, err := fields(tt.in)
		if err != nil || cmp.Diff(tt.want, got) != "" {
			t.Errorf("fields(%q) = %q, %v", tt.in, got, err)
		}
	}
	if _, err := fields(`"a`); err == nil {
		t.Error("an open quote is no error")
	}
}

func TestNearest(t *testing.T) {
	names := []string{"race", "reset", "env", "help", "test"}
	for in, want := range map[string]string{"rce": "race", "tset": "test", "hlep": "help", "zzzz": "", "evn": "env"} {
		if got := nearest(in, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTestArgs(t *testing.T) {
	if d := cmp.Diff([]string{"-test.v", "-test.bench=."}, testArgs(nil, true)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"-test.run=X", "-test.v=false", "-n"}, testArgs([]string{"-run=X", "-test.v=false", "-n"}, true)); d != "" {
		t.Error(d)
	}
}
