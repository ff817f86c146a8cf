package cell

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
)

// A Description is what is known of the name at a draft's cursor.
type Description struct {
	Name string // as it is written: "Println", "rand"
	Kind string // as in Suggestion
	// Declaration is one line of Go: "func fmt.Println(a ...any) (n int, err error)".
	Declaration string
	// Doc is its comment, without comment signs.
	Doc string
	// Source is its declaration as somebody wrote it.
	Source string
	// Methods are those of a type, a line of Go for each.
	Methods []string
	// Cell and Line say where an earlier cell declared it; Cell is 0 for what
	// the cell itself declares, and Line 0 for what no cell did.
	Cell, Line int
	// Package is the import path of what is from elsewhere; File and FileLine
	// are where it is declared there, and "" when that is not known.
	Package  string
	File     string
	FileLine int
}

// A Locator is Packages that know where what they export was declared.
type Locator interface {
	Position(token.Pos) token.Position
}

// Describe tells what the name at the cursor means; among the arguments of a
// call and at no name, the function that is called. NameAt is where in the
// draft's last file that name stands.
func (d *Draft) Describe() (desc Description, ok bool) {
	if len(d.Files) == 0 {
		return desc, false
	}
	r := d.understand()
	id := d.name()
	obj := r.object(id)
	if obj == nil {
		return desc, false
	}
	desc = Description{Name: obj.Name(), Kind: kindOf(obj), Declaration: shorten(types.ObjectString(obj, r.qualify))}
	if _, ok := obj.(*types.TypeName); ok {
		desc.Methods = r.methods(obj.Type())
	}
	switch {
	case obj.Pkg() == nil: // the language's own
		desc.Package = "builtin"
	case desc.Kind == "package":
		p := obj.(*types.PkgName).Imported()
		desc.Package, desc.Declaration = p.Path(), "package "+p.Name()+" // import \""+p.Path()+"\""
		for _, name := range p.Scope().Names() {
			if desc.File == "" {
				d.locate(&desc, p.Scope().Lookup(name).Pos())
			}
		}
	case obj.Pkg() == r.pkg:
		d.own(&desc, obj.Pos())
	default:
		desc.Package = obj.Pkg().Path()
		d.locate(&desc, obj.Pos())
	}
	return desc, true
}

// NameAt is where in the draft's last file the name stands that Describe tells
// of; ok is false when there is none.
func (d *Draft) NameAt() (offset int, ok bool) {
	if len(d.Files) == 0 {
		return 0, false
	}
	r := d.understand()
	id := d.name()
	if id == nil {
		return 0, false
	}
	return r.fset.PositionFor(id.Pos(), false).Offset, true
}

// methods are the declarations of a type's own methods and those of what it
// embeds, as far as a cell can call them.
func (r *understood) methods(t types.Type) (out []string) {
	if types.IsInterface(t) {
		return nil // its declaration shows them
	}
	seen := map[string]bool{}
	_, methods := r.visible(t)
	for _, m := range methods {
		if !seen[m.Name()] {
			seen[m.Name()] = true
			out = append(out, types.ObjectString(m, r.qualify))
		}
	}
	return out
}

func (d *Draft) name() *ast.Ident {
	r := d.understand()
	if id := r.ident(); d.Place == Code && id != nil && r.object(id) != nil {
		return id
	}
	return r.callee()
}

func (d *Draft) locate(desc *Description, pos token.Pos) {
	if l, ok := d.packages.(Locator); ok && pos.IsValid() {
		p := l.Position(pos)
		desc.File, desc.FileLine = p.Filename, p.Line
	}
}

// own fills in what the draft's files say of a declaration at pos.
func (d *Draft) own(desc *Description, pos token.Pos) {
	r := d.result
	p := r.fset.PositionFor(pos, false)
	for i, f := range d.Files {
		if f.Name != p.Filename {
			continue
		}
		desc.Doc, desc.Source = Declaration(f.Text, p.Line)
		if i == len(d.Files)-1 {
			desc.Line = d.Line(p.Offset)
			continue
		}
		for _, s := range d.spans[i] {
			if s.from <= p.Offset && p.Offset <= s.to {
				desc.Cell = s.unit.origin.id
				desc.Line = s.unit.line + strings.Count(string(f.Text[s.from:p.Offset]), "\n")
				desc.Source = s.unit.text
			}
		}
	}
}

// shorten cuts what would fill the screen, such as a struct's fields.
func shorten(s string) string {
	const most = 240
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// Declaration is the comment and the text of what is declared at a line of a Go
// file: a function, one spec of a group, or, for a field or a method of an
// interface, its own comment and the type that it belongs to.
func Declaration(src []byte, line int) (doc, source string) {
	fset := token.NewFileSet()
	f, _ := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if f == nil {
		return "", ""
	}
	at := func(p token.Pos) int { return fset.PositionFor(p, false).Line }
	in := func(n ast.Node) bool { return at(n.Pos()) <= line && line <= at(n.End()) }
	text := func(from, to token.Pos) string {
		a, b := fset.PositionFor(from, false).Offset, fset.PositionFor(to, false).Offset
		return string(src[min(a, len(src)):min(b, len(src))])
	}
	for _, decl := range f.Decls {
		if !in(decl) {
			continue
		}
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			return decl.Doc.Text(), text(decl.Pos(), decl.End())
		case *ast.GenDecl:
			doc, source = decl.Doc.Text(), text(decl.Pos(), decl.End())
			if !decl.Lparen.IsValid() && len(decl.Specs) == 1 {
				if field := fieldDoc(decl.Specs[0], in, at, line); field != "" {
					doc = field
				}
				return doc, source
			}
			for _, s := range decl.Specs {
				if !in(s) {
					continue
				}
				if c := comment(s); c != "" {
					doc = c
				}
				if field := fieldDoc(s, in, at, line); field != "" {
					doc = field
				}
				if decl.Tok != token.CONST { // iota ties a group together
					source = decl.Tok.String() + " " + text(s.Pos(), s.End())
				}
			}
			return doc, source
		}
	}
	return "", ""
}

func comment(s ast.Spec) string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Doc.Text() + s.Comment.Text()
	case *ast.ValueSpec:
		return s.Doc.Text() + s.Comment.Text()
	}
	return ""
}

// fieldDoc is the comment of a struct's field, or of an interface's method, at
// the line; that of the type where the line is the type's own.
func fieldDoc(s ast.Spec, in func(ast.Node) bool, at func(token.Pos) int, line int) (doc string) {
	t, ok := s.(*ast.TypeSpec)
	if !ok || at(t.Name.Pos()) == line {
		return ""
	}
	ast.Inspect(t.Type, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok && in(f) {
			doc = f.Doc.Text() + f.Comment.Text()
		}
		return true
	})
	return doc
}
