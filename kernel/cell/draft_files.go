package cell

import (
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// Imports are the packages that the draft's files import, by the names that they
// have there.
func (d *Draft) Imports() map[string]string {
	all := map[string]string{}
	for _, bound := range d.bound {
		maps.Copy(all, bound)
	}
	return all
}

// With is the draft's files with more imports in each, by name, and how far that
// moves the text behind them in the last. Names that mean something else are
// left out.
func (d *Draft) With(imports map[string]string) (files []SourceFile, shift int) {
	const head = "package main\n"
	for i, f := range d.Files {
		var b strings.Builder
		b.WriteString(head)
		for _, name := range slices.Sorted(maps.Keys(imports)) {
			if d.bound[i][name] == "" && !d.resolver.declared[name] {
				fmt.Fprintf(&b, "import %s %q\n", name, imports[name])
			}
		}
		shift = b.Len() - len(head)
		b.Write(f.Text[len(head):])
		files = append(files, SourceFile{f.Name, []byte(b.String())})
	}
	return files, shift
}

// A plainFile is a file of the memory's. Unlike those of a program it has no
// //line directives, because it is never compiled, and units of many cells.
type plainFile struct {
	units   []*unit
	imports []imported
	bound   map[string]string
}

// memoryFiles puts units into as few files as the names of their imports allow.
// One file that grows costs gopls less than many that come and go.
func (d *Draft) memoryFiles(units []*unit) (files []*plainFile) {
	origins, byOrigin := group(units)
	for _, o := range origins {
		imports := d.resolver.imports(o, byOrigin[o])
		i := slices.IndexFunc(files, func(f *plainFile) bool { return f.fits(d.resolver, imports) })
		if i < 0 {
			i = len(files)
			files = append(files, &plainFile{bound: map[string]string{}})
		}
		f := files[i]
		f.units = append(f.units, byOrigin[o]...)
		for _, im := range imports {
			name := d.resolver.local(im.importSpec)
			if f.bound[name] == "" || name == "_" || name == "." {
				f.imports = append(f.imports, im)
				f.bound[name] = im.path
			}
		}
	}
	return files
}

// fits reports whether the imports mean in the file what they mean alone.
func (f *plainFile) fits(r *resolver, imports []imported) bool {
	for _, im := range imports {
		name := r.local(im.importSpec)
		if have := f.bound[name]; name == "." || have != "" && have != im.path && name != "_" {
			return false
		}
	}
	return f.bound["."] == ""
}

func (f *plainFile) render() (text string, spans []span) {
	var b strings.Builder
	b.WriteString("package main\n")
	for _, im := range f.imports {
		fmt.Fprintf(&b, "import %s %q\n", im.name, im.path)
	}
	for _, u := range f.units {
		if u.before != "" {
			b.WriteString(u.before + "\n")
		}
		from := b.Len()
		b.WriteString(u.text)
		spans = append(spans, span{from, b.Len(), u})
		b.WriteString("\n")
		if u.after != "" {
			b.WriteString(u.after + "\n")
		}
	}
	return b.String(), spans
}

// imports are the cell's own and those that its text wants.
func (d *Draft) imports(at int) (out []importSpec) {
	bound := map[string]bool{}
	for _, im := range d.origin.imports {
		out = append(out, im)
		if im.name != "_" && im.name != "." {
			bound[d.resolver.local(im)] = true
		}
	}
	wanted, atCursor := dotted(d.c.code, at)
	for _, x := range slices.Sorted(maps.Keys(wanted)) {
		if bound[x] || d.resolver.declared[x] {
			continue
		}
		im, ok := d.resolver.find(d.origin, x, wanted[x])
		if ok && x == atCursor && im.name == "" && len(wanted[x]) == 0 {
			im.path = d.beginning(x, im.path)
		}
		if ok {
			out = append(out, importSpec{name: im.name, path: im.path})
		}
	}
	return out
}

// beginning is the package called x that has a name with the draft's prefix:
// rand.Te is crypto/rand, though rand alone is math/rand.
func (d *Draft) beginning(x, path string) string {
	for _, p := range append([]string{path}, d.packages.Named(x)...) {
		pkg, err := d.packages.Import(p)
		if err != nil {
			continue
		}
		for _, name := range pkg.Scope().Names() {
			if token.IsExported(name) && hasPrefix(name, d.Prefix) {
				return p
			}
		}
	}
	return path
}
