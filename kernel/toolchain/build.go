package toolchain

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Source is one file of a program. Name is a plain file name; places in
// messages come from //line directives in Text, or else from Name.
type Source struct {
	Name string
	Text []byte
}

// Config says how to build.
type Config struct {
	Kind Kind

	// Flags are those of `go build`, one per element: "-race" is the race
	// kind, -gcflags and -ldflags for the program itself go to compile and
	// link, others lead to `go build`.
	Flags []string

	// Env are settings "NAME=value" that differ from the kernel's own. What
	// matters to a build (GOEXPERIMENT, GOFLAGS, GOARCH …) leads to
	// `go build`, the rest is ignored.
	Env []string

	// Beside are files for direct builds only: they may import what the go
	// command keeps from programs, and packages that pull names of the
	// runtime's. Where something that they import is missing they are left out.
	Beside []Source
}

// Binary is a built program.
type Binary struct {
	// Path is the executable, in the cache: run it, do not change it. It stays
	// at least ten minutes after Build returned it.
	Path string

	// Cached says that nothing had to be built.
	Cached bool

	// Fallback says why `go build` was used; empty when it was not.
	Fallback string

	// Compile and Link are the wall-clock times of the two tools. With
	// Fallback, Compile is the time of `go build` and Link is 0.
	Compile, Link time.Duration

	// Output is what the tools had to say though all went well, such as the
	// lines of -gcflags=-m.
	Output string
}

// A CompileError is a program that does not compile or link, with the tools'
// words, places as //line directives have them.
type CompileError struct{ Output string }

func (e *CompileError) Error() string { return strings.TrimRight(e.Output, "\n") }

// Build makes a program of package main out of files, or takes it from the
// cache. What is not prepared is prepared first. It returns within a fifth of
// a second after ctx ends, with its cause, and leaves no process behind.
//
// Errors of the program are a [*CompileError]; an import outside the module is
// a [*MissingError].
func (m *Module) Build(ctx context.Context, files []Source, c Config) (Binary, error) {
	p, err := newProgram(files, c, &m.tc.env)
	if err != nil {
		return Binary{}, err
	}
	if p.fallback != "" {
		return m.buildWithGo(ctx, p)
	}
	s, err := m.ready(ctx, p.kind)
	if err != nil {
		return Binary{}, err
	}
	bin, err := m.buildWith(ctx, s, p)
	var compile *CompileError
	switch {
	case errors.Is(err, errDamaged) || errors.Is(err, os.ErrNotExist):
	case errors.As(err, &compile):
		// A compiler that reads a damaged archive blames the program.
		if pkgs, e := s.closure(p.roots()); e != nil || m.tc.store.recheck(pkgs) == nil {
			return bin, err
		}
	default:
		return bin, err
	}
	if ctx.Err() != nil {
		return Binary{}, context.Cause(ctx)
	}
	m.tc.log.Warn("an archive is damaged, making it again", "err", err)
	if err := m.repair(ctx, p.kind); err != nil {
		return Binary{}, err
	}
	if s, err = m.ready(ctx, p.kind); err != nil {
		return Binary{}, err
	}
	return m.buildWith(ctx, s, p)
}

func (m *Module) buildWith(ctx context.Context, s *set, p *program) (Binary, error) {
	p = p.besides(s)
	for _, path := range p.imports {
		if s.pkgs[path] == nil && path != "unsafe" {
			return Binary{}, &MissingError{Path: path}
		}
	}
	pkgs, err := s.closure(p.roots())
	if err != nil {
		return Binary{}, err
	}
	if slices.ContainsFunc(pkgs, func(p *pkg) bool { return p.Local }) {
		// Its source is a folder that anybody may edit.
		if s, err = m.relist(ctx, p.kind); err != nil {
			return Binary{}, err
		}
		if pkgs, err = s.closure(p.roots()); err != nil {
			return Binary{}, err
		}
	}
	key := p.key(s, m.tc.env.identity())
	if bin, ok := m.tc.programs.get(key); ok {
		return bin, nil
	}
	return m.tc.direct(ctx, p, pkgs, s.libgcc, key)
}

