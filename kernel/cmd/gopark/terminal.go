package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"gopark/kernel/notebook"
	"gopark/kernel/session"
)

// A terminal shows what a cell shows as text: streams as they come, of displays
// their text/plain.
type terminal struct {
	stdout, stderr io.Writer
	// input is where answers come from, or nil when there is nobody to ask.
	input  *bufio.Reader
	colour bool // stderr shows colours

	failed bool
	// updates holds the last update of each display that has one, in the order
	// in which the displays came: a progress bar moves ten times a second, and
	// ten lines a second are no progress bar.
	updates []update
}

type update struct{ id, text string }

var _ session.Publisher = (*terminal)(nil)

func (t *terminal) Stream(name, text string) {
	w := t.stdout
	if name == "stderr" {
		w = t.stderr
	}
	io.WriteString(w, text)
}

func (t *terminal) Display(data, metadata map[string]any, id string) {
	if own, _ := metadata["gopark"].(map[string]any); own["report"] == true {
		// The kernel's own words, an explanation say, are no output of the cell.
		io.WriteString(t.stderr, strings.TrimRight(asText(data), "\n")+"\n\n")
		return
	}
	t.print(asText(data))
	if id != "" && !slices.ContainsFunc(t.updates, func(u update) bool { return u.id == id }) {
		t.updates = append(t.updates, update{id: id})
	}
}

func (t *terminal) Update(data, _ map[string]any, id string) {
	for i, u := range t.updates {
		if u.id == id {
			t.updates[i].text = asText(data)
		}
	}
}

func (t *terminal) Result(data, _ map[string]any) { t.print(asText(data)) }

func (t *terminal) Error(name, value string, traceback []string) {
	t.failed = true
	t.end()
	io.WriteString(t.stderr, failureText(name, value, traceback, t.colour))
}

// Clear does nothing: what a terminal or a file has, it keeps.
func (t *terminal) Clear(bool) {}

// Input asks on stderr and reads a line of input. When ctx ends first, the
// reading goroutine stays behind until the process ends, which it then does:
// nothing can take a read from a terminal back.
func (t *terminal) Input(ctx context.Context, prompt string, _ bool) (string, error) {
	if t.input == nil {
		return "", notebook.ErrNoInput
	}
	io.WriteString(t.stderr, prompt)
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := t.input.ReadString('\n')
		if err == io.EOF && line != "" {
			err = nil
		}
		answers <- answer{strings.TrimRight(line, "\r\n"), err}
	}()
	select {
	case a := <-answers:
		return a.line, a.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// end prints the last updates.
func (t *terminal) end() {
	for _, u := range t.updates {
		t.print(u.text)
	}
	t.updates = nil
}

func (t *terminal) print(text string) {
	if text == "" {
		return
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	io.WriteString(t.stdout, text)
}

// asText is a MIME bundle as text: its plain text, Markdown or SVG as it
// stands, and otherwise what kinds of data there are.
func asText(data map[string]any) string {
	for _, mime := range []string{"text/plain", "text/markdown", "text/latex", "text/html"} {
		if s, ok := data[mime].(string); ok {
			return s
		}
	}
	var kinds []string
	for mime := range data {
		kinds = append(kinds, mime)
	}
	if len(kinds) == 0 {
		return ""
	}
	slices.Sort(kinds)
	return fmt.Sprintf("[%s: shown in a notebook only]", strings.Join(kinds, ", "))
}

// colours are a terminal's, in a text.
var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// failureText is an error as lines of text.
func failureText(name, value string, traceback []string, colour bool) string {
	text := strings.Join(traceback, "\n")
	if text == "" {
		text = strings.TrimSuffix(name+": "+value, ": ")
	}
	if !colour {
		text = colours.ReplaceAllString(text, "")
	}
	return strings.TrimRight(text, "\n") + "\n"
}

// isTerminal says whether a person sees what is written, in colours.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
