package toolchain

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"os"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

// importer reads export data into one consistent world of types: two packages
// that mention io.Reader mention the same object. Reading is under the mutex;
// what was returned is only read by its users.
type importer struct {
	mu   sync.Mutex
	fset *token.FileSet
	pkgs map[string]*types.Package
}

func newImporter() *importer {
	return &importer{fset: token.NewFileSet(), pkgs: map[string]*types.Package{}}
}

// read returns the package whose archive is at file.
func (i *importer) read(file, path string) (p *types.Package, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.pkgs[path]; p != nil && p.Complete() {
		return p, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	//lint:ignore SA1019 the archives are whole, object code and all; the pinned x/tools reads them.
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	if p, err = gcexportdata.Read(r, i.fset, i.pkgs, path); err != nil {
		// Half of a package may have been declared.
		delete(i.pkgs, path)
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	return p, nil
}

// loaded returns a package that was read already.
func (i *importer) loaded(path string) *types.Package {
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.pkgs[path]; p != nil && p.Complete() {
		return p
	}
	return nil
}

// keep is a new importer with the packages that keep says are still the same.
// They must be closed under import, as the standard library is.
func (i *importer) keep(keep func(path string) bool) *importer {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := &importer{fset: i.fset, pkgs: maps.Clone(i.pkgs)}
	maps.DeleteFunc(n.pkgs, func(path string, _ *types.Package) bool { return !keep(path) })
	return n
}

// Import returns the types of a package, read from its export data the first
// time. It implements [types.Importer] and is safe for concurrent use; the
// packages of one module share their types. After Get or Reset, packages
// outside the standard library may be others than before: whoever kept some
// has to import them again.
//
// A path that is not in the set is an error that [Module.Get] may mend, as is
// an internal path, which the go command would refuse too; the generated main
// of a test may import testing/internal/testdeps.
func (m *Module) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if path == "C" {
		return nil, fmt.Errorf("cells are built without cgo: import \"C\" does not work here")
	}
	m.mu.Lock()
	s, imp := m.view[Normal], m.importer
	m.mu.Unlock()
	if s == nil {
		var err error
		if s, err = m.current(Normal); err != nil {
			return nil, err
		}
	}
	p := s.pkgs[path]
	if p == nil {
		return nil, &MissingError{Path: path}
	}
	if p.Broken != "" {
		return nil, &PackageError{Path: path, Text: p.Broken}
	}
	if !importable(path) && path != "testing/internal/testdeps" {
		return nil, fmt.Errorf("use of internal package %s not allowed", path)
	}
	if tp := imp.loaded(path); tp != nil {
		return tp, nil
	}
	file, err := m.tc.store.check(p)
	if err == nil {
		var tp *types.Package
		if tp, err = imp.read(file, path); err == nil {
			return tp, nil
		}
		if m.tc.store.recheck([]*pkg{p}) == nil {
			// The archive is as it was made: this program cannot read it.
			return nil, fmt.Errorf("%w (written by %s)", err, strings.TrimSpace(m.tc.GoVersion()))
		}
	}
	m.tc.log.Warn("an archive is damaged, making it again", "package", path, "err", err)
	if err := m.repair(context.Background(), Normal); err != nil {
		return nil, err
	}
	if file, err = m.tc.store.check(p); err != nil {
		return nil, err
	}
	return imp.read(file, path)
}

// A MissingError is an import that is neither in the standard library nor in
// the session's module.
type MissingError struct{ Path string }

func (e *MissingError) Error() string {
	if first, _, _ := strings.Cut(e.Path, "/"); !strings.Contains(first, ".") {
		return fmt.Sprintf("package %s is not in std", e.Path)
	}
	return fmt.Sprintf("no module of this session provides package %s", e.Path)
}
