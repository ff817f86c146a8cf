package cell

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"
	"strings"
)

// A Suggestion is what could stand at a draft's cursor, in the place of its
// Prefix.
type Suggestion struct {
	Text string
	// Kind is Go's word: "func", "method", "field", "var", "const", "type",
	// "package", "keyword"; or "command", "flag", "file".
	Kind string
	// Signature is a function's parameters and results, or the type of a value.
	Signature string
}

// A Catalog is Packages that can say all that there is. Suggest asks for it, to
// propose packages before they are imported.
type Catalog interface {
	// All yields the import path and the name of each package, in order of
	// path.
	All() iter.Seq2[string, string]
}

// suggestions under way, in groups: the nearest first.
type suggestions struct {
	prefix string
	seen   map[string]bool
	out    []Suggestion
}

func (s *suggestions) add(text, kind, signature string) {
	if text == "_" || s.seen[text] || !hasPrefix(text, s.prefix) || strings.HasPrefix(text, "gopark__") {
		return
	}
	s.seen[text] = true
	s.out = append(s.out, Suggestion{text, kind, signature})
}

// Suggest proposes what could stand at the cursor: the names with the draft's
// prefix that are visible there, or the members of what stands before the dot.
// It knows no more than the type checker, and takes a millisecond or a few.
func (d *Draft) Suggest() []Suggestion {
	s := &suggestions{prefix: d.Prefix, seen: map[string]bool{}}
	switch d.Place {
	case Code:
		r := d.understand()
		if x := r.selector(); x != nil && x.X.End() <= r.pos {
			d.members(s, r)
		} else {
			d.names(s, r)
		}
	case InImport:
		if all, ok := d.packages.(Catalog); ok {
			for path := range all.All() {
				s.add(path, "package", "")
			}
		}
	}
	return Preferred(s.out, d.Prefix)
}

// Preferred keeps the order, but for names that have the prefix exactly: those
// come first.
func Preferred(list []Suggestion, prefix string) []Suggestion {
	exact := func(s Suggestion) int {
		if strings.HasPrefix(s.Text, prefix) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b Suggestion) int { return cmp.Compare(exact(a), exact(b)) })
	return list
}

func (d *Draft) members(s *suggestions, r *understood) {
	x := r.selector().X
	id, _ := x.(*ast.Ident)
	if name, ok := r.object(id).(*types.PkgName); ok {
		packageMembers(s, r, name.Imported())
		return
	}
	t := r.info.Types[x].Type
	if t == nil {
		if obj := r.object(id); obj != nil {
			t = obj.Type()
		}
	}
	if t == nil || t == types.Typ[types.Invalid] {
		return
	}
	typeMembers(s, r, t)
}

func packageMembers(s *suggestions, r *understood, p *types.Package) {
	scope := p.Scope()
	for _, name := range scope.Names() {
		if token.IsExported(name) {
			obj := scope.Lookup(name)
			s.add(name, kindOf(obj), r.signature(obj))
		}
	}
}

// typeMembers adds fields, nearest first, and methods.
func typeMembers(s *suggestions, r *understood, t types.Type) {
	visible := func(obj types.Object) bool { return obj.Exported() || obj.Pkg() == r.pkg }
	level := []types.Type{t}
	seen := map[types.Type]bool{}
	for len(level) > 0 {
		var next []types.Type
		for _, t := range level {
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = p.Elem()
			}
			if seen[t] {
				continue
			}
			seen[t] = true
			st, ok := t.Underlying().(*types.Struct)
			if !ok {
				continue
			}
			for f := range st.Fields() {
				if visible(f) {
					s.add(f.Name(), "field", r.signature(f))
				}
				if f.Embedded() {
					next = append(next, f.Type())
				}
			}
		}
		level = next
	}
	set := types.NewMethodSet(t)
	if _, pointer := t.(*types.Pointer); !pointer && !types.IsInterface(t) {
		set = types.NewMethodSet(types.NewPointer(t)) // a variable's methods
	}
	for m := range set.Methods() {
		if visible(m.Obj()) {
			s.add(m.Obj().Name(), "method", r.signature(m.Obj()))
		}
	}
}

// names adds what the scopes around the cursor hold, from the inside out.
func (d *Draft) names(s *suggestions, r *understood) {
	packages := &suggestions{prefix: s.prefix, seen: s.seen}
	for scope := r.scope(); scope != nil; scope = scope.Parent() {
		if scope == types.Universe && s.prefix == "" {
			break // everybody knows them
		}
		names := scope.Names()
		if scope.Parent() != types.Universe && scope != types.Universe {
			names = byPosition(scope, names)
		}
		for _, name := range names {
			obj := scope.Lookup(name)
			local := scope != types.Universe && scope.Parent() != types.Universe && obj.Pkg() == r.pkg
			if _, ok := obj.(*types.PkgName); ok {
				continue // with the other packages, below
			}
			if !local || obj.Pos() < r.pos {
				s.add(name, kindOf(obj), r.signature(obj))
			}
		}
	}
	if s.prefix == "" {
		return
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		s.add(t.String(), "keyword", "")
	}
	for _, im := range d.origin.imports {
		packages.add(d.resolver.local(im), "package", im.path)
	}
	if all, ok := d.packages.(Catalog); ok {
		best := map[string]bool{}
		for path, name := range all.All() {
			if !hasPrefix(name, s.prefix) || best[name] {
				continue
			}
			best[name] = true
			if list := d.packages.Named(name); len(list) > 0 {
				path = list[0]
			}
			packages.add(name, "package", path)
		}
	}
	s.out = append(s.out, packages.out...)
}

// byPosition orders the names of a function's scope, the last declared first.
func byPosition(scope *types.Scope, names []string) []string {
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(scope.Lookup(b).Pos(), scope.Lookup(a).Pos())
	})
	return names
}

func kindOf(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.PkgName:
		return "package"
	case *types.Const, *types.Nil:
		return "const"
	case *types.TypeName:
		return "type"
	case *types.Var:
		if obj.IsField() {
			return "field"
		}
		return "var"
	case *types.Func:
		if obj.Signature().Recv() != nil {
			return "method"
		}
	}
	return "func"
}

// signature is how an object is used: "func(a ...any) (n int, err error)", the
// type of a value, what a type is.
func (r *understood) signature(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.PkgName:
		return obj.Imported().Path()
	case *types.Nil, *types.Builtin:
		return ""
	case *types.TypeName:
		switch u := obj.Type().Underlying().(type) {
		case *types.Struct:
			return "struct{...}"
		case *types.Interface:
			return "interface{...}"
		default:
			return types.TypeString(u, r.qualify)
		}
	}
	return types.TypeString(obj.Type(), r.qualify)
}
