package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Progress is how far a preparation is. Total counts the packages that have to
// be compiled and one step more to keep them; it is 0 while that is not known
// or somebody else does the work. What says what is going on: an import path,
// or a few words.
type Progress struct {
	Done, Total int
	What        string
}

// Packages that a session can import besides the standard library and
// gopark/helpers, at the versions of the course's go.mod.
var (
	syncPackages = []string{
		"golang.org/x/sync/errgroup", "golang.org/x/sync/semaphore", "golang.org/x/sync/singleflight",
	}
	// chartPackages are a download of their own; without them everything
	// else works, and a cell that imports them fetches them.
	chartPackages = []string{
		"github.com/go-echarts/go-echarts/v2/charts", "github.com/go-echarts/go-echarts/v2/components",
		"github.com/go-echarts/go-echarts/v2/opts", "github.com/go-echarts/go-echarts/v2/types",
	}
)

// A NoCompilerError says that the race detector cannot be prepared: it
// contains C, once per machine and Go version.
type NoCompilerError struct {
	CC string // the command that was looked for
}

func (e *NoCompilerError) Error() string {
	return fmt.Sprintf("the race detector needs a C compiler once, and %q was not found: "+
		"install one (Debian, Ubuntu: apt install gcc libc6-dev; Fedora: dnf install gcc; macOS: xcode-select --install)", e.CC)
}

// Prepared says whether Prepare would return at once, because the packages were
// prepared in this process, in an earlier one, or for all users of a machine.
func (t *Toolchain) Prepared(k Kind) bool {
	if t.set(k) != nil {
		return true
	}
	s := t.findSet(t.setKey(k), k)
	if s != nil {
		t.publish(s)
	}
	return s != nil
}

// Prepare makes the packages of one kind ready. The first time for a Go
// version and a course it compiles them, which takes a quarter of a minute or
// a whole one; afterwards it reads one file. Several callers, in one process
// or in many, share the work: one does it, the others wait. The race kind is
// prepared at low priority. progress may be nil; it is called from one
// goroutine at a time, and never after Prepare returned.
//
// Prepare never uses the network. A package of the course that cannot be
// compiled does not stop the others: see [Toolchain.Broken].
func (t *Toolchain) Prepare(ctx context.Context, k Kind, progress func(Progress)) error {
	if progress == nil {
		progress = func(Progress) {}
	}
	if t.set(k) != nil {
		return nil
	}
	if err := t.gates[k].enter(ctx); err != nil {
		return err
	}
	defer t.gates[k].leave()
	if t.Prepared(k) {
		return nil
	}
	key := t.setKey(k)
	unlock, err := lock(ctx, filepath.Join(t.dir, "sets", key+".lock"), func() {
		progress(Progress{What: "waiting for another kernel that prepares the same packages"})
	})
	if err != nil {
		return fmt.Errorf("preparing packages: %w", err)
	}
	defer unlock()
	s := t.findSet(key, k)
	if s == nil {
		if s, err = t.makeSet(ctx, key, k, progress); err != nil {
			return fmt.Errorf("preparing packages: %w", err)
		}
	}
	t.publish(s)
	return nil
}

func (t *Toolchain) publish(s *set) {
	for _, b := range s.broken() {
		t.log.Warn("a package is not available", "package", b.Path, "why", b.Text)
	}
	t.mu.Lock()
	t.sets[s.kind] = s
	t.mu.Unlock()
}

// setKey names the set of this toolchain, course and kind.
func (t *Toolchain) setKey(k Kind) string {
	h := sha256.New()
	fmt.Fprintf(h, "format %d\n%s\n%s\n%s\n", setFormat, k, t.source.hash, leanArchives)
	for _, id := range t.env.identity() {
		fmt.Fprintln(h, id)
	}
	return t.env.version + "-" + k.String() + "-" + hex.EncodeToString(h.Sum(nil))[:16]
}

// findSet reads a set that is ready, ours or a shared one. One with broken
// packages is not: what was missing may be there now.
func (t *Toolchain) findSet(key string, k Kind) *set {
	for _, archives := range t.store.dirs {
		path := filepath.Join(filepath.Dir(archives), "sets", key+".json")
		s, err := t.loadSet(path, key, k)
		if err == nil && len(s.broken()) == 0 {
			return s
		}
		if err != nil && !os.IsNotExist(err) {
			t.log.Info("preparing packages again", "why", err)
		}
	}
	return nil
}

