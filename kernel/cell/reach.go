package cell

import (
	"fmt"
	"slices"
	"strings"
)

// program prunes a checked candidate down to what the cell reaches and renders it.
func (b *builder) program(units []*unit, r *checked) *Program {
	p := &Program{Kind: b.kind, own: b.own, origin: b.origin, Benchmarks: b.benchmarks, typed: newTyped(b, r)}
	b.last.finish(b, r, p)
	p.values = b.last.values()
	if b.kind == Nothing || b.kind == Declarations {
		return p
	}
	live := b.reach(units, r)
	if b.main != nil {
		live = append(live, b.main)
	}
	origins, byOrigin := group(live)
	for slot, o := range origins {
		imports := b.resolver.imports(o, byOrigin[o])
		for _, im := range imports {
			p.Imports = append(p.Imports, im.path)
		}
		text, _ := renderFile(slot, imports, byOrigin[o])
		p.Files = append(p.Files, SourceFile{fmt.Sprintf("cell%05d.go", slot), []byte(text)})
		p.Slots = append(p.Slots, o.id)
	}
	p.Files = append(p.Files, b.extra...)
	p.Files = append(p.Files, b.last.file()...)
	return p
}

// reach keeps the units that main, an initialiser or the cell itself reaches:
// fewer packages to link makes a faster cell, and a cell's program is the same
// whatever else the session remembers.
func (b *builder) reach(units []*unit, r *checked) []*unit {
	edges := map[*unit][]*unit{}
	roots := []*unit{}
	for id, obj := range r.info.Uses {
		if obj.Pkg() != r.pkg {
			continue
		}
		from, to := r.unitAt(id.Pos()), r.unitAt(obj.Pos())
		if to == nil {
			continue
		}
		if from == nil { // the generated files: tests and results
			roots = append(roots, to)
		} else if from != to {
			edges[from] = append(edges[from], to)
		}
	}
	types := map[string]*unit{}
	for _, u := range units {
		for _, n := range u.names {
			types[n.key] = u
		}
	}
	for _, u := range units {
		if u.effects || u.origin == b.origin {
			roots = append(roots, u)
		}
		for _, n := range u.names {
			if recv, _, ok := strings.Cut(n.key, "."); ok && !strings.HasPrefix(n.key, "_") {
				if t := types[recv]; t != nil {
					edges[t] = append(edges[t], u)
				}
			}
		}
	}
	if b.main != nil {
		roots = append(roots, b.main)
	}
	seen := map[*unit]bool{}
	for len(roots) > 0 {
		u := roots[len(roots)-1]
		roots = roots[:len(roots)-1]
		if !seen[u] {
			seen[u] = true
			roots = append(roots, edges[u]...)
		}
	}
	return slices.DeleteFunc(slices.Clone(units), func(u *unit) bool { return !seen[u] })
}
