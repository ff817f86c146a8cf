package cell

import (
	"fmt"
	"go/format"
	"slices"
	"strings"
)

// Export writes what is remembered as one Go file: a program that go run takes.
// Its main is that of the cell last, which may be nil for a main that does
// nothing. What is set aside is left out, and named in a comment at the end.
//
// The error is a *SyntaxError or *Errors of last, or says that two cells mean
// different packages by one name, which one file cannot.
func (m *Memory) Export(last *Cell, packages Packages) (string, error) {
	units := slices.DeleteFunc(slices.Clone(m.units), func(u *unit) bool { return m.aside[u.heading()] })
	main := "func main() {}\n"
	r := &resolver{memory: m, packages: packages, unusable: map[importSpec]bool{}, declared: map[string]bool{}}
	if last != nil {
		b, err := m.begin(last, false)
		if err != nil {
			return "", err
		}
		b.resolver = r
		units = slices.DeleteFunc(m.with(b.own), func(u *unit) bool { return m.aside[u.heading()] })
		if b.main != nil {
			main = b.main.before + "\n" + b.main.text + "\n" + b.main.after + "\n"
			units = append(units, b.main)
		}
	}
	for _, u := range units {
		for _, n := range u.names {
			r.declared[n.key] = true
		}
	}
	origins, byOrigin := group(units)
	type use struct {
		importSpec
		cell int
	}
	bound := map[string]use{}
	var imports []string
	for _, o := range origins {
		for _, im := range r.imports(o, byOrigin[o]) {
			local := r.local(im.importSpec)
			if local != "_" && local != "." {
				if old, ok := bound[local]; ok {
					if old.path != im.path {
						return "", fmt.Errorf("cell [%d] means %s by %s, and cell [%d] means %s: one file cannot; give one of them another name",
							old.cell, old.path, local, o.id, im.path)
					}
					continue
				}
				bound[local] = use{im.importSpec, o.id}
			}
			line := fmt.Sprintf("%q", im.path)
			if im.name != "" {
				line = im.name + " " + line
			}
			if !slices.Contains(imports, line) {
				imports = append(imports, line)
			}
		}
	}
	slices.Sort(imports)

	var b strings.Builder
	b.WriteString("package main\n\n")
	if len(imports) > 0 {
		b.WriteString("import (\n" + strings.Join(imports, "\n") + "\n)\n\n")
	}
	for _, o := range origins {
		for _, u := range byOrigin[o] {
			if u.kind.String() == ":=" || len(u.names) == 1 && u.names[0].key == "main" {
				continue // main comes last
			}
			b.WriteString(u.before + "\n" + u.text + "\n" + u.after + "\n\n")
		}
	}
	b.WriteString(main)
	for _, u := range m.units {
		if m.aside[u.heading()] {
			fmt.Fprintf(&b, "\n// Left out, because it does not type-check now: %s of cell [%d].\n", u.display(), u.origin.id)
		}
	}
	out, err := format.Source([]byte(b.String()))
	if err != nil {
		return "", fmt.Errorf("the memory does not make one Go file: %w", err)
	}
	return string(out), nil
}
