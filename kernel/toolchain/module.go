package toolchain

import (
	"bytes"
	"context"
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A Module is what one session's programs are built in: a folder with a go.mod
// that can import the standard library, gopark/helpers and golang.org/x/sync
// without a network, and whatever Get adds. It is safe for concurrent use.
type Module struct {
	tc  *Toolchain
	dir string

	editing gate // held by whoever runs a go command in dir

	mu       sync.Mutex // guards what follows; never held while something runs
	roots    []string   // packages that Get added
	gen      int        // counts changes of roots
	base     [kinds]*set
	extra    [kinds]extra
	view     [kinds]*set // base and extra; nil when one of them changed
	importer *importer
}

// extra are the packages outside the prepared set that roots brought, or that
// are another version than the prepared ones because of them.
type extra struct {
	gen  int
	pkgs []*pkg
}

// goModHeader marks a go.mod that may be overwritten.
const goModHeader = "// This file belongs to a gopark session. %reset restores it.\n"

// NewModule makes a session's module in dir, which is created when missing. A
// go.mod that is there already must be one of a gopark session; it is
// restored to the original.
func (t *Toolchain) NewModule(dir string) (*Module, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the session's module: %w", err)
	}
	have, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err == nil && !bytes.HasPrefix(have, []byte(goModHeader)) {
		return nil, fmt.Errorf("the session's module: %s holds a go.mod that gopark did not write", dir)
	}
	m := &Module{tc: t, dir: dir, editing: newGate(), importer: newImporter()}
	return m, m.Reset()
}

// Dir is the folder of the session's go.mod.
func (m *Module) Dir() string { return m.dir }

