// Package display shows rich output in a notebook, and plain text everywhere
// else. It is the program's side of GoNB's display pipe, so it works in GoNB and
// in the gopark kernel; under go run and go test it prints the text/plain layer.
//
// Invariants:
//   - One Pipe a process, opened at the first display: the pipe is a single
//     stream, as stdout is. All functions are safe for concurrent use; displays
//     go out one at a time, each acknowledged by the kernel before the next, so a
//     display is published before its call returns and none is lost at exit.
//   - No goroutine stays behind a call. (GoNB's own gonbui keeps a reader for
//     the life of the program, which also silences the runtime's report that all
//     goroutines are asleep.) If gonbui is in the program too, a relay with two
//     goroutines lets both use the pipe.
//   - A kernel that does not answer within five seconds, or a broken pipe, ends
//     rich output for good; this display and all later ones are printed as text.
//   - Once the pipe is open its names leave the environment: a child process
//     that inherited them would write a second stream into ours.
package display

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
)

// MIME types with a meaning here.
const (
	Plain    = "text/plain"
	HTML     = "text/html"
	Markdown = "text/markdown"
)

// The environment variables by which a kernel names the two ends of the pipe.
const (
	envPipe     = "GONB_PIPE"
	envPipeBack = "GONB_PIPE_BACK"
	// envKernel is "1" in a child of the gopark kernel, which draws charts itself.
	envKernel = "GOPARK_KERNEL"
)

// standard is the process's pipe. It reads the environment once.
var standard = sync.OnceValue(func() *Pipe {
	return NewPipe(os.Getenv(envPipe), os.Getenv(envPipeBack))
})

// Rich reports whether displays reach a notebook. It turns false when the pipe
// breaks.
func Rich() bool { return standard().usable() }

// InGopark reports whether the program runs in the gopark kernel, which adds the
// HTML layer of a chart itself.
func InGopark() bool { return Rich() && os.Getenv(envKernel) == "1" }

// Bundle shows one thing in several forms, keyed by MIME type, of which the front
// end picks the richest that it knows. Values of text types are strings, of image
// types []byte; the value of a JSON type (application/json, …+json) is anything
// that encoding/json can marshal (but an empty array in it arrives as null: gob
// cannot tell the two apart).
//
// A non-empty id names the display: the first Bundle with it shows, the later
// ones replace what it showed.
//
// Outside of a notebook, and when the kernel cannot be reached, Bundle prints the
// text/plain value to os.Stdout, each time. The error says why rich output ended;
// the text was shown nevertheless, so most callers may ignore it.
func Bundle(data map[string]any, id string) error {
	p := standard()
	if !p.usable() {
		return printText(data)
	}
	message, err := encodable(data)
	if err != nil {
		return err
	}
	if err := p.send(message, id); err != nil {
		_ = printText(data)
		return fmt.Errorf("display: shown as text: %w", err)
	}
	return nil
}

// NewID returns a display id that no other display has.
func NewID() string { return fmt.Sprintf("gopark-%016x", rand.Uint64()) }

func printText(data map[string]any) error {
	text, _ := data[Plain].(string)
	if text == "" {
		return nil
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	_, err := os.Stdout.WriteString(text)
	return err
}

// encodable replaces JSON values by what they are in JSON (maps, slices, strings,
// numbers): a kernel knows no other types, and a json.RawMessage would arrive as
// base64.
func encodable(data map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(data))
	for mime, value := range data {
		if mime != "application/json" && !strings.HasSuffix(mime, "+json") {
			out[mime] = value
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("display: %s: %w", mime, err)
		}
		var plain any
		if err := json.Unmarshal(text, &plain); err != nil {
			return nil, fmt.Errorf("display: %s: %w", mime, err)
		}
		out[mime] = plain
	}
	return out, nil
}
