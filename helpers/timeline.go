package helpers

import (
	"html"
	"strings"

	"gopark/helpers/display"
	"gopark/helpers/timeline"
)

// Timeline runs f and draws what the goroutines did meanwhile: a line for each,
// coloured by what it does or waits for, with thin lines from who woke to who was
// woken; under it how many ran at once; and in words what is worth a second look.
//
// It shows f's goroutine and all that are started while f runs, by it or by them.
// The run is traced, which makes it a little slower: measure with Time or Compare,
// and look with Timeline. If a trace is being written already, as under %trace, f
// runs and nothing is drawn but a note. If f panics, so does Timeline.
func Timeline(f func()) *timeline.Timeline {
	data, err := timeline.Record(f)
	if err != nil {
		f()
		note("Timeline drew nothing: " + err.Error())
		return nil
	}
	t, err := timeline.Read(data)
	if err != nil {
		note("Timeline drew nothing: " + err.Error())
		return nil
	}
	_ = display.Bundle(t.Chart("What the goroutines did").Bundle(), "")
	if lints := t.Lints(); len(lints) > 0 {
		_ = display.Bundle(map[string]any{display.HTML: timeline.LintsHTML(lints), display.Plain: "- " + strings.Join(lints, "\n- ")}, "")
	}
	return t
}

// note says something of the helpers' own.
func note(text string) {
	_ = display.Bundle(map[string]any{display.HTML: "<p>" + html.EscapeString(text) + "</p>", display.Plain: text}, "")
}
