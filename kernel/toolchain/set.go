package toolchain

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// pkg is one compiled package of a set.
type pkg struct {
	Path    string
	Name    string   `json:",omitempty"`
	Std     bool     `json:",omitempty"`
	Hash    string   `json:",omitempty"` // of the archive; empty for unsafe and for broken packages
	Size    int64    `json:",omitempty"`
	CRC     uint32   `json:",omitempty"`
	Imports []string `json:",omitempty"` // paths as they are in the set: std's vendored ones have vendor/ before them
	Exports []string `json:",omitempty"` // exported names, for packages that share their name with another
	Broken  string   `json:",omitempty"` // why there is no archive, in the go command's words
	Local   bool     `json:",omitempty"` // of a module replaced by a folder that is not ours: its source may change
}

// A set is a closed collection of compiled packages: with each package it has
// all that it imports. It never changes.
type set struct {
	key    string
	kind   Kind
	goMod  []byte // what the go command made of the go.mod while the set was prepared
	pkgs   map[string]*pkg
	names  map[string][]*pkg // importable packages by package name, best first
	hashes map[string][sha256.Size]byte
	libgcc *pkg // race only: the C compiler's support library, or nil
}

// setFile is a set on disk. It holds no dates and no paths of the cache, and
// is sorted, so that the same packages make the same bytes.
type setFile struct {
	Format   int
	Go       string
	Kind     string
	GoMod    string `json:",omitempty"`
	LibGCC   *pkg   `json:",omitempty"`
	Packages []*pkg
}

const setFormat = 3

func newSet(key string, kind Kind, goMod []byte, pkgs []*pkg) *set {
	s := &set{key: key, kind: kind, goMod: goMod, pkgs: make(map[string]*pkg, len(pkgs))}
	for _, p := range pkgs {
		s.pkgs[p.Path] = p
	}
	s.names = index(pkgs)
	s.hashes = make(map[string][sha256.Size]byte, len(pkgs))
	for _, p := range pkgs {
		s.hashOf(p.Path)
	}
	return s
}

// hashOf is the hash of a package's archive and of all that it links in.
func (s *set) hashOf(path string) [sha256.Size]byte {
	if h, ok := s.hashes[path]; ok {
		return h
	}
	p := s.pkgs[path]
	if p == nil {
		return [sha256.Size]byte{}
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", p.Path, p.Hash)
	for _, imp := range p.Imports {
		sum := s.hashOf(imp)
		h.Write(sum[:])
	}
	sum := [sha256.Size]byte(h.Sum(nil))
	s.hashes[path] = sum
	return sum
}

// with is s with packages added or replaced.
func (s *set) with(extra []*pkg) *set {
	if len(extra) == 0 {
		return s
	}
	replaced := map[string]bool{}
	for _, p := range extra {
		replaced[p.Path] = true
	}
	all := slices.Clone(extra)
	for _, p := range s.pkgs {
		if !replaced[p.Path] {
			all = append(all, p)
		}
	}
	n := newSet(s.key, s.kind, s.goMod, all)
	n.libgcc = s.libgcc
	return n
}

// closure lists what a program that imports roots is linked from, sorted.
// Broken or missing packages end it with an error.
func (s *set) closure(roots []string) ([]*pkg, error) {
	seen := map[string]bool{}
	var out []*pkg
	var visit func(path string) error
	visit = func(path string) error {
		if seen[path] {
			return nil
		}
		seen[path] = true
		p := s.pkgs[path]
		if p == nil {
			return fmt.Errorf("package %s is not in the set", path)
		}
		if p.Broken != "" {
			return &PackageError{Path: path, Text: p.Broken}
		}
		if p.Hash != "" {
			out = append(out, p)
		}
		for _, imp := range p.Imports {
			if err := visit(imp); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range roots {
		if err := visit(r); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, byPath)
	return out, nil
}

// linked are the packages that the linker adds to every program.
func linked(k Kind) []string {
	if k == Race {
		return []string{"runtime", "runtime/race", "runtime/cgo"}
	}
	return []string{"runtime"}
}

func (s *set) broken() []*PackageError {
	var out []*PackageError
	for _, p := range s.pkgs {
		if p.Broken != "" {
			out = append(out, &PackageError{Path: p.Path, Text: p.Broken})
		}
	}
	slices.SortFunc(out, func(a, b *PackageError) int { return compare(a.Path, b.Path) })
	return out
}

func (s *set) sorted() []*pkg {
	out := make([]*pkg, 0, len(s.pkgs))
	for _, p := range s.pkgs {
		out = append(out, p)
	}
	slices.SortFunc(out, byPath)
	return out
}

func byPath(a, b *pkg) int { return compare(a.Path, b.Path) }

func (t *Toolchain) setPath(key string) string {
	return filepath.Join(t.dir, "sets", key+".json")
}

func (t *Toolchain) saveSet(s *set) error {
	data, err := json.Marshal(setFile{
		Format: setFormat, Go: t.env.version, Kind: s.kind.String(), GoMod: string(s.goMod),
		LibGCC: s.libgcc, Packages: s.sorted(),
	})
	if err != nil {
		return err
	}
	return writeFile(t.setPath(s.key), data, 0o644)
}

var errIncomplete = errors.New("archives are missing")

// loadSet reads a set and makes sure that its archives are there.
func (t *Toolchain) loadSet(path, key string, k Kind) (*set, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f setFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if f.Format != setFormat {
		return nil, fmt.Errorf("%s: format %d", path, f.Format)
	}
	for _, p := range f.Packages {
		if p.Hash != "" && !t.store.present(p) {
			return nil, fmt.Errorf("%s: %s: %w", path, p.Path, errIncomplete)
		}
	}
	if f.LibGCC != nil && !t.store.present(f.LibGCC) {
		return nil, fmt.Errorf("%s: %s: %w", path, f.LibGCC.Path, errIncomplete)
	}
	if old, err := age(path); err == nil && old > 24*time.Hour {
		os.Chtimes(path, time.Time{}, time.Now()) // in use: see sweepSets
	}
	s := newSet(key, k, []byte(f.GoMod), f.Packages)
	s.libgcc = f.LibGCC
	return s, nil
}

// sweepSets forgets sets that nobody loaded for a month, of an older Go or an
// older course, and then the archives that only they named.
func (t *Toolchain) sweepSets() {
	keep := map[string]bool{}
	files, _ := filepath.Glob(filepath.Join(t.dir, "sets", "*.json"))
	for _, file := range files {
		if old, err := age(file); err == nil && old > 30*24*time.Hour {
			os.Remove(file)
			continue
		}
		data, err := os.ReadFile(file)
		var f setFile
		if err != nil || json.Unmarshal(data, &f) != nil {
			continue
		}
		for _, p := range f.Packages {
			keep[p.Hash] = true
		}
		if f.LibGCC != nil {
			keep[f.LibGCC.Hash] = true
		}
	}
	t.store.sweep(keep)
}
