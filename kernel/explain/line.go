package explain

import "strings"

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
