package cell

import (
	"fmt"
	"strings"
)

// A Diagnostic is one error in a cell, in the compiler's words.
type Diagnostic struct {
	// Cell, Line and Column say where, all from 1; Column counts bytes. Cell is
	// 0 when the place is in no cell.
	Cell, Line, Column int
	Message            string
	// Source is the line of the cell, as its author wrote it.
	Source string
	// Help is what to try, in a sentence, or empty.
	Help string
}

func (d Diagnostic) String() string {
	if d.Cell == 0 {
		return d.Message
	}
	return fmt.Sprintf("cell [%d] line %d: %s", d.Cell, d.Line, d.Message)
}

// Errors is what Check returns for Go that does not type-check: everything
// that is wrong with it, in order of position.
type Errors struct {
	Diagnostics []Diagnostic
	// Notices are single lines for the learner, as in Program.
	Notices []string
}

func (e *Errors) Error() string {
	if len(e.Diagnostics) == 0 {
		return "the cell does not compile"
	}
	first := e.Diagnostics[0].String()
	switch n := len(e.Diagnostics) - 1; n {
	case 0:
		return first
	case 1:
		return first + " (and 1 more error)"
	default:
		return fmt.Sprintf("%s (and %d more errors)", first, n)
	}
}

// A SyntaxError is what Check returns for Go that does not parse. Its Program
// holds the source as written, for a compiler to say in its own words what it
// makes of it; Errors holds go/parser's words, for where there is no compiler.
type SyntaxError struct {
	Program *Program
	Errors  Errors
}

func (e *SyntaxError) Error() string { return e.Errors.Error() }

// Missing is what Check returns when a cell imports packages that are not
// known: the session may fetch them and check again.
type Missing struct {
	Imports []MissingImport
}

// A MissingImport is an import of an unknown package and its place in the cell.
type MissingImport struct {
	Path       string
	Diagnostic Diagnostic
}

func (e *Missing) Error() string {
	var paths []string
	for _, im := range e.Imports {
		paths = append(paths, im.Path)
	}
	return "no such package here: " + strings.Join(paths, ", ")
}
