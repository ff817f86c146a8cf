package explain

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// A part is one piece of evidence.
type part interface {
	text(*textWriter)
	html(*htmlWriter)
}

// A para is a line of prose; a gap stands before it in text.
type para line

func (p para) text(w *textWriter) { w.gap(); w.add(p...) }
func (p para) html(w *htmlWriter) {
	w.WriteString(`<div style="margin-top:6px">`)
	w.put(p...)
	w.WriteString(`</div>`)
}

// A section is something with source under it: a goroutine, an access.
type section struct {
	head  line
	calls []call
}

// A call is one frame, or a note of frames left out.
type call struct {
	fn     string // "" for no name
	frame  Frame
	times  int    // that this call stands there, one above the other
	source string // its line; "" when it is not known
	note   string // instead of a frame
	bare   bool   // the place stands in the heading already
}

func (s section) text(w *textWriter) {
	w.gap()
	w.add(s.head...)
	for _, c := range s.calls {
		if c.note != "" {
			w.add(dim("  " + c.note))
			continue
		}
		if !c.bare {
			l := line{say("  ")}
			if c.fn != "" {
				l = append(l, say(c.fn+", "))
			}
			l = append(l, at(c.frame))
			if c.times > 1 {
				l = append(l, say(fmt.Sprintf(" (%d times)", c.times)))
			}
			w.add(l...)
		}
		if strings.TrimSpace(c.source) != "" {
			w.add(dim(fmt.Sprintf("  %5d | ", c.frame.Line)), say(untab(c.source)))
		}
	}
}

func (s section) html(w *htmlWriter) {
	w.WriteString(`<div style="margin-top:8px">`)
	w.put(s.head...)
	for _, c := range s.calls {
		if c.note != "" {
			fmt.Fprintf(w, `<div style="margin-left:12px;font-size:90%%;opacity:0.65">%s</div>`, escape(c.note))
			continue
		}
		if strings.TrimSpace(c.source) == "" || c.fn != "" || c.times > 1 {
			w.WriteString(`<div style="margin-left:12px;font-size:90%">`)
			if c.fn != "" {
				w.put(span{text: c.fn, style: code}, say(" · "))
			}
			w.put(at(c.frame))
			if c.times > 1 {
				w.put(dim(fmt.Sprintf(" · %d times", c.times)))
			}
			w.WriteString(`</div>`)
		}
		if strings.TrimSpace(c.source) != "" {
			w.quote(c.frame.Line, c.source)
		}
	}
	w.WriteString(`</div>`)
}

// quote shows one line of source with its number.
func (w *htmlWriter) quote(n int, source string) {
	fmt.Fprintf(w, `<pre style="margin:2px 0 2px 12px;padding:3px 8px;background:%s;overflow:auto;font-size:90%%">`+
		`<span style="opacity:0.55">%3d&#160; </span>%s</pre>`, tintQuote, n, escape(untab(strings.TrimRight(source, "\r\n"))))
}

func untab(s string) string { return strings.ReplaceAll(s, "\t", "    ") }

// columns are two sections side by side.
type columns struct {
	left, right section
	between     string
}

func (c columns) text(w *textWriter) { c.left.text(w); c.right.text(w) }
func (c columns) html(w *htmlWriter) {
	// Blocks in a line, which JupyterLab's sanitiser lets through, as it does
	// neither flex nor grid; where there is no room they stand one below the
	// other.
	box := func(x section) {
		fmt.Fprintf(w, `<div style="display:inline-block;vertical-align:middle;width:39%%;min-width:230px;border:1px solid %s;border-radius:6px;padding:0 12px 8px;margin:6px 0">`, tintEdge)
		x.html(w)
		w.WriteString(`</div>`)
	}
	w.WriteString(`<div>`)
	box(c.left)
	fmt.Fprintf(w, `<div style="display:inline-block;vertical-align:middle;width:13%%;min-width:96px;text-align:center;opacity:0.7;font-size:90%%">%s</div>`,
		strings.ReplaceAll(escape(c.between), "\n", "<br>"))
	box(c.right)
	w.WriteString(`</div>`)
}

// A picture is an SVG with its words.
type picture struct {
	svg   string
	alt   string
	lines []line // what it shows, as text
}

func (p picture) text(w *textWriter) {
	w.gap()
	for _, l := range p.lines {
		w.add(l...)
	}
}

func (p picture) html(w *htmlWriter) {
	fmt.Fprintf(w, `<div style="margin-top:8px"><img alt="%s" style="max-width:100%%" src="data:image/svg+xml;base64,%s"></div>`,
		escape(p.alt), base64.StdEncoding.EncodeToString([]byte(p.svg)))
}
