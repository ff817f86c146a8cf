package notebook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopark/kernel/session"
)

// ErrNoInput is what a cell gets that asks for a line while nobody watches.
var ErrNoInput = errors.New("there is nobody to answer: this notebook runs without a front end")

// A recorder is the publisher of one cell's run. It keeps what the cell shows as
// nbclient would, with two rules of its own:
//
//   - Text of one stream is merged up to the next display or result, and stdout
//     comes before stderr there: two pipes have no order between them, and the
//     file must not differ from run to run. (nbclient's coalesce_streams merges
//     across displays too, and so moves text away from the chart it belongs to.)
//   - A backspace deletes. nbclient means to do the same.
type recorder struct {
	cell     *Cell
	count    int
	displays displays

	shown []shown
	// clear is set by Clear(wait): the next output replaces the earlier ones.
	clear  bool
	failed bool // Error was called
}

var _ session.Publisher = (*recorder)(nil)

// shown is an output in the making; text is a stream's.
type shown struct {
	out  Output
	text *strings.Builder
}

// displays are the displays of a whole run that have an id, which an update in
// any later cell may replace.
type displays map[string][]display

type display struct {
	cell *Cell
	out  Output
}

func (r *recorder) Stream(name, text string) {
	if text == "" {
		return
	}
	r.begin()
	for i := len(r.shown) - 1; i >= 0 && r.shown[i].text != nil; i-- {
		if r.shown[i].out.Name() == name {
			r.shown[i].text.WriteString(text)
			return
		}
	}
	s := shown{out: Output{"output_type": "stream", "name": name}, text: new(strings.Builder)}
	s.text.WriteString(text)
	r.shown = append(r.shown, s)
}

func (r *recorder) Display(data, metadata map[string]any, id string) {
	data, metadata = r.bundle(data), r.bundle(metadata)
	if id != "" {
		r.replace(data, metadata, id)
	}
	r.begin()
	out := Output{"output_type": "display_data", "data": data, "metadata": metadata}
	r.shown = append(r.shown, shown{out: out})
	if id != "" {
		r.displays[id] = append(r.displays[id], display{r.cell, out})
	}
}

func (r *recorder) Update(data, metadata map[string]any, id string) {
	r.replace(r.bundle(data), r.bundle(metadata), id)
}

func (r *recorder) replace(data, metadata map[string]any, id string) {
	for _, d := range r.displays[id] {
		d.out["data"], d.out["metadata"] = data, metadata
	}
}

func (r *recorder) Result(data, metadata map[string]any) {
	r.begin()
	r.shown = append(r.shown, shown{out: Output{
		"output_type": "execute_result", "execution_count": r.count,
		"data": r.bundle(data), "metadata": r.bundle(metadata),
	}})
}

func (r *recorder) Error(name, value string, traceback []string) {
	r.begin()
	r.failed = true
	lines := make([]any, len(traceback))
	for i, line := range traceback {
		lines[i] = line
	}
	r.shown = append(r.shown, shown{out: Output{
		"output_type": "error", "ename": name, "evalue": value, "traceback": lines,
	}})
}

func (r *recorder) Clear(wait bool) {
	if wait {
		r.clear = true
		return
	}
	r.clear = false
	r.shown = nil
	for id, list := range r.displays {
		r.displays[id] = slices.DeleteFunc(list, func(d display) bool { return d.cell == r.cell })
	}
}

func (r *recorder) Input(context.Context, string, bool) (string, error) { return "", ErrNoInput }

// begin prepares for another output.
func (r *recorder) begin() {
	if r.clear {
		r.Clear(false)
	}
}

// bundle is a copy of a MIME bundle in the values of a notebook. A value that
// JSON cannot hold is left out, and said so on the cell's stderr.
func (r *recorder) bundle(data map[string]any) map[string]any {
	m := make(map[string]any, len(data))
	for mime, v := range data {
		if s, ok := v.(string); ok {
			m[mime] = s
			continue
		}
		p, err := plain(v)
		if err != nil {
			r.Stream("stderr", fmt.Sprintf("%s was left out of the notebook: %v\n", mime, err))
			continue
		}
		m[mime] = p
	}
	return m
}

// outputs are the cell's outputs, ready to be stored.
func (r *recorder) outputs() []Output {
	// How far the kernel is: nobody watched, and now it is not true any more.
	r.shown = slices.DeleteFunc(r.shown, func(s shown) bool {
		metadata, _ := s.out["metadata"].(map[string]any)
		own, _ := metadata["gopark"].(map[string]any)
		return own["progress"] == true
	})
	for i := 0; i < len(r.shown); i++ {
		run := i
		for run < len(r.shown) && r.shown[run].text != nil {
			r.shown[run].out["text"] = overstrike(r.shown[run].text.String())
			run++
		}
		slices.SortStableFunc(r.shown[i:run], func(a, b shown) int { return rank(a.out) - rank(b.out) })
		i = max(i, run-1)
	}
	outs := make([]Output, len(r.shown))
	for i, s := range r.shown {
		outs[i] = s.out
	}
	return outs
}

func rank(stream Output) int {
	if stream.Name() == "stdout" {
		return 0
	}
	return 1
}

// overstrike gives the text that a terminal would still show after carriage
// returns and backspaces, so that a progress bar is stored as its last state. As
// in nbclient, a carriage return clears the line that it returns on.
func overstrike(s string) string {
	if !strings.ContainsAny(s, "\r\b") {
		return s
	}
	var b strings.Builder
	for line := range strings.SplitAfterSeq(s, "\n") {
		body, end := strings.TrimSuffix(line, "\n"), ""
		if body != line {
			end = "\n"
		}
		if text := strings.TrimRight(body, "\r"); text != body {
			// The carriage return of \r\n, or one whose line is still to come.
			body, end = text, "\r"+end
		}
		body = body[strings.LastIndexByte(body, '\r')+1:]
		b.WriteString(erase(body))
		b.WriteString(end)
	}
	return b.String()
}

// erase lets each backspace in a line delete the character before it.
func erase(line string) string {
	if !strings.Contains(line, "\b") {
		return line
	}
	var kept []rune
	for _, r := range line {
		if r != '\b' {
			kept = append(kept, r)
		} else if len(kept) > 0 {
			kept = kept[:len(kept)-1]
		}
	}
	return string(kept)
}
