package cell

import (
	"go/ast"
	"go/parser"
	"go/token"
)

// Syntax parses the Go of a cell by itself, for those who explain what happened
// at one of its lines: positions of the returned file set count the lines of the
// cell. Identifiers are resolved within the cell (ast.Ident.Obj), not beyond. It
// returns nil for a cell that does not parse.
func Syntax(id int, text string) (*token.FileSet, *ast.File) {
	b, err := new(Memory).begin(Parse(id, text), false)
	if err != nil {
		return nil, nil
	}
	units := b.own
	if b.main != nil {
		units = append(units, b.main)
	}
	src, _ := renderFile(0, nil, units)
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, 0)
	if err != nil {
		return nil, nil
	}
	return fset, f
}