// Reset takes back what Get added. It waits for a Get that is under way.
func (m *Module) Reset() error {
	if err := m.editing.enter(context.Background()); err != nil {
		return err
	}
	defer m.editing.leave()
	if err := m.tc.writeModule(m.dir, m.tc.set(Normal)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.setRoots(nil)
	return nil
}

// setRoots changes what was added to the module; m.mu is held.
func (m *Module) setRoots(roots []string) {
	m.roots = roots
	m.gen++
	m.view = [kinds]*set{}
	std := func(path string) bool {
		s := m.base[Normal]
		return s != nil && s.pkgs[path] != nil && s.pkgs[path].Std
	}
	m.importer = m.importer.keep(std)
}

// writeModule writes the go.mod and go.sum of a session. Requirements beyond
// the course itself are found by the go command, in the course's go.mod; a
// prepared set remembers them.
func (t *Toolchain) writeModule(dir string, prepared *set) error {
	var b bytes.Buffer
	switch {
	case prepared != nil && len(prepared.goMod) > 0:
		b.Write(prepared.goMod)
	default:
		// The language of the toolchain, not of the course: the archives and
		// the programs are made for it.
		lang := strings.TrimPrefix(version.Lang(t.env.version), "go")
		if lang == "" {
			lang = t.source.goVersion
		} else {
			lang += ".0"
		}
		fmt.Fprintf(&b, "module session\n\ngo %s\n", lang)
		if t.source.dir != "" {
			fmt.Fprintf(&b, "\nrequire %s v0.0.0\n", modulePath)
		}
	}
	if t.source.dir != "" {
		fmt.Fprintf(&b, "\nreplace %s => %q\n", modulePath, t.source.dir)
	}
	goMod := slices.Concat([]byte(goModHeader), bytes.TrimSpace(b.Bytes()), []byte("\n"))
	if err := writeFile(filepath.Join(dir, "go.mod"), goMod, 0o600); err != nil {
		return fmt.Errorf("the session's module: %w", err)
	}
	if err := writeFile(filepath.Join(dir, "go.sum"), t.source.gosum, 0o600); err != nil {
		return fmt.Errorf("the session's module: %w", err)
	}
	return nil
}

// requirements is a go.mod without what is particular to a cache folder.
func requirements(goMod []byte) []byte {
	var b bytes.Buffer
	for line := range strings.Lines(string(goMod)) {
		if !strings.HasPrefix(line, "replace ") && !strings.HasPrefix(line, "//") {
			b.WriteString(line)
		}
	}
	return append(bytes.TrimSpace(b.Bytes()), '\n')
}

// current is the set that programs of one kind are built with, from what is
// known without running anything.
func (m *Module) current(k Kind) (*set, error) {
	base := m.tc.set(k)
	if base == nil {
		return nil, ErrNotPrepared
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.view[k] != nil && m.base[k] == base {
		return m.view[k], nil
	}
	m.base[k] = base
	if len(m.roots) == 0 {
		m.view[k] = base
		return base, nil
	}
	if m.extra[k].gen != m.gen {
		return nil, ErrNotPrepared
	}
	m.view[k] = base.with(m.extra[k].pkgs)
	return m.view[k], nil
}

// ready is current, after preparing what is not.
func (m *Module) ready(ctx context.Context, k Kind) (*set, error) {
	if err := m.tc.Prepare(ctx, k, nil); err != nil {
		return nil, err
	}
	if s, err := m.current(k); err == nil {
		return s, nil
	}
	return m.relist(ctx, k)
}

// relist asks the go command again what the roots bring.
func (m *Module) relist(ctx context.Context, k Kind) (*set, error) {
	if err := m.editing.enter(ctx); err != nil {
		return nil, err
	}
	defer m.editing.leave()
	if err := m.listExtra(ctx, k); err != nil {
		return nil, err
	}
	return m.current(k)
}

// listExtra compiles what the roots bring for one kind; m.editing is held.
func (m *Module) listExtra(ctx context.Context, k Kind) error {
	m.mu.Lock()
	roots, gen := slices.Clone(m.roots), m.gen
	m.mu.Unlock()
	pkgs, err := m.compileExtra(ctx, k, roots, false)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.extra[k] = extra{gen, pkgs}
	m.view[k] = nil
	return nil
}

// compileExtra lists roots, and with them the course's own packages, whose
// dependencies the roots may have moved to other versions.
func (m *Module) compileExtra(ctx context.Context, k Kind, roots []string, network bool) ([]*pkg, error) {
	base := m.tc.set(k)
	if base == nil {
		return nil, ErrNotPrepared
	}
	patterns := slices.Clone(roots)
	for _, p := range base.sorted() {
		if !p.Std && p.Broken == "" && p.Path != "unsafe" {
			patterns = append(patterns, p.Path)
		}
	}
	all, err := m.tc.list(ctx, request{dir: m.dir, kind: k, patterns: patterns, export: true, network: network})
	if err != nil {
		return nil, err
	}
	// The standard library does not depend on a module's versions.
	all = slices.DeleteFunc(all, func(l *listed) bool { return base.pkgs[l.ImportPath] != nil && base.pkgs[l.ImportPath].Std })
	pkgs, err := m.tc.collect(ctx, all)
	if err != nil || k == Race {
		return pkgs, err // names are looked up among the normal packages
	}
	// New packages may share their names with prepared ones.
	for _, list := range base.with(pkgs).names {
		for _, p := range list {
			if len(list) < 2 || p.Exports != nil {
				continue
			}
			if base.pkgs[p.Path] == p {
				q := *p
				p = &q // the set's own never changes
				pkgs = append(pkgs, p)
			}
			if err := m.tc.readExports(p); err != nil {
				m.tc.log.Warn("an index entry is missing", "package", p.Path, "err", err)
			}
		}
	}
	return pkgs, nil
}

// repair makes damaged archives again, of the set and of the module.
func (m *Module) repair(ctx context.Context, k Kind) error {
	if err := m.tc.repair(ctx, k); err != nil {
		return err
	}
	m.mu.Lock()
	m.extra[k], m.view[k] = extra{gen: -1}, nil
	m.mu.Unlock()
	_, err := m.ready(ctx, k)
	return err
}

// Has says whether a program may import path as things are. It is false for
// everything until the normal kind is prepared.
func (m *Module) Has(path string) bool {
	if path == "unsafe" {
		return true
	}
	s, err := m.current(Normal)
	if err != nil {
		return false
	}
	p := s.pkgs[path]
	return p != nil && p.Broken == "" && importable(path) && p.Name != "main"
}

// Named lists the import paths of known packages with that package name, best
// first: the standard library, the course, golang.org/x, others, shorter
// paths before longer ones. Where names are shared, packages that export all
// the selectors come first, so that rand with IntN is math/rand/v2, and with
// Text crypto/rand; without that, the one that beginners mean. It reads an
// index in memory.
func (m *Module) Named(name string, selectors ...string) []string {
	s, err := m.current(Normal)
	if err != nil {
		return nil
	}
	return s.named(name, selectors)
}
