package chart

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
)

// maxLine bounds a line of the conversation between a Client and Serve: the
// largest chart, and the few bytes around it.
const maxLine = MaxJSON + 4096

// A question is one line to Serve.
type question struct {
	ID    uint64          `json:"id"`
	Width int             `json:"width"`
	Chart json.RawMessage `json:"chart"`
}

// An answer is one line from Serve: a picture, or what is wrong.
type answer struct {
	ID    uint64 `json:"id"`
	SVG   string `json:"svg,omitempty"`
	Error string `json:"error,omitempty"`
}

// Serve draws charts for a Client. It reads JSON lines from r,
//
//	{"id": 7, "width": 720, "chart": {"version": 1, "option": {…}}}
//
// and writes one to w for each, in the same order: {"id": 7, "svg": "<svg…"} or
// {"id": 7, "error": "…"}. A chart that cannot be drawn is an answer and ends
// nothing. Serve returns nil at the end of r, and otherwise when a line is not
// a question, when w fails, or when ctx ends; that it notices between two lines,
// so close r to end it at once.
func Serve(ctx context.Context, r io.Reader, w io.Writer) error {
	// Without a renderer every answer says so, which reaches the learner; an
	// exit status would not.
	renderer, broken := New()
	if broken == nil {
		defer renderer.Close()
	}
	in := bufio.NewReaderSize(r, 64<<10)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for {
		// Loading and drawing leave garbage, and then nothing may happen for an
		// hour: the pages go back before the wait. It costs 10 ms.
		if in.Buffered() == 0 {
			debug.FreeOSMemory()
		}
		line, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a chart: %w", err)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			return fmt.Errorf("read a chart: %w", err)
		}
		a := answer{ID: q.ID}
		var svg []byte
		err = broken
		if err == nil {
			svg, err = renderer.SVG(ctx, q.Chart, q.Width)
		}
		if err != nil {
			a.Error = err.Error()
		}
		a.SVG = string(svg)
		if err := out.Encode(a); err != nil {
			return fmt.Errorf("answer with a chart: %w", err)
		}
	}
}

// readLine returns the next line without its end. The error is io.EOF when
// there is none.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		switch {
		case err == nil:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}
