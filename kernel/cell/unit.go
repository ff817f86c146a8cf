package cell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// An origin is the cell that a unit came from, with the imports it wrote.
type origin struct {
	id      int
	text    string // the whole cell, to quote lines from
	imports []importSpec
}

// An importSpec is one import as a cell wrote it.
type importSpec struct {
	name      string // "" when the package's own name serves
	path      string
	line, col int
}

// A unit is the smallest piece of source that the memory keeps or drops: one
// function, one spec of a var or type group, one whole const group (iota ties
// its specs together), or the body of main.
type unit struct {
	origin *origin
	kind   token.Token // CONST, VAR, TYPE, FUNC; DEFINE for the body of main
	names  []name
	text   string
	// line and column, from 1, where text begins in the cell.
	line, column int
	// before and after enclose text in the program: "var (" and ")".
	before, after string
	// effects says that evaluating it may do more than make a value, so that it
	// belongs to every program: an init function, a var with a call.
	effects bool
	// selects holds, for each identifier that the unit itself does not declare
	// and that stands before a dot, the names that follow it: the candidates
	// for imported packages.
	selects map[string][]string
}

// A name is one name that a unit declares.
type name struct {
	key string // "F", "T.M" for a method, "_…" for blanks
	at  int    // offset in text
	len int
}

// display is the unit's heading for people: "func F", "method T.M".
func (u *unit) display() string {
	var keys []string
	for _, n := range u.names {
		if !strings.HasPrefix(n.key, "_") {
			keys = append(keys, n.key)
		}
	}
	word := u.kind.String()
	if u.kind == token.FUNC && len(keys) == 1 && strings.Contains(keys[0], ".") {
		word = "method"
	}
	if len(keys) == 0 {
		keys = []string{"_"}
	}
	return word + " " + strings.Join(keys, ", ")
}

// heading tells the unit from all others of a memory.
func (u *unit) heading() string { return File(u.origin.id) + " " + u.display() }

// without is the unit after the keys in gone were declared elsewhere; nil when
// nothing is left of it. A const group keeps its shape, and every line its
// columns: the name becomes a blank of the same width.
func (u *unit) without(gone map[string]bool) *unit {
	var left []name
	text := u.text
	for _, n := range u.names {
		if !gone[n.key] {
			left = append(left, n)
			continue
		}
		text = text[:n.at] + "_" + strings.Repeat(" ", n.len-1) + text[n.at+n.len:]
	}
	if len(left) == 0 {
		return nil
	}
	if len(left) == len(u.names) {
		return u
	}
	v := *u
	v.names, v.text = left, text
	return &v
}

// parseUnits reads one declaration chunk of c. The error is a syntax error.
func parseUnits(c *Cell, o *origin, ch chunk) ([]*unit, error) {
	const head = "package p\n"
	text := c.code[ch.start:ch.end]
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", head+text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	offset := func(p token.Pos) int { return fset.Position(p).Offset - len(head) }
	sel := selections(f)
	// piece makes a unit of text[from:to].
	piece := func(kind token.Token, from, to int) *unit {
		u := &unit{origin: o, kind: kind, text: text[from:to], selects: map[string][]string{}}
		u.line, u.column = c.position(ch.start + from)
		for _, s := range sel {
			if at := offset(s.pos); from <= at && at < to {
				u.selects[s.x] = append(u.selects[s.x], s.sel)
			}
		}
		return u
	}
	add := func(u *unit, id *ast.Ident, key string, from int) {
		if key == "_" {
			key = "_" + u.text
		}
		u.names = append(u.names, name{key: key, at: offset(id.Pos()) - from, len: len(id.Name)})
	}
	var out []*unit
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			u := piece(token.FUNC, 0, len(text))
			key := d.Name.Name
			if d.Recv != nil && len(d.Recv.List) == 1 {
				key = receiver(d.Recv.List[0].Type) + "." + key
			}
			add(u, d.Name, key, 0)
			// GoNB lets several init functions live side by side as init_x.
			if d.Recv == nil && (key == "init" || strings.HasPrefix(key, "init_")) {
				u.effects = true
				n := u.names[0]
				u.text = u.text[:n.at] + "init" + strings.Repeat(" ", n.len-4) + u.text[n.at+n.len:]
			}
			out = append(out, u)
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				for _, s := range d.Specs {
					s := s.(*ast.ImportSpec)
					im := importSpec{}
					im.path, _ = strconv.Unquote(s.Path.Value)
					if s.Name != nil {
						im.name = s.Name.Name
					}
					im.line, im.col = c.position(ch.start + offset(s.Pos()))
					o.imports = append(o.imports, im)
				}
				continue
			}
			grouped := d.Lparen.IsValid() && d.Tok != token.CONST
			if !grouped {
				u := piece(d.Tok, 0, len(text))
				for _, s := range d.Specs {
					declare(u, s, 0, add)
				}
				out = append(out, u)
				continue
			}
			for _, s := range d.Specs {
				from := offset(s.Pos())
				if doc := specDoc(s); doc != nil {
					from = offset(doc.Pos())
				}
				u := piece(d.Tok, from, offset(s.End()))
				u.before, u.after = d.Tok.String()+" (", ")"
				declare(u, s, from, add)
				out = append(out, u)
			}
		}
	}
	return out, nil
}

func declare(u *unit, s ast.Spec, from int, add func(*unit, *ast.Ident, string, int)) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		add(u, s.Name, s.Name.Name, from)
	case *ast.ValueSpec:
		for _, id := range s.Names {
			add(u, id, id.Name, from)
		}
		for _, v := range s.Values {
			u.effects = u.effects || (u.kind == token.VAR && mayAct(v))
		}
	}
}

func specDoc(s ast.Spec) *ast.CommentGroup {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Doc
	case *ast.ValueSpec:
		return s.Doc
	}
	return nil
}

// receiver is the type's name in a method's receiver: *T, T[K, V], (T).
func receiver(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return fmt.Sprintf("?%T", e)
		}
	}
}

// mayAct reports whether evaluating e may have an effect: a call of anything
// but make, new and len, or a receive. Function literals only lie there.
func mayAct(e ast.Expr) bool {
	acts := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			acts = acts || n.Op == token.ARROW
		case *ast.CallExpr:
			id, ok := n.Fun.(*ast.Ident)
			acts = acts || !ok || (id.Name != "make" && id.Name != "new" && id.Name != "len")
		}
		return !acts
	})
	return acts
}

// A selection is x.sel where x is declared outside the source it stands in.
type selection struct {
	pos    token.Pos
	x, sel string
}

func selections(f *ast.File) []selection {
	free := map[*ast.Ident]bool{}
	for _, id := range f.Unresolved {
		free[id] = true
	}
	var out []selection
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok && free[id] {
				out = append(out, selection{id.Pos(), id.Name, s.Sel.Name})
			}
		}
		return true
	})
	return out
}
