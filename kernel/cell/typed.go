package cell

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A Typed is a checked program as the type checker saw it: the cell and all
// that the session remembers. It must not be changed.
type Typed struct {
	Fset    *token.FileSet
	Package *types.Package
	Info    *types.Info
	// Own is the file that holds what the cell itself wrote; nil when it wrote
	// nothing.
	Own *ast.File

	checked *checked
	origin  *origin
}

// Typed is what the checker knows of the program; nil when it was not checked.
func (p *Program) Typed() *Typed { return p.typed }

func newTyped(b *builder, r *checked) *Typed {
	t := &Typed{Fset: r.fset, Package: r.pkg, Info: r.info, checked: r, origin: b.origin}
	for slot, o := range r.origins {
		if o == b.origin {
			t.Own = r.files[slot]
		}
	}
	return t
}

// Diagnostic places a message at a position in the cell; false when the place
// is in another cell, or in what the kernel wrote round the cell.
func (t *Typed) Diagnostic(pos token.Pos, message string) (Diagnostic, bool) {
	at := t.Fset.Position(pos)
	for slot, o := range t.checked.origins {
		if o == t.origin && at.Filename == SlotName(slot) {
			return Diagnostic{Cell: o.id, Line: at.Line, Column: at.Column, Message: message, Source: SourceLine(o.text, at.Line)}, true
		}
	}
	return Diagnostic{}, false
}
