package explain

import (
	"encoding/base64"
	"fmt"
	"html"
	"strings"
)

// A Page is an explanation as a front end shows it: what was found, the
// evidence, the fix to try, and the raw text folded below. Everything in it is
// plain text until it is rendered, and rendering escapes it.
//
// Its HTML survives JupyterLab's sanitiser, so that a notebook shows it before
// anybody trusts it: no script, no svg element, no theme variable. It takes the
// front end's text colour, and tints that are readable on light and on dark.
//
// A place is words, "cell [4] line 9", with the line quoted beside it, and no
// link: an output of JupyterLab's can link to a heading, or to a cell of a file
// by that file's name, and such a link ends in an error once the notebook is
// renamed or copied. There is none to a line.
type Page struct {
	title string
	parts []part
	try   []string
	raw   string
	// mild is for what is no failure: a leak, a finding of vet.
	mild bool
	// calm is for what is a picture alone, and found nothing.
	calm bool
}

// A part is one piece of evidence.
type part interface {
	text(*textWriter)
	html(*htmlWriter)
}

// A line is one line of prose, in pieces.
type line []span

// A span is a piece of a line: text, or a place in a cell.
type span struct {
	text       string
	style      style
	cell, line int // of a place
}

type style int

const (
	plain style = iota
	strong
	muted
	code
	warn
	spotted
)

func say(text string) span  { return span{text: text} }
func bold(text string) span { return span{text: text, style: strong} }
func dim(text string) span  { return span{text: text, style: muted} }

// at is a place in a cell, or in other code by its name.
func at(f Frame) span {
	if f.Cell == 0 {
		return span{text: where(f), style: code}
	}
	return span{style: spotted, cell: f.Cell, line: f.Line}
}

func (s span) String() string {
	if s.style == spotted {
		return place(s.cell, s.line)
	}
	return s.text
}

func (l line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.String())
	}
	return b.String()
}

// ansi is the line with the colours of a traceback.
func (l line) ansi() string {
	w := &textWriter{colour: true}
	w.add(l...)
	return w.lines[0]
}

// Bundle is the page as a MIME bundle.
func (p *Page) Bundle() map[string]any {
	return map[string]any{"text/plain": p.Text(), "text/html": p.HTML()}
}

// A textWriter renders for a terminal or a traceback.
type textWriter struct {
	lines  []string
	colour bool
}

func (w *textWriter) add(l ...span) {
	var b strings.Builder
	for _, s := range l {
		on := ""
		switch s.style {
		case strong:
			on = ansiBold
		case muted:
			on = ansiFaint
		case warn:
			on = ansiRed
		case spotted:
			on = ansiBlue
		}
		if on == "" || !w.colour {
			b.WriteString(s.String())
		} else {
			b.WriteString(on + s.String() + ansiReset)
		}
	}
	w.lines = append(w.lines, b.String())
}

// gap makes one empty line, never two.
func (w *textWriter) gap() {
	if n := len(w.lines); n > 0 && w.lines[n-1] != "" {
		w.lines = append(w.lines, "")
	}
}

// Text is the page as plain text, without the raw text.
func (p *Page) Text() string {
	w := &textWriter{}
	w.add(bold(p.title))
	p.body(w)
	return printable(strings.Join(w.lines, "\n"))
}

// traceback is the page's lines with colours, for an error without a Page.
func (p *Page) traceback() []string {
	w := &textWriter{colour: true}
	p.body(w)
	return w.lines
}

func (p *Page) body(w *textWriter) {
	for _, x := range p.parts {
		x.text(w)
	}
	for i, t := range p.try {
		if i == 0 {
			w.gap()
		}
		w.add(dim("try: "), say(t))
	}
}

// An htmlWriter renders for a notebook.
type htmlWriter struct{ strings.Builder }

// The tints of a page. Mid-tones with alpha: they are seen on white and on the
// dark theme's near-black alike.
const (
	tintEdge  = "rgba(128,128,128,0.35)"
	tintQuote = "rgba(128,128,128,0.12)"
	tintMark  = "rgba(226,142,32,0.28)"
	tintRed   = "rgb(208,72,72)"
	tintAmber = "rgb(201,138,27)"
)

func (w *htmlWriter) put(l ...span) {
	for _, s := range l {
		text := escape(s.String())
		switch s.style {
		case strong:
			fmt.Fprintf(w, "<b>%s</b>", text)
		case muted:
			fmt.Fprintf(w, `<span style="opacity:0.7">%s</span>`, text)
		case code:
			fmt.Fprintf(w, "<code>%s</code>", text)
		case warn:
			fmt.Fprintf(w, `<b style="color:%s">%s</b>`, tintRed, text)
		case spotted:
			fmt.Fprintf(w, `<span style="white-space:nowrap">%s</span>`, text)
		default:
			w.WriteString(text)
		}
	}
}

// escape makes text safe in HTML, in attributes and in SVG, which allows no
// control characters.
func escape(s string) string { return html.EscapeString(printable(s)) }

// printable puts a mark in the place of control characters: a program's panic
// may hold any.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return 0xfffd
		}
		return r
	}, s)
}

// HTML is the whole page.
func (p *Page) HTML() string {
	w := new(htmlWriter)
	edge := tintRed
	if p.mild {
		edge = tintAmber
	}
	if p.calm {
		edge = tintEdge
	}
	fmt.Fprintf(w, `<div style="border-left:3px solid %s;padding:2px 0 2px 14px;margin:4px 0;max-width:980px;line-height:1.5">`, edge)
	fmt.Fprintf(w, `<div style="font-weight:bold;margin-bottom:4px">%s</div>`, escape(p.title))
	for _, x := range p.parts {
		x.html(w)
	}
	for i, t := range p.try {
		mark := ""
		if i == 0 {
			mark = `<b>Try:</b> `
		}
		fmt.Fprintf(w, `<div style="margin-top:6px">%s%s</div>`, mark, escape(t))
	}
	if p.raw != "" {
		fmt.Fprintf(w, `<details style="margin-top:6px;opacity:0.75"><summary style="cursor:pointer">What the runtime said</summary>`+
			`<pre style="font-size:85%%;overflow:auto;max-height:320px;padding:6px">%s</pre></details>`, escape(shorten(p.raw)))
	}
	w.WriteString(`</div>`)
	return w.String()
}

// rawLimit bounds the raw text in a notebook: its first and last parts are
// where the story is.
const rawLimit = 24 << 10

func shorten(text string) string {
	text = strings.TrimSpace(text)
	if len(text) <= rawLimit {
		return text
	}
	head, tail := text[:rawLimit*3/4], text[len(text)-rawLimit/4:]
	return strings.ToValidUTF8(head, "") + fmt.Sprintf("\n\n… %d kB left out here …\n\n", (len(text)-rawLimit)>>10) + strings.ToValidUTF8(tail, "")
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
