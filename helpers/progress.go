package helpers

import (
	"fmt"
	"html"
	"time"

	"gopark/helpers/display"
)

// progressEvery keeps the bar from becoming work for the machine that measures.
const progressEvery = 200 * time.Millisecond

// A progress is a display that shows how far a measurement is, and is replaced by
// its result. It is quiet outside of a notebook. It has no goroutine: it moves
// between two runs, never during one.
type progress struct {
	title string
	id    string
	last  time.Time
	shown bool
}

func newProgress(title string) *progress {
	return &progress{title: title, id: display.NewID(), last: time.Now()}
}

func (p *progress) tick(what string, done, total int) {
	if p == nil || !display.Rich() || time.Since(p.last) < progressEvery {
		return
	}
	p.last, p.shown = time.Now(), true
	_ = display.Bundle(map[string]any{
		display.HTML: fmt.Sprintf(`<p>%s <progress value="%d" max="%d"></progress> %s</p>`,
			html.EscapeString(p.title), done, total, html.EscapeString(what)),
		display.Plain: p.title + ": " + what,
	}, p.id)
}

// stop replaces a bar that nothing will replace any more.
func (p *progress) stop(why string) {
	if p == nil || !p.shown || !display.Rich() {
		return
	}
	text := p.title + ": " + why
	_ = display.Bundle(map[string]any{display.HTML: "<p>" + html.EscapeString(text) + "</p>", display.Plain: text}, p.id)
}
