package explain

import (
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
