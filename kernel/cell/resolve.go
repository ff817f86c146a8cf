package cell

import (
	"fmt"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Packages is the world that cells can import from.
type Packages interface {
	// Import gives the exported names of the package at a path, or an error
	// when there is no such package here.
	types.Importer
	// Named lists the paths of known packages with that name, best first:
	// those that have every one of the selectors before all others.
	Named(name string, selectors ...string) []string
}

// A resolver finds the imports of one program's files.
type resolver struct {
	memory   *Memory
	packages Packages
	declared map[string]bool // names of the package block: never an import
	// unusable are imports that the type checker refused as unused.
	unusable map[importSpec]bool
}

// imports finds what a file of o's units needs: what the cell imports itself,
// then what any earlier cell imported under that name, then the best known
// package of that name that has everything asked of it. Imports that nothing
// uses are left out.
func (r *resolver) imports(o *origin, units []*unit) []imported {
	wanted := map[string][]string{}
	for _, u := range units {
		for x, sels := range u.selects {
			if !r.declared[x] {
				wanted[x] = append(wanted[x], sels...)
			}
		}
	}
	var out []imported
	names := make([]string, 0, len(wanted))
	for x := range wanted {
		names = append(names, x)
	}
	slices.Sort(names)
	for _, x := range names {
		if im, ok := r.find(o, x, wanted[x]); ok {
			out = append(out, im)
		}
	}
	for _, im := range o.imports {
		if (im.name == "_" || im.name == ".") && !r.unusable[im] {
			out = append(out, imported{im, true})
		}
	}
	return out
}

func (r *resolver) find(o *origin, x string, sels []string) (imported, bool) {
	for _, im := range o.imports {
		if r.local(im) == x {
			return imported{im, true}, true
		}
	}
	for _, old := range slices.Backward(r.memory.imports) {
		for _, im := range old.imports {
			// An alias binds whatever it names; a plain import only where it
			// has what is asked, so that a remembered math/rand does not
			// hide crypto/rand.
			if r.local(im) == x && (im.name != "" || r.has(im.path, sels)) {
				return imported{im, false}, true
			}
		}
	}
	candidates := r.packages.Named(x, sels...)
	for _, p := range candidates {
		if r.has(p, sels) {
			return imported{importSpec{path: p}, false}, true
		}
	}
	// A name that is nearly right ("strings.Containz") is better explained
	// against its package than as an unknown word.
	if len(candidates) > 0 {
		return imported{importSpec{path: candidates[0]}, false}, true
	}
	return imported{}, false
}

// local is the name that an import binds in its file.
func (r *resolver) local(im importSpec) string {
	if im.name != "" {
		return im.name
	}
	if p, err := r.packages.Import(im.path); err == nil {
		return p.Name()
	}
	return guessName(im.path)
}

func (r *resolver) has(path string, sels []string) bool {
	p, err := r.packages.Import(path)
	if err != nil {
		return false
	}
	for _, s := range sels {
		if !token.IsExported(s) || p.Scope().Lookup(s) == nil {
			return false
		}
	}
	return true
}

var version = regexp.MustCompile(`^v[0-9]+$`)

// guessName is the likely name of a package that cannot be asked: the last
// element of its path that is no version, without "go-" and ".vN".
func guessName(p string) string {
	base := path.Base(p)
	if version.MatchString(base) && strings.Contains(p, "/") {
		base = path.Base(path.Dir(p))
	}
	base = strings.TrimPrefix(base, "go-")
	if i := strings.Index(base, ".v"); i > 0 {
		base = base[:i]
	}
	return base
}

// missing lists o's imports that are in no known package.
func (r *resolver) missing(o *origin) []MissingImport {
	var out []MissingImport
	for _, im := range o.imports {
		if im.path == "C" || im.path == "unsafe" {
			continue
		}
		if _, err := r.packages.Import(im.path); err != nil {
			out = append(out, MissingImport{im.path, Diagnostic{
				Cell: o.id, Line: im.line, Column: im.col,
				Message: err.Error(), Source: SourceLine(o.text, im.line),
			}})
		}
	}
	return out
}

// NoPackages is a world without any package.
type NoPackages struct{}

func (NoPackages) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("package %s is not known yet", path)
}

func (NoPackages) Named(string, ...string) []string { return nil }
