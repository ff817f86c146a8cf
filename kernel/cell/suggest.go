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
	fields, methods := r.visible(t)
	for _, f := range fields {
		s.add(f.Name(), "field", r.signature(f))
	}
	slices.SortStableFunc(methods, func(a, b *types.Func) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, m := range methods {
		s.add(m.Name(), "method", r.signature(m))
	}
}

// deepest is how many levels of embedding are looked into.
const deepest = 10

// visible lists the fields and the methods of a type that a cell can name, its
// own before those that it embeds; what hides another comes first. It is no
// types.MethodSet: of a generic type that embeds a bigger instance of itself,
// which somebody may be typing, that would never come to an end.
func (r *understood) visible(t types.Type) (fields []*types.Var, methods []*types.Func) {
	can := func(obj types.Object) bool { return obj.Exported() || obj.Pkg() == r.pkg }
	level := []types.Type{t}
	seen := map[types.Type]bool{}
	for depth := 0; len(level) > 0 && depth < deepest; depth++ {
		var next []types.Type
		for _, t := range level {
			t = types.Unalias(t)
			if p, ok := t.(*types.Pointer); ok {
				t = types.Unalias(p.Elem())
			}
			if seen[t] {
				continue
			}
			seen[t] = true
			if named, ok := t.(*types.Named); ok {
				for m := range named.Methods() {
					if can(m) {
						methods = append(methods, m)
					}
				}
			}
			switch u := t.Underlying().(type) {
			case *types.Interface:
				for m := range u.Methods() {
					if can(m) {
						methods = append(methods, m)
					}
				}
			case *types.Pointer: // type P *T has the fields of T, and no methods
				if st, ok := u.Elem().Underlying().(*types.Struct); ok {
					next = append(next, st)
				}
			case *types.Struct:
				for f := range u.Fields() {
					if can(f) {
						fields = append(fields, f)
					}
					if f.Embedded() {
						next = append(next, f.Type())
					}
				}
			}
		}
		level = next
	}
	return fields, methods
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
