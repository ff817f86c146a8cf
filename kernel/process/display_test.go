package process

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGonbuiProgram(t *testing.T) {
	r := &recorder{onInput: func(_ context.Context, _ string, _ bool) (string, error) { return "gopher", nil }}
	result := run(t, newSupervisor(t), t.Context(), display("gonbui"), r)
	if result.Code != 0 {
		t.Errorf("ended as %+v", result)
	}
	want := []string{
		"stdout start", "display <b>hi</b>", "display # Title", "display",
		"display 1 of 2 #progress", "display 2 of 2 #progress",
		"stdout asking", "input name:", "stdout hello gopher",
	}
	if diff := cmp.Diff(want, r.list()); diff != "" {
		t.Error(diff)
	}
	var picture string
	for _, e := range r.events {
		if data, ok := e.data["image/png"].(string); ok {
			picture = data
		}
	}
	raw, err := base64.StdEncoding.DecodeString(picture)
	if err != nil {
		t.Fatal(err)
	}
	if image, err := png.Decode(bytes.NewReader(raw)); err != nil || image.Bounds().Dx() != 2 {
		t.Errorf("the picture: %v", err)
	}
}

// interleaving is what testdata/pipe does for the same arguments.
func interleaving(seed int64, n int) (ops []string) {
	random := rand.New(rand.NewSource(seed))
	for i := range n {
		ops = append(ops, string("oed"[random.Intn(3)])+strconv.Itoa(i))
	}
	return ops
}

