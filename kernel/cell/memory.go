package cell

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A Memory holds the declarations of earlier cells: of each name the newest.
// The zero Memory is empty and ready to use.
type Memory struct {
	units   []*unit   // oldest first
	imports []*origin // cells that wrote imports, oldest first
	// values are the names that bare statements of a cell defined, with the
	// cell: they are gone when it ends, and an error about them should say so.
	values map[string]int
	aside  map[string]bool // headings of what is set aside: each is told once
}

// Clone returns a memory of its own with the same declarations: what is
// committed to the one is not in the other. A cell is checked against a clone,
// so that other cells may commit meanwhile.
func (m *Memory) Clone() Memory {
	c := *m // units and aside are replaced and never written to
	c.imports = slices.Clone(m.imports)
	c.values = maps.Clone(m.values)
	return c
}

// An Entry is one remembered name, for %ls.
type Entry struct {
	Name string // "F", "T.M"
	Kind string // "func", "method", "type", "var", "const"
	Cell int    // the cell that declared it
	Line int
	// Aside is set when the declaration no longer type-checks against newer
	// ones, and so is in no program until it does.
	Aside bool
}

// Entries lists what is remembered, sorted by kind and name.
func (m *Memory) Entries() []Entry {
	var out []Entry
	for _, u := range m.units {
		for _, n := range u.names {
			if strings.HasPrefix(n.key, "_") {
				continue
			}
			kind := u.kind.String()
			if strings.Contains(n.key, ".") {
				kind = "method"
			}
			line := u.line + strings.Count(u.text[:n.at], "\n")
			out = append(out, Entry{n.key, kind, u.origin.id, line, m.aside[u.heading()]})
		}
	}
	slices.SortFunc(out, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// Remove forgets a declaration by the name that Entries gives it; a type takes
// its methods along. It reports how many names went.
func (m *Memory) Remove(key string) int {
	gone := map[string]bool{}
	for _, e := range m.Entries() {
		if e.Name == key || strings.HasPrefix(e.Name, key+".") {
			gone[e.Name] = true
		}
	}
	m.units = without(m.units, gone)
	return len(gone)
}

// Reset forgets everything.
func (m *Memory) Reset() { *m = Memory{} }

func without(units []*unit, gone map[string]bool) []*unit {
	var out []*unit
	for _, u := range units {
		if u = u.without(gone); u != nil {
			out = append(out, u)
		}
	}
	return out
}

// with is the memory's units after a cell's own replaced what they redeclare.
func (m *Memory) with(own []*unit) []*unit {
	gone := map[string]bool{}
	for _, u := range own {
		for _, n := range u.names {
			gone[n.key] = true
		}
	}
	return append(without(m.units, gone), own...)
}

// Commit makes what a checked cell declared part of the memory.
func (m *Memory) Commit(p *Program) {
	m.units = m.with(p.own)
	m.aside = p.aside
	if len(p.origin.imports) > 0 {
		// One cell run again and again keeps one set of imports alive: an
		// older origin whose every import the new one repeats goes.
		m.imports = slices.DeleteFunc(m.imports, func(o *origin) bool {
			for _, im := range o.imports {
				if !slices.ContainsFunc(p.origin.imports, func(n importSpec) bool {
					return n.name == im.name && n.path == im.path
				}) {
					return false
				}
			}
			return true
		})
		m.imports = append(m.imports, p.origin)
	}
	for _, u := range p.own {
		for _, n := range u.names {
			delete(m.values, n.key)
		}
	}
	for _, v := range p.values {
		if m.values == nil {
			m.values = map[string]int{}
		}
		m.values[v] = p.origin.id
	}
}
