package explain

import (
	"strings"

	"gopark/kernel/cell"
)

// Vet explains what go vet's analyzers found in a cell; nil when that is
// nothing. It is no failure: the cell runs.
func Vet(findings []cell.Diagnostic, source Source) *Page {
	if len(findings) == 0 {
		return nil
	}
	p := &Page{title: "go vet: look at this line again", mild: true}
	if n := len(findings); n > 1 {
		p.title = "go vet: look at these lines again"
	}
	given := map[string]bool{}
	for _, d := range findings {
		f := Frame{Cell: d.Cell, Line: d.Line}
		message := strings.TrimSpace(quotedPackage.ReplaceAllString(d.Message, "$1.$2"))
		p.parts = append(p.parts, section{
			head:  line{at(f), say(": "), bold(message)},
			calls: []call{{frame: f, times: 1, source: d.Source, bare: true}},
		})
		if d.Help != "" && !given[d.Help] {
			given[d.Help] = true
			p.parts = append(p.parts, hint(d.Help))
		}
	}
	return p
}

// A hint is what to try for the piece of evidence above it.
type hint string

func (h hint) text(w *textWriter) { w.add(dim("try: "), say(string(h))) }
func (h hint) html(w *htmlWriter) {
	w.WriteString(`<div style="margin:2px 0 0 12px">`)
	w.put(bold("Try: "), say(string(h)))
	w.WriteString(`</div>`)
}
