package toolchain

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDamagedArchive(t *testing.T) {
	tc := prepared(t, Normal)
	const text = `package main; import ("gopark/helpers/deep"; "container/ring"); func main() { println(deep.Answer(), ring.New(2).Len()) }`
	file := func(t *testing.T, tc *Toolchain) string {
		path, err := tc.store.check(tc.set(Normal).pkgs["gopark/helpers/deep"])
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	// The archive's middle is object code or export data, its start the header.
	harms := []struct {
		name string
		do   func(path string) error
	}{
		{"deleted", os.Remove},
		{"truncated", func(p string) error { return os.Truncate(p, 100) }},
		{"header", func(p string) error { return flip(p, 2) }},
		{"export data", func(p string) error {
			// While it is in use, only a file with another date is read again.
			return errors.Join(flip(p, 200), os.Chtimes(p, time.Time{}, time.Now()))
		}},
	}
	for _, h := range harms {
		for _, same := range []bool{true, false} {
			name := h.name + ", new kernel"
			if same {
				name = h.name + ", same kernel"
			}
			t.Run(name, func(t *testing.T) {
				tc := tc
				if err := h.do(file(t, tc)); err != nil {
					t.Fatal(err)
				}
				if !same {
					tc = prepared(t, Normal)
				}
				m := newModule(t, tc)
				if _, err := m.Import("gopark/helpers/deep"); err != nil {
					t.Error(err)
				}
				bin := build(t, m, unique(text), Config{})
				out, _ := execute(t, bin.Path)
				mustContain(t, out, "42 2")
				file(t, prepared(t, Normal)) // it is sound again
			})
		}
	}
	t.Run("go cache too", func(t *testing.T) {
		// Nobody has the archive any more: it is compiled again.
		path := file(t, tc)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		hash := strings.TrimSuffix(info.Name(), ".a")
		os.Remove(filepath.Join(tc.env.all["GOCACHE"], hash[:2], hash+"-d"))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		out, _ := execute(t, build(t, newModule(t, tc), unique(text), Config{}).Path)
		mustContain(t, out, "42 2")
	})
	t.Run("set", func(t *testing.T) {
		if err := os.Truncate(tc.setPath(tc.setKey(Normal)), 1000); err != nil {
			t.Fatal(err)
		}
		build(t, newModule(t, prepared(t, Normal)), unique(text), Config{})
	})
	t.Run("module", func(t *testing.T) {
		source := filepath.Join(tc.source.dir, "helpers", "deep", "deep.go")
		if err := os.Chmod(source, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(source, []byte("package deep\nbroken"), 0o600); err != nil {
			t.Fatal(err)
		}
		prepared(t)
		text, err := os.ReadFile(source)
		if err != nil || !bytes.Equal(text, course()["helpers/deep/deep.go"].Data) {
			t.Errorf("the module's source is %q, %v", text, err)
		}
	})
}

// Folders of a build whose kernel was killed go away at the next start; those
// of a living one stay.
func TestSweepTemp(t *testing.T) {
	tc := open(t, Options{CacheDir: t.TempDir()})
	alive, err := tc.newTemp()
	if err != nil {
		t.Fatal(err)
	}
	defer alive.remove()
	dead := filepath.Join(tc.dir, "tmp", "b1")
	young := filepath.Join(tc.dir, "tmp", "b2")
	future := filepath.Join(tc.dir, "tmp", "b3")
	for _, dir := range []string{dead, young, future} {
		if err := os.MkdirAll(filepath.Join(dir, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-time.Hour)
	for _, dir := range []string{dead, alive.path} {
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
	}
	later := time.Now().Add(1000 * time.Hour)
	if err := os.Chtimes(future, later, later); err != nil {
		t.Fatal(err)
	}
	open(t, Options{CacheDir: tc.dir})
	if info, err := os.Stat(future); err != nil || time.Until(info.ModTime()) > time.Minute {
		t.Errorf("a folder from the future keeps its date, and stays until then: %v", err)
	}
	for dir, want := range map[string]bool{dead: false, young: true, alive.path: true} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", dir, err == nil, want)
		}
	}
}

func TestSweepArchives(t *testing.T) {
	s := newStore(t.TempDir(), nil)
	put := func(text string, age time.Duration) *pkg {
		in := filepath.Join(t.TempDir(), "in")
		if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p := &pkg{Path: text}
		var err error
		if p.Hash, p.Size, p.CRC, err = s.put(in); err != nil {
			t.Fatal(err)
		}
		path, err := s.check(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	const month = 30 * 24 * time.Hour
	kept, fresh, old := put("kept", month), put("fresh", time.Hour), put("old", month)
	if err := s.sweep(map[string]bool{kept.Hash: true}); err != nil {
		t.Fatal(err)
	}
	if !s.present(kept) || !s.present(fresh) || s.present(old) {
		t.Errorf("kept %v, fresh %v, old %v", s.present(kept), s.present(fresh), s.present(old))
	}
}
