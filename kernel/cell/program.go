package cell

import (
	"fmt"
	"slices"
	"strings"
)

// A Kind says what running a cell means.
type Kind int

const (
	// Nothing: no Go in the cell.
	Nothing Kind = iota
	// Declarations: checked and remembered, nothing to run.
	Declarations
	// Main: %% or func main; a fresh process.
	Main
	// Statements: bare statements, run as a program of their own.
	Statements
	// Tests: %test; the cell's tests, benchmarks and examples.
	Tests
)

// A Program is what a cell and the memory make together, checked.
//
// Its source names cells by slots: the first cell in the program is
// "cell[slot00000]" and so on. So the same program has the same text, and the
// same cached binary, whatever numbers its cells have today. [Program.Slots]
// gives the numbers; [Program.Rename] puts them into text.
type Program struct {
	Kind  Kind
	Files []SourceFile
	// Slots holds, for each slot in the source, the number of its cell.
	Slots []int
	// Result is set when the program writes its last expression's value, as
	// text, to file descriptor 3.
	Result bool
	// Imports are the paths of all packages that its cells import.
	Imports []string
	// Benchmarks is set when a program of kind Tests has any.
	Benchmarks bool
	// Notices are single lines for the learner: declarations newly set aside.
	Notices []string

	own    []*unit
	origin *origin
	values []string
	aside  map[string]bool
	typed  *Typed
}

// A SourceFile is one Go file of a program.
type SourceFile struct {
	Name string
	Text []byte
}

// SlotName is the file name that stands for the cell in slot i.
func SlotName(i int) string { return fmt.Sprintf("cell[slot%05d]", i) }

// Rename replaces the slots in text, such as a compiler's output, by the names
// of their cells.
func (p *Program) Rename(text string) string {
	if !strings.Contains(text, "cell[slot") {
		return text
	}
	for i, id := range p.Slots {
		text = strings.ReplaceAll(text, SlotName(i), File(id))
	}
	return text
}

// An imported is one import of a file under way.
type imported struct {
	importSpec
	own bool // written in the cell: has a line there
}

// A span says which unit stands at which offsets of a rendered file.
type span struct {
	from, to int
	unit     *unit
}

// renderFile writes one Go file: the units of one cell with the imports that
// they need, every piece under a //line directive of its own.
func renderFile(slot int, imports []imported, units []*unit) (text string, spans []span) {
	var b strings.Builder
	b.WriteString("package main\n")
	for _, im := range imports {
		if im.own {
			fmt.Fprintf(&b, "import (\n//line %s:%d:%d\n%s %q\n)\n", SlotName(slot), im.line, im.col, im.name, im.path)
		} else {
			fmt.Fprintf(&b, "//line gopark_imports:1:1\nimport %s %q\n", im.name, im.path)
		}
	}
	for _, u := range units {
		if u.before != "" {
			fmt.Fprintf(&b, "//line gopark_before:1:1\n%s\n", u.before)
		}
		fmt.Fprintf(&b, "//line %s:%d:%d\n", SlotName(slot), u.line, u.column)
		from := b.Len()
		b.WriteString(u.text)
		spans = append(spans, span{from, b.Len(), u})
		b.WriteString("\n")
		if u.after != "" {
			b.WriteString(u.after + "\n")
		}
	}
	return strings.ReplaceAll(b.String(), SlotName(selfSlot), SlotName(slot)), spans
}

// group sorts units by the cell they came from, oldest cell first.
func group(units []*unit) (origins []*origin, byOrigin map[*origin][]*unit) {
	byOrigin = map[*origin][]*unit{}
	for _, u := range units {
		if byOrigin[u.origin] == nil {
			origins = append(origins, u.origin)
		}
		byOrigin[u.origin] = append(byOrigin[u.origin], u)
	}
	slices.SortStableFunc(origins, func(a, b *origin) int { return a.id - b.id })
	return origins, byOrigin
}
