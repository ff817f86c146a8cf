package notebook

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func stream(name, text string) Output {
	return Output{"output_type": "stream", "name": name, "text": text}
}

const number1 = json.Number("1")

func shows(text string) Output {
	return Output{"output_type": "display_data", "data": plainText(text), "metadata": map[string]any{}}
}

func plainText(text string) map[string]any { return map[string]any{"text/plain": text} }

func TestRecorder(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(r *recorder)
		want []Output
	}{
		{"nothing", func(r *recorder) { r.Stream("stdout", "") }, []Output{}},
		{"one stream in parts", func(r *recorder) {
			r.Stream("stdout", "a")
			r.Stream("stdout", "b\n")
		}, []Output{stream("stdout", "ab\n")}},
		{"two streams that race", func(r *recorder) {
			r.Stream("stderr", "1")
			r.Stream("stdout", "a")
			r.Stream("stderr", "2")
			r.Stream("stdout", "b")
		}, []Output{stream("stdout", "ab"), stream("stderr", "12")}},
		{"text stays on its side of a display", func(r *recorder) {
			r.Stream("stderr", "1")
			r.Stream("stdout", "a")
			r.Display(plainText("x"), nil, "")
			r.Stream("stdout", "b")
			r.Stream("stderr", "2")
		}, []Output{stream("stdout", "a"), stream("stderr", "1"), shows("x"), stream("stdout", "b"), stream("stderr", "2")}},
		{"progress bar", func(r *recorder) {
			r.Stream("stdout", "start\n10%\r20%")
			r.Stream("stdout", "\r100%\r\nend\n")
		}, []Output{stream("stdout", "start\n100%\r\nend\n")}},
		{"result", func(r *recorder) { r.Result(plainText("42"), nil) }, []Output{
			{"output_type": "execute_result", "execution_count": 5, "data": plainText("42"), "metadata": map[string]any{}}}},
		{"update", func(r *recorder) {
			r.Display(plainText("0%"), nil, "p")
			r.Stream("stdout", "a")
			r.Display(plainText("other"), nil, "q")
			r.Update(plainText("100%"), nil, "p")
			r.Update(plainText("lost"), nil, "unknown")
		}, []Output{shows("100%"), stream("stdout", "a"), shows("other")}},
		{"how far the kernel is, and what takes its place", func(r *recorder) {
			mark := map[string]any{"gopark": map[string]any{"progress": true}}
			r.Display(plainText("preparing"), mark, "a")
			r.Display(plainText("round 1"), mark, "b")
			r.Update(plainText("round 2"), mark, "b")
			r.Update(plainText("table"), nil, "b")
		}, []Output{shows("table")}},
		{"showing again updates too", func(r *recorder) {
			r.Display(plainText("1"), nil, "p")
			r.Display(plainText("2"), nil, "p")
		}, []Output{shows("2"), shows("2")}},
		{"clear", func(r *recorder) {
			r.Display(plainText("1"), nil, "p")
			r.Clear(false)
			r.Display(plainText("2"), nil, "")
			r.Update(plainText("3"), nil, "p")
		}, []Output{shows("2")}},
		{"clear all", func(r *recorder) {
			r.Stream("stdout", "1")
			r.Clear(false)
		}, []Output{}},
		{"clear and wait", func(r *recorder) {
			r.Stream("stdout", "1")
			r.Clear(true)
			r.Update(plainText("3"), nil, "p")
			r.Stream("stdout", "2")
			r.Stream("stdout", "3")
		}, []Output{stream("stdout", "23")}},
		{"clear and wait for nothing", func(r *recorder) {
			r.Stream("stdout", "1")
			r.Clear(true)
		}, []Output{stream("stdout", "1")}},
		{"values of all sorts", func(r *recorder) {
			r.Display(map[string]any{"image/png": []byte{1, 2, 3}, "application/json": struct{ A []int }{[]int{1}}}, nil, "")
		}, []Output{{"output_type": "display_data", "metadata": map[string]any{},
			"data": map[string]any{"image/png": "AQID", "application/json": map[string]any{"A": []any{number1}}}}}},
		{"a value that JSON cannot hold", func(r *recorder) {
			r.Display(map[string]any{"text/plain": "x", "application/json": make(chan int)}, nil, "")
		}, []Output{
			stream("stderr", "application/json was left out of the notebook: a notebook cannot hold this value: json: unsupported type: chan int\n"),
			shows("x")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &recorder{cell: &Cell{}, count: 5, displays: displays{}}
			tt.do(r)
			if diff := cmp.Diff(tt.want, r.outputs()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// An update reaches displays of earlier cells, and a cell that clears its output
// forgets only its own displays.
func TestUpdateAcrossCells(t *testing.T) {
	shared := displays{}
	first := &recorder{cell: &Cell{}, displays: shared}
	first.Display(plainText("old"), nil, "d")
	outs := first.outputs()

	second := &recorder{cell: &Cell{}, displays: shared}
	second.Display(plainText("mine"), nil, "d")
	second.Clear(false)
	second.Update(plainText("new"), map[string]any{"k": true}, "d")
	want := []Output{{"output_type": "display_data", "data": plainText("new"), "metadata": map[string]any{"k": true}}}
	if diff := cmp.Diff(want, outs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := second.outputs(); len(got) != 0 {
		t.Errorf("cleared outputs: %v", got)
	}
}

func TestNobodyAnswers(t *testing.T) {
	if _, err := new(recorder).Input(t.Context(), "name?", false); !errors.Is(err, ErrNoInput) {
		t.Errorf("error %v", err)
	}
}

func TestOverstrike(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n":          "plain\n",
		"a\rb":             "b",
		"aaa\rb\rcc\nd\re": "cc\ne",
		"a\r\nb\r\n":       "a\r\nb\r\n",
		"done\r":           "done\r",
		"a\rb\r":           "b\r",
		"ab\r\r\nc":        "ab\r\nc",
		"ab\bc":            "ac",
		"é\b\b\bx":         "x",
		"a\n\bb":           "a\nb",
		"\rx":              "x",
		"12\b\b34\r5":      "5",
	} {
		if got := overstrike(in); got != want {
			t.Errorf("overstrike(%q) = %q, want %q", in, got, want)
		}
	}
}