// TestOrderIsTotal: with a program that waits for each display, all that it
// wrote between two displays arrives between them.
func TestOrderIsTotal(t *testing.T) {
	s := newSupervisor(t)
	for seed := range int64(20) {
		const n = 500
		r := &recorder{}
		run(t, s, t.Context(), display("pipe", "interleave", strconv.FormatInt(seed, 10), strconv.Itoa(n), "wait"), r)
		// Standard output and standard error have no order between each other:
		// between two displays, all of the one comes before all of the other.
		group := func(items []string) []string {
			var out, errs, all []string
			for _, item := range append(items, "d") {
				switch item[0] {
				case 'o':
					out = append(out, item)
				case 'e':
					errs = append(errs, item)
				default:
					all = append(append(append(all, out...), errs...), item)
					out, errs = nil, nil
				}
			}
			return all
		}
		if diff := cmp.Diff(group(interleaving(seed, n)), group(words(r))); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

// TestNothingComesTooLate: with a program that doesn't wait, what it wrote
// before a display still arrives before it, and nothing is lost.
func TestNothingComesTooLate(t *testing.T) {
	s := newSupervisor(t)
	for seed := range int64(20) {
		const n = 500
		r := &recorder{}
		run(t, s, t.Context(), display("pipe", "interleave", strconv.FormatInt(seed, 10), strconv.Itoa(n), "go on"), r)
		place := make(map[string]int)
		for i, word := range words(r) {
			place[word] = i
		}
		ops := interleaving(seed, n)
		if len(place) != len(ops) {
			t.Fatalf("seed %d: %d of %d arrived", seed, len(place), len(ops))
		}
		last := make(map[byte]int) // the latest place of each kind so far
		for _, op := range ops {
			if place[op] < last[op[0]] {
				t.Fatalf("seed %d: %s comes before one of its kind that was written before it", seed, op)
			}
			last[op[0]] = place[op]
			if op[0] == 'd' && (place[op] < last['o'] || place[op] < last['e']) {
				t.Fatalf("seed %d: %s comes before text that was written before it", seed, op)
			}
		}
	}
}

func TestOrderWithABigPipe(t *testing.T) {
	s := newSupervisor(t)
	for range 20 {
		r := &recorder{}
		run(t, s, t.Context(), display("pipe", "wide"), r)
		if len(r.events) != 2 || len(r.events[0].text) != 1000_000 || r.events[1].text != "after" {
			t.Fatalf("%d events, the first %.100q", len(r.events), r.list())
		}
	}
}

// words are all words that arrived, in their order.
func words(r *recorder) (all []string) {
	for _, e := range r.events {
		all = append(all, strings.Fields(e.text)...)
	}
	return all
}

func TestRichBundle(t *testing.T) {
	r := &recorder{}
	run(t, newSupervisor(t), t.Context(), display("pipe", "rich"), r)
	want := []event{{
		kind: "display", text: "<b>bold</b>", id: "chart-1", meta: map[string]any{},
		data: map[string]any{
			"application/json":            map[string]any{"a": []any{1.5, nil, nil, "x"}, "n": 3},
			"application/vnd.x.y+json":    map[string]any{"from": []any{"text"}},
			"application/geo+json; v=1":   5.0,
			"image/png":                   "iVBORw==",
			"image/svg+xml":               "<svg/>",
			"text/html":                   "<b>bold</b>",
			"application/vnd.plain+json":  "just a string",
			"text/plain":                  "42",
			"application/octet-stream; x": "AA==",
		},
	}}
	want[0].text = "42"
	for i := range r.events {
		if r.events[i].kind == "display" {
			r.events[i].text = r.events[i].data["text/plain"].(string)
		}
	}
	if diff := cmp.Diff(want, r.events, cmp.AllowUnexported(event{})); diff != "" {
		t.Error(diff)
	}
}

func TestCommsAreIgnored(t *testing.T) {
	r := &recorder{}
	result := run(t, newSupervisor(t), t.Context(), display("pipe", "comms"), r)
	if result.Code != 0 || r.all("display") != "shown" {
		t.Errorf("ended as %+v with %q", result, r.list())
	}
	if n := strings.Count(r.all("stderr"), "get no values here"); n != 1 {
		t.Errorf("told %d times: %q", n, r.list())
	}
}

func TestUnreadAcknowledgementsBlockNobody(t *testing.T) {
	r := &recorder{}
	result := run(t, newSupervisor(t), t.Context(), display("pipe", "syncs"), r)
	if result.Code != 0 || r.all("stdout") != "sent\n" {
		t.Errorf("ended as %+v with %q", result, r.list())
	}
}

func TestNothingIsLostAtTheEnd(t *testing.T) {
	s := newSupervisor(t)
	for range 20 {
		r := &recorder{}
		run(t, s, t.Context(), display("pipe", "last"), r)
		for i, item := range r.list() {
			if item != fmt.Sprintf("display %d", i) {
				t.Fatalf("%d: %s", i, item)
			}
		}
		if len(r.events) != 50 {
			t.Fatalf("%d of 50 displays", len(r.events))
		}
	}
}

func TestBigDisplay(t *testing.T) {
	r := &recorder{}
	run(t, newSupervisor(t), t.Context(), display("pipe", "big"), r)
	if len(r.events) != 4 || r.events[0].text != "small" || len(r.events[2].text) != 15<<20 || r.events[3].text != "done\n" {
		t.Fatalf("%d events, the first %.300q", len(r.events), r.list())
	}
	if notice := r.events[1]; notice.kind != "stderr" || !strings.Contains(notice.text, "17.0 MB was left out: the limit is 16 MB") {
		t.Errorf("got %+v", notice)
	}
}

func TestSpoiledPipe(t *testing.T) {
	for _, test := range []struct {
		name    string
		c       Command
		display string // the displays before it
		stdout  string // the program goes on
		spoiled bool
	}{
		{"half a display", display("pipe", "half"), "whole", "", false},
		{"garbage", display("pipe", "garbage", "exit"), "before", "after\n", true},
		{"a second process", display("pipe", "two"), "first", "goes on\n", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, log := loggingSupervisor(t)
			r := &recorder{}
			if result := run(t, s, t.Context(), test.c, r); result.Code != 0 {
				t.Errorf("ended as %+v", result)
			}
			if r.all("display") != test.display || r.all("stdout") != test.stdout {
				t.Errorf("got %q", r.list())
			}
			said := 0
			if test.spoiled {
				said = 1
			}
			if n := strings.Count(r.all("stderr"), "The display pipe brought something that is no display"); n != said {
				t.Errorf("said %d times: %q", n, r.list())
			}
			if n := strings.Count(log.String(), "a display pipe is spoiled"); n != said {
				t.Errorf("logged %d times:\n%s", n, log)
			}
			if left, _ := os.ReadDir(s.Dir()); len(left) > 0 {
				t.Errorf("left in the folder: %v", left)
			}
		})
	}
}

func TestInput(t *testing.T) {
	s := newSupervisor(t)
	t.Run("answered", func(t *testing.T) {
		r := &recorder{onInput: func(_ context.Context, prompt string, password bool) (string, error) {
			if prompt != "name" || !password {
				t.Errorf("asked %q, %v", prompt, password)
			}
			return "Ada", nil
		}}
		run(t, s, t.Context(), display("pipe", "input", "read"), r)
		if diff := cmp.Diff([]string{"stdout Who?", "input name", "stdout hello Ada <nil>"}, r.list()); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("nobody", func(t *testing.T) {
		r := &recorder{}
		run(t, s, t.Context(), display("pipe", "input", "read"), r)
		all := strings.Join(r.list(), "\n")
		if !strings.Contains(all, "there is no answer: nobody is there") || !strings.Contains(all, "hello  EOF") {
			t.Errorf("got %s", all)
		}
	})
	t.Run("without input", func(t *testing.T) {
		c := display("pipe", "input", "read")
		c.Asks = false
		r := &recorder{onInput: func(context.Context, string, bool) (string, error) {
			t.Error("asked")
			return "", nil
		}}
		run(t, s, t.Context(), c, r)
		all := strings.Join(r.list(), "\n")
		if !strings.Contains(all, "started without any") || !strings.Contains(all, "hello  EOF") {
			t.Errorf("got %s", all)
		}
	})
	wait := func(ctx context.Context, _ string, _ bool) (string, error) {
		<-ctx.Done()
		return "", errors.New("abandoned")
	}
	t.Run("the program leaves", func(t *testing.T) {
		r := &recorder{onInput: wait}
		result := run(t, s, t.Context(), display("pipe", "input", "leave"), r)
		if result.Code != 0 || r.all("stderr") != "" {
			t.Errorf("ended as %+v with %q", result, r.list())
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r := &recorder{onInput: func(ctx context.Context, prompt string, password bool) (string, error) {
			cancel()
			return wait(ctx, prompt, password)
		}}
		result := run(t, s, ctx, display("pipe", "input", "read"), r)
		if !result.Interrupted || !strings.Contains(r.all("stderr"), "SIGQUIT") || strings.Contains(r.all("stderr"), "abandoned") {
			t.Errorf("ended as %+v with %q", result, r.list())
		}
	})
}

func TestPipesOfAnotherAreNotPassedOn(t *testing.T) {
	s := newSupervisor(t)
	for _, c := range []Command{program("child", "environ"), display("child", "environ")} {
		c.Env = append([]string{"GONB_PIPE=/theirs", "GONB_PIPE_BACK=/theirs", "GONB_DIR=/here"}, c.Env...)
		r := &recorder{}
		run(t, s, t.Context(), c, r)
		env := r.all("stdout")
		want := 0
		if c.Display {
			want = 2
		}
		if strings.Contains(env, "theirs") || !strings.Contains(env, "GONB_DIR=/here\n") ||
			strings.Count(env, "GONB_PIPE") != want || strings.Count(env, s.Dir()) != want {
			t.Errorf("the child's environment:\n%s", env)
		}
	}
}
