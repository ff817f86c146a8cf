package session

import (
	"fmt"
	"html"
	"time"
)

// note shows a line of the kernel's own, muted.
func (x *execution) note(text string) {
	x.out.Display(muted(text), nil, "")
}

func muted(text string) map[string]any {
	return map[string]any{
		"text/plain": text,
		"text/html":  `<div style="opacity:0.65;font-size:90%">` + html.EscapeString(text) + `</div>`,
	}
}

// progressMark is the metadata of a display that tells how far the kernel is.
func progressMark() map[string]any {
	return map[string]any{"gopark": map[string]any{"progress": true}}
}

// progress returns a function that shows one line and replaces it from then on.
func (x *execution) progress(what string) func(string) {
	id := fmt.Sprintf("gopark-%s-%d", what, time.Now().UnixNano())
	var last time.Time
	return func(text string) {
		// A tenth of a second between lines is plenty for people.
		if now := time.Now(); now.Sub(last) >= 100*time.Millisecond {
			last = now
			x.out.Display(muted(text), progressMark(), id)
		}
	}
}
