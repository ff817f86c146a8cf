package toolchain

import (
	"cmp"
	"go/token"
	"iter"
	"os"
	"slices"
	"strings"
)

func compare(a, b string) int { return cmp.Compare(a, b) }

// index arranges what a cell may import by package name.
func index(pkgs []*pkg) map[string][]*pkg {
	names := map[string][]*pkg{}
	for _, p := range pkgs {
		if importable(p.Path) && p.Name != "main" && p.Name != "" && p.Broken == "" {
			names[p.Name] = append(names[p.Name], p)
		}
	}
	for _, list := range names {
		slices.SortFunc(list, better)
	}
	return names
}

// importable follows the go command: internal and vendored packages belong to
// the trees they are in.
func importable(path string) bool {
	if path == "testing/internal/testdeps" {
		return false // the exception is for generated test programs
	}
	for elem := range strings.SplitSeq(path, "/") {
		if elem == "internal" || elem == "vendor" {
			return false
		}
	}
	return path != "C" && path != "unsafe"
}

// preferred settles the names that several packages of the standard library
// share, where the shortest path is not what a beginner means.
var preferred = []string{"math/rand", "math/rand/v2", "text/template", "runtime/pprof", "text/scanner", "runtime/trace"}

// better orders packages of the same name: the standard library, the course's
// own, golang.org/x, then by how short the path is.
func better(a, b *pkg) int {
	return cmp.Or(
		cmp.Compare(family(a), family(b)),
		cmp.Compare(rank(a.Path), rank(b.Path)),
		cmp.Compare(strings.Count(a.Path, "/"), strings.Count(b.Path, "/")),
		cmp.Compare(len(a.Path), len(b.Path)),
		cmp.Compare(a.Path, b.Path),
	)
}

func family(p *pkg) int {
	switch {
	case p.Std:
		return 0
	case p.Path == modulePath || strings.HasPrefix(p.Path, modulePath+"/"):
		return 1
	case strings.HasPrefix(p.Path, "golang.org/x/"):
		return 2
	}
	return 3
}

func rank(path string) int {
	if i := slices.Index(preferred, path); i >= 0 {
		return i
	}
	return len(preferred)
}

// named lists import paths for a package name. Those that export all the
// selectors come first.
func (s *set) named(name string, selectors []string) []string {
	list := s.names[name]
	var have, lack []string
	for _, p := range list {
		if len(list) == 1 || exportsAll(p, selectors) {
			have = append(have, p.Path)
		} else {
			lack = append(lack, p.Path)
		}
	}
	return append(have, lack...)
}

// exportsAll is false when it is known that a name is missing.
func exportsAll(p *pkg, selectors []string) bool {
	if p.Exports == nil {
		return true
	}
	for _, sel := range selectors {
		if _, found := slices.BinarySearch(p.Exports, sel); !found {
			return false
		}
	}
	return true
}

// All yields the import path and the name of each package that a program may
// import as things are, in order of path.
func (m *Module) All() iter.Seq2[string, string] {
	return func(yield func(path, name string) bool) {
		s, err := m.current(Normal)
		if err != nil {
			return
		}
		for _, p := range s.sorted() {
			if importable(p.Path) && p.Name != "main" && p.Name != "" && p.Broken == "" && !yield(p.Path, p.Name) {
				return
			}
		}
	}
}

// Position is where something was declared that Import returned: the file as it
// is on this machine, and the line.
func (m *Module) Position(pos token.Pos) token.Position {
	m.mu.Lock()
	fset := m.importer.fset
	m.mu.Unlock()
	p := fset.Position(pos)
	p.Filename = os.Expand(p.Filename, func(name string) string {
		if name == "GOROOT" {
			return m.tc.env.goroot
		}
		return "$" + name
	})
	return p
}
