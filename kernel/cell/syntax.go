package cell

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// syntaxError makes the source of a cell that does not parse, as close to what
// its author wrote as a Go file can be.
func (b *builder) syntaxError() error {
	c := b.cell
	var units []*unit
	var from, to = -1, 0
	for _, ch := range c.chunks {
		if !ch.decl {
			if from < 0 {
				from = ch.start
			}
			to = ch.end
		}
	}
	raw := func(start, end int) *unit {
		u := &unit{origin: b.origin, text: c.code[start:end]}
		u.line, u.column = c.position(start)
		return u
	}
	for pass := range 2 {
		for _, ch := range c.chunks {
			if (ch.tok == token.IMPORT) == (pass == 0) && (ch.decl || c.mainAt >= 0) {
				units = append(units, raw(ch.start, ch.end))
			}
		}
	}
	switch {
	case c.mainAt >= 0:
		u := raw(c.mainAt, len(c.code))
		u.before, u.after = "func main() {", "}"
		units = append(units, u)
	case from >= 0:
		code := b.blanked()
		u := raw(from, to)
		u.text = code[from:to]
		u.before, u.after = "func main() {", "}"
		units = append(units, u)
	}
	text, _ := renderFile(0, nil, units)
	p := &Program{Kind: Main, Slots: []int{c.ID}, Files: []SourceFile{{Name: "cell.go", Text: []byte(text)}}, origin: b.origin}
	e := &SyntaxError{Program: p}
	_, err := parser.ParseFile(token.NewFileSet(), "", text, parser.AllErrors)
	var list scanner.ErrorList
	if errors.As(err, &list) {
		for _, x := range list {
			e.Errors.Diagnostics = append(e.Errors.Diagnostics, p.Diagnostic(x.Pos.Filename, x.Pos.Line, x.Pos.Column, "syntax error: "+x.Msg))
		}
	}
	return e
}

// Diagnostic places a message of the compiler's about the program: file is a
// slot's name, or a cell's.
func (p *Program) Diagnostic(file string, line, column int, message string) Diagnostic {
	d := Diagnostic{Line: line, Column: column, Message: p.Rename(message)}
	if i := strings.Index(file, "cell["); i >= 0 {
		d.Cell, _ = ID(p.Rename(file[i:]))
	}
	if p.origin != nil && d.Cell == p.origin.id {
		d.Source = SourceLine(p.origin.text, line)
	}
	for _, u := range p.own {
		if u.origin.id == d.Cell {
			d.Source = SourceLine(u.origin.text, line)
		}
	}
	return d
}
