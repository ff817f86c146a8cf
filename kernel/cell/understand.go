package cell

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"runtime"
)

// understood is what the parser and the type checker find in a draft.
type understood struct {
	fset  *token.FileSet
	files []*ast.File
	self  *ast.File // the draft's own file
	info  *types.Info
	pkg   *types.Package
	pos   token.Pos // the cursor
}

// understand parses and type-checks the draft, once. Errors are no news: the
// cell is being typed.
func (d *Draft) understand() *understood {
	if d.result != nil {
		return d.result
	}
	r := &understood{fset: token.NewFileSet()}
	r.info = &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Uses:       map[*ast.Ident]types.Object{},
		Defs:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	for _, file := range d.Files {
		f, _ := parser.ParseFile(r.fset, file.Name, file.Text, parser.SkipObjectResolution|parser.AllErrors|parser.ParseComments)
		if f != nil {
			r.files = append(r.files, f)
			r.self = f
		}
	}
	conf := types.Config{
		Importer:  d.packages,
		GoVersion: "go1.26",
		Sizes:     types.SizesFor("gc", runtime.GOARCH),
		Error:     func(error) {},
	}
	r.pkg, _ = conf.Check("main", r.fset, r.files, r.info)
	if tf := r.fset.File(r.self.FileStart); tf != nil {
		r.pos = tf.Pos(min(d.Cursor, tf.Size()))
	}
	d.result = r
	return r
}

// selector is the innermost x.sel whose sel the cursor is in or at.
func (r *understood) selector() (found *ast.SelectorExpr) {
	ast.Inspect(r.self, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel != nil && s.Sel.Pos() <= r.pos && r.pos <= s.Sel.End() {
			found = s
		}
		return true
	})
	return found
}

// ident is the identifier that the cursor is in or at.
func (r *understood) ident() (found *ast.Ident) {
	ast.Inspect(r.self, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Pos() <= r.pos && r.pos <= id.End() && id.Name != "_" {
			found = id
		}
		return true
	})
	return found
}

// callee is the name of the function whose arguments the cursor is among.
func (r *understood) callee() (found *ast.Ident) {
	ast.Inspect(r.self, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || r.pos <= call.Lparen || (call.Rparen.IsValid() && r.pos > call.Rparen) {
			return true
		}
		fun := ast.Unparen(call.Fun)
		switch x := fun.(type) {
		case *ast.IndexExpr:
			fun = x.X
		case *ast.IndexListExpr:
			fun = x.X
		}
		switch x := fun.(type) {
		case *ast.Ident:
			found = x
		case *ast.SelectorExpr:
			found = x.Sel
		}
		return true
	})
	return found
}

// object is what an identifier means, or nil.
func (r *understood) object(id *ast.Ident) types.Object {
	if id == nil {
		return nil
	}
	if obj := r.info.Uses[id]; obj != nil {
		return obj
	}
	if obj := r.info.Defs[id]; obj != nil {
		return obj
	}
	// Where the checker gave up, the scopes may still know a plain name.
	if s := r.scope(); s != nil {
		if _, obj := s.LookupParent(id.Name, token.NoPos); obj != nil && !r.selected(id) {
			return obj
		}
	}
	return nil
}

func (r *understood) selected(id *ast.Ident) (is bool) {
	ast.Inspect(r.self, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel == id {
			is = true
		}
		return !is
	})
	return is
}

// scope is the innermost one at the cursor.
func (r *understood) scope() *types.Scope {
	if r.pkg == nil {
		return nil
	}
	if s := r.pkg.Scope().Innermost(r.pos); s != nil {
		return s
	}
	return r.pkg.Scope()
}

// qualify names packages as a cell does: main's names stand alone.
func (r *understood) qualify(p *types.Package) string {
	if p == r.pkg {
		return ""
	}
	return p.Name()
}