func (t *Toolchain) makeSet(ctx context.Context, key string, k Kind, progress func(Progress)) (*set, error) {
	if k == Race {
		cc := strings.Fields(t.env.cc)
		if len(cc) == 0 {
			cc = []string{"gcc"}
		}
		if _, err := exec.LookPath(cc[0]); err != nil {
			return nil, &NoCompilerError{CC: cc[0]}
		}
	}
	dir, err := t.newTemp()
	if err != nil {
		return nil, err
	}
	defer dir.remove()
	if err := t.writeModule(dir.path, nil); err != nil {
		return nil, err
	}
	patterns := []string{"std", "testing/internal/testdeps"}
	if t.source.dir != "" {
		patterns = slices.Concat(patterns, t.source.packages, syncPackages, chartPackages)
	}
	if k == Race {
		patterns = append(patterns, "runtime/race", "runtime/cgo")
	}
	req := request{dir: dir.path, kind: k, patterns: patterns, low: k == Race}
	progress(Progress{What: "looking at what there is"})
	before, err := t.list(ctx, req)
	if err != nil {
		return nil, err
	}
	req.patterns = patterns[1:]
	now := Progress{Total: 1}
	stale := map[string]bool{}
	for _, p := range wanted(before, patterns) {
		if p.Standard && importable(p.ImportPath) {
			req.patterns = append(req.patterns, p.ImportPath)
		}
		if p.Stale && p.Error == nil && p.ImportPath != "unsafe" {
			stale[p.ImportPath] = true
			now.Total++
		}
	}
	req.export = true
	req.compiled = func(path string) {
		if stale[path] {
			delete(stale, path)
			now.Done++
			now.What = path
			progress(now)
		}
	}
	all, err := t.list(ctx, req)
	if err != nil {
		return nil, err
	}
	now.Done, now.What = now.Total-1, "keeping the compiled packages"
	progress(now)
	pkgs, err := t.collect(ctx, all)
	if err != nil {
		return nil, err
	}
	pkgs = slices.DeleteFunc(pkgs, func(p *pkg) bool {
		return p.Broken != "" && strings.HasPrefix(p.Path, "github.com/go-echarts/") && !t.needed(p.Path, pkgs)
	})
	goMod, err := os.ReadFile(dir.join("go.mod"))
	if err != nil {
		return nil, err
	}
	t.recordExports(pkgs)
	s := newSet(key, k, requirements(goMod), pkgs)
	if k == Race {
		s.libgcc = t.keepLibGCC(ctx)
	}
	if err := t.saveSet(s); err != nil {
		return nil, err
	}
	t.sweepSets()
	now.Done = now.Total
	progress(now)
	return s, nil
}

// wanted leaves out what the standard library has for itself alone: internal
// packages that no other needs, such as those of its own tests.
func wanted(all []*listed, patterns []string) (out []*listed) {
	needed := map[string]bool{}
	for _, p := range patterns {
		needed[p] = true
	}
	for _, l := range slices.Backward(all) { // dependencies come before what imports them
		if l.Standard && !importable(l.ImportPath) && !needed[l.ImportPath] {
			continue
		}
		for _, imp := range l.Imports {
			if mapped := l.ImportMap[imp]; mapped != "" {
				imp = mapped
			}
			needed[imp] = true
		}
		out = append(out, l)
	}
	slices.Reverse(out)
	return out
}

// keepLibGCC keeps the support library of the C compiler. The race detector
// calls it, and the linker would run the compiler each time to find it; this
// way race programs link where the compiler is gone, in an image say.
func (t *Toolchain) keepLibGCC(ctx context.Context) *pkg {
	cc := strings.Fields(t.env.cc)
	if len(cc) == 0 {
		return nil
	}
	path, err := exec.LookPath(cc[0])
	if err != nil {
		return nil
	}
	out, err := run(ctx, process{path: path, args: append(cc[1:], "--print-libgcc-file-name"), env: t.env.outer})
	if err != nil {
		t.log.Info("the C compiler does not name its support library", "err", err)
		return nil
	}
	p := &pkg{Path: "libgcc"}
	if p.Hash, p.Size, p.CRC, err = t.store.put(strings.TrimSpace(string(out.stdout))); err != nil {
		t.log.Info("keeping the C compiler's support library", "err", err)
		return nil
	}
	return p
}

// needed says whether some other package imports path.
func (t *Toolchain) needed(path string, pkgs []*pkg) bool {
	return slices.ContainsFunc(pkgs, func(p *pkg) bool { return slices.Contains(p.Imports, path) })
}

// recordExports writes down what packages export that share their name, so
// that rand.IntN finds math/rand/v2 without reading an archive.
func (t *Toolchain) recordExports(pkgs []*pkg) {
	for _, list := range index(pkgs) {
		if len(list) < 2 {
			continue
		}
		for _, p := range list {
			if err := t.readExports(p); err != nil {
				t.log.Warn("an index entry is missing", "package", p.Path, "err", err)
			}
		}
	}
}

func (t *Toolchain) readExports(p *pkg) error {
	path, err := t.store.check(p)
	if err != nil {
		return err
	}
	types, err := newImporter().read(path, p.Path)
	if err != nil {
		return err
	}
	p.Exports = []string{}
	for _, name := range types.Scope().Names() { // sorted
		if types.Scope().Lookup(name).Exported() {
			p.Exports = append(p.Exports, name)
		}
	}
	return nil
}
