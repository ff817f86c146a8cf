package explain

import (
	"go/ast"
	"go/token"

	"gopark/kernel/cell"
)

// Source gives the text of a cell as its author wrote it; "" when it is not
// known. A nil Source knows none.
type Source func(cell int) string

// line is one line of a cell.
func (s Source) line(id, line int) string {
	if s == nil || id == 0 {
		return ""
	}
	return cell.SourceLine(s(id), line)
}

// A library parses the cells that one explanation speaks of, each once.
type library struct {
	source Source
	parsed map[int]*syntax
	cut    bool // what is explained is a part of a dump
}

// A syntax is one cell, parsed.
type syntax struct {
	id   int
	fset *token.FileSet
	file *ast.File
}

func newLibrary(source Source) *library {
	return &library{source: source, parsed: map[int]*syntax{}}
}

// cell returns nil for a cell that is not known or does not parse.
func (l *library) cell(id int) *syntax {
	if l.source == nil || id == 0 {
		return nil
	}
	s, ok := l.parsed[id]
	if !ok {
		if fset, file := cell.Syntax(id, l.source(id)); file != nil {
			s = &syntax{id, fset, file}
		}
		l.parsed[id] = s
	}
	return s
}

func (s *syntax) line(p token.Pos) int { return s.fset.Position(p).Line }

// covers reports whether a node has a part of itself on a line.
func (s *syntax) covers(n ast.Node, line int) bool {
	first, last := n.Pos(), n.End()
	if d, ok := n.(*ast.FuncDecl); ok && s.fset.Position(first).Filename != cell.SlotName(0) {
		// The main that the kernel wrote round the statements of a cell.
		if len(d.Body.List) == 0 {
			return false
		}
		first, last = d.Body.List[0].Pos(), d.Body.List[len(d.Body.List)-1].End()
	}
	return s.line(first) <= line && line <= s.line(last)
}

// on calls visit for each node that has a part on a line, outermost first.
func (s *syntax) on(line int, visit func(ast.Node)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if n == nil || n == s.file {
			return n != nil
		}
		if !s.covers(n, line) {
			return false
		}
		visit(n)
		return true
	})
}

// functions are the functions and function literals that have a part on a line,
// outermost first.
func (s *syntax) functions(line int) (out []ast.Node) {
	s.on(line, func(n ast.Node) {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			out = append(out, n)
		}
	})
	return out
}

// body is the block of a function; nil when it has none.
func body(fn ast.Node) *ast.BlockStmt {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Body
	case *ast.FuncLit:
		return fn.Body
	}
	return nil
}

// launch is the line of the statement that started a goroutine as f, its
// outermost frame: the go statement, or the call of Go, that f's function
// literal stands in. It returns 0 when there is none.
func (l *library) launch(f Frame) int {
	s := l.cell(f.Cell)
	if s == nil {
		return 0
	}
	line := 0
	s.on(f.Line, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.GoStmt:
			line = s.line(n.Pos())
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Go" || sel.Sel.Name == "AfterFunc") {
				line = s.line(n.Pos())
			}
		}
	})
	return line
}
