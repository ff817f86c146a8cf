// Package explain turns what the toolchain and the runtime say into words for
// a learner: which cell, which line, what was seen, what to try.
//
// It works on text alone. Positions in that text are already those of cells,
// "cell[4]:7": the //line directives of package cell see to it. Everything here
// is a function of its arguments and safe for concurrent use.
package explain

import (
	"fmt"
	"strings"
)

// A Failure is why a cell failed, ready for a front end.
type Failure struct {
	// Name is the kind of failure: CompileError, Panic, Exit, Deadlock,
	// DataRace, TestFailure, Killed, Interrupted or CommandError.
	Name string
	// Value is the reason in one line.
	Value string
	// Traceback is the story, line by line, with ANSI colours. It begins with
	// Name and Value.
	Traceback []string
	// Page is the evidence and what to try, where lines of text alone would not
	// show it well: two accesses side by side, who waits for whom. It is shown
	// before the error, whose Traceback then does not repeat it. Nil otherwise.
	Page *Page
}

func (f *Failure) Error() string { return f.Name + ": " + f.Value }

// The few colours of a traceback. Front ends map them to their theme.
const (
	ansiRed   = "\x1b[31m"
	ansiBold  = "\x1b[1m"
	ansiFaint = "\x1b[2m"
	ansiBlue  = "\x1b[34m"
	ansiReset = "\x1b[0m"
)

// New makes a failure whose story is the value and the lines given.
func New(name, value string, lines ...string) *Failure {
	f := &Failure{Name: name, Value: oneLine(value)}
	f.Traceback = append([]string{headline(name, value)}, lines...)
	return f
}

func headline(name, value string) string {
	return ansiBold + ansiRed + name + ansiReset + ": " + value
}

// oneLine makes text fit one line of at most 300 bytes.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + " …"
	}
	return s
}

// place is "cell [4] line 7".
func place(cell, line int) string { return fmt.Sprintf("cell [%d] line %d", cell, line) }

// quote shows a source line with its number, and a caret under column (in
// bytes, from 1) when column is not 0.
func quote(text string, line, column int) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	head := fmt.Sprintf("%5d | ", line)
	out := []string{ansiFaint + head + ansiReset + strings.ReplaceAll(text, "\t", "    ")}
	if column > 0 {
		before := text
		if column-1 < len(text) {
			before = text[:column-1]
		}
		width := 0
		for _, r := range before {
			if r == '\t' {
				width += 3
			}
			width++
		}
		out = append(out, strings.Repeat(" ", 5)+ansiFaint+" | "+ansiReset+strings.Repeat(" ", width)+ansiRed+"^"+ansiReset)
	}
	return out
}