// direct calls compile and link.
func (t *Toolchain) direct(ctx context.Context, p *program, pkgs []*pkg, libgcc *pkg, key string) (Binary, error) {
	dir, err := t.newTemp()
	if err != nil {
		return Binary{}, err
	}
	defer dir.remove()
	var cfg strings.Builder
	for _, dep := range pkgs {
		path, err := t.store.check(dep)
		if err != nil {
			return Binary{}, err
		}
		fmt.Fprintf(&cfg, "packagefile %s=%s\n", dep.Path, path)
	}
	if err := os.WriteFile(dir.join("importcfg"), []byte(cfg.String()), 0o600); err != nil {
		return Binary{}, fmt.Errorf("building: %w", err)
	}
	if err := p.write(dir.path); err != nil {
		return Binary{}, fmt.Errorf("building: %w", err)
	}
	var bin Binary
	if err := t.compile(ctx, p, dir, &bin); err != nil {
		return Binary{}, err
	}
	lib := ""
	if libgcc != nil {
		if lib, err = t.store.check(libgcc); err != nil {
			return Binary{}, err
		}
	}
	if err := t.link(ctx, p, lib, dir, &bin); err != nil {
		return Binary{}, err
	}
	return t.programs.put(key, dir, bin)
}

// A program is what Build was asked for, understood.
type program struct {
	files    []Source
	kind     Kind
	imports  []string // sorted
	gcflags  []string
	ldflags  []string
	flags    []string // all, for go build
	env      []string // what matters of Config.Env
	fallback string   // why go build is needed
	beside   []Source // for the direct way only
}

// fileName is what files may be called on disk: the go command refuses
// others, and takes a _test suffix for something else.
func fileName(name string, i int) string {
	if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") &&
		!strings.ContainsAny(name, "/\\\x00\n") && !strings.HasPrefix(name, "-") && !strings.HasPrefix(name, ".") {
		return name
	}
	return "file" + strconv.Itoa(i) + ".go"
}

func newProgram(files []Source, c Config, env *goEnv) (*program, error) {
	if len(files) == 0 {
		return nil, errors.New("building: no source files")
	}
	p := &program{kind: c.Kind, beside: c.Beside}
	seen := map[string]bool{}
	for i, f := range files {
		name := fileName(f.Name, i)
		if seen[name] {
			return nil, fmt.Errorf("building: two source files are called %s", f.Name)
		}
		seen[name] = true
		text := f.Text
		if name != f.Name && !strings.ContainsAny(f.Name, "\n\x00") {
			text = append([]byte("//line "+f.Name+":1:1\n"), text...)
		}
		p.files = append(p.files, Source{name, text})
		// Errors are the compiler's to tell; what was understood is enough.
		tree, _ := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if tree == nil {
			continue
		}
		for _, spec := range tree.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue
			}
			if path == "C" {
				p.fallback = `import "C" needs cgo`
				continue
			}
			p.imports = append(p.imports, path)
		}
		p.directives(text)
	}
	slices.Sort(p.imports)
	p.imports = slices.Compact(p.imports)
	p.setFlags(c.Flags)
	p.setEnv(c.Env, env)
	return p, nil
}

// besides is p with the files that are for the direct way, when everything that
// they import is there.
func (p *program) besides(s *set) *program {
	if len(p.beside) == 0 {
		return p
	}
	q := *p
	q.files = slices.Concat(p.files, p.beside)
	q.imports = slices.Clone(p.imports)
	for _, f := range p.beside {
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Text, parser.ImportsOnly)
		if err != nil {
			return p
		}
		for _, spec := range tree.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if _, missing := s.closure([]string{path}); err != nil || missing != nil {
				return p
			}
			q.imports = append(q.imports, path)
		}
	}
	slices.Sort(q.imports)
	q.imports = slices.Compact(q.imports)
	// The linker keeps the runtime's names from others.
	q.ldflags = append([]string{"-checklinkname=0"}, p.ldflags...)
	return &q
}

// directives looks for comments that only go build honours.
func (p *program) directives(text []byte) {
	for line := range strings.Lines(string(text)) {
		for _, d := range []string{"//go:embed", "//go:debug"} {
			if rest, ok := strings.CutPrefix(line, d); ok && strings.TrimLeft(rest, " \t") != rest && p.fallback == "" {
				p.fallback = d + " is for go build"
			}
		}
	}
}

func (p *program) roots() []string {
	return slices.Concat(slices.DeleteFunc(slices.Clone(p.imports), func(i string) bool { return i == "unsafe" }), linked(p.kind))
}

// isTest says whether this is the generated main of a test.
func (p *program) isTest() bool { return slices.Contains(p.imports, "testing/internal/testdeps") }

func (p *program) write(dir string) error {
	for _, f := range p.files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) paths(dir string) []string {
	var out []string
	for _, f := range p.files {
		out = append(out, filepath.Join(dir, f.Name))
	}
	return out
}
