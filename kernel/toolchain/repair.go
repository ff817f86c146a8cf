package toolchain

import (
	"context"
	"fmt"
	"path/filepath"
)

// repair makes archives again that are damaged or gone. The go command's cache
// mostly still has them, and compiling is deterministic: then nothing but the
// files changes, and who holds the set goes on. Otherwise the set is made
// anew.
func (t *Toolchain) repair(ctx context.Context, k Kind) error {
	if _, err := t.folders(); err != nil {
		return err
	}
	if s := t.set(k); s != nil {
		mended, err := t.mend(ctx, s)
		if err != nil {
			return fmt.Errorf("mending damaged packages: %w", err)
		}
		if mended {
			return nil
		}
	}
	t.mu.Lock()
	t.sets[k] = nil
	t.mu.Unlock()
	return t.Prepare(ctx, k, nil)
}

// mend says whether all archives of s are sound now.
func (t *Toolchain) mend(ctx context.Context, s *set) (bool, error) {
	if err := t.gates[s.kind].enter(ctx); err != nil {
		return false, err
	}
	defer t.gates[s.kind].leave()
	unlock, err := lock(ctx, filepath.Join(t.dir, "sets", s.key+".lock"), nil)
	if err != nil {
		return false, err
	}
	defer unlock()
	var paths []string
	for _, p := range s.sorted() {
		if p.Hash != "" {
			if _, err := t.store.check(p); err != nil {
				paths = append(paths, p.Path)
			}
		}
	}
	if s.libgcc != nil {
		if _, err := t.store.check(s.libgcc); err != nil {
			return false, nil
		}
	}
	if len(paths) == 0 {
		return true, nil // somebody else was quicker
	}
	dir, err := t.newTemp()
	if err != nil {
		return false, err
	}
	defer dir.remove()
	if err := t.writeModule(dir.path, s); err != nil {
		return false, err
	}
	all, err := t.list(ctx, request{dir: dir.path, kind: s.kind, patterns: paths, export: true})
	if err != nil {
		return false, err
	}
	lost := map[string]bool{}
	for _, path := range paths {
		lost[path] = true
	}
	for _, l := range all {
		if !lost[l.ImportPath] || l.Export == "" {
			continue
		}
		hash, _, _, err := t.store.put(l.Export)
		if err != nil {
			return false, err
		}
		if hash == s.pkgs[l.ImportPath].Hash {
			delete(lost, l.ImportPath)
		}
	}
	return len(lost) == 0, nil
}
