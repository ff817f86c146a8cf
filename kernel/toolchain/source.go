package toolchain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// source is the module gopark on disk.
type source struct {
	hash      string
	dir       string
	goVersion string   // its go line, without "go"
	packages  []string // import paths, sorted
	gosum     []byte
}

// modulePath is the module that the course's cells import from.
const modulePath = "gopark"

// extract writes the module below the cache, under the hash of its content,
// and mends what somebody changed there. Tests and everything but go.mod,
// go.sum and helpers stay out, so that they change no hash.
func extract(module fs.FS, cacheDir string) (source, error) {
	files := map[string][]byte{}
	var s source
	add := func(name string) error {
		data, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		files[name] = data
		return nil
	}
	if err := add("go.mod"); err != nil {
		return s, fmt.Errorf("the course's module: %w", err)
	}
	if err := add("go.sum"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("the course's module: %w", err)
	}
	err := fs.WalkDir(module, "helpers", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == "helpers" && errors.Is(err, fs.ErrNotExist) {
				return fs.SkipAll
			}
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(base, "_test.go") || !d.Type().IsRegular() {
			return nil
		}
		if strings.HasSuffix(base, ".go") {
			s.packages = append(s.packages, path.Join(modulePath, path.Dir(name)))
		}
		return add(name)
	})
	if err != nil {
		return s, fmt.Errorf("the course's module: %w", err)
	}
	slices.Sort(s.packages)
	s.packages = slices.Compact(s.packages)
	s.gosum = files["go.sum"]
	s.goVersion = goLine(files["go.mod"])

	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%s %d\n", name, len(files[name]))
		h.Write(files[name])
	}
	s.hash = hex.EncodeToString(h.Sum(nil))
	s.dir = filepath.Join(cacheDir, "modules", s.hash[:16])
	for _, name := range names {
		file := filepath.Join(s.dir, filepath.FromSlash(name))
		if have, err := os.ReadFile(file); err == nil && bytes.Equal(have, files[name]) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return s, fmt.Errorf("extracting the course's module: %w", err)
		}
		err := writeFile(file, files[name], 0o444)
		if err == nil {
			err = os.Chtimes(file, extracted, extracted)
		}
		if err != nil {
			return s, fmt.Errorf("extracting the course's module: %w", err)
		}
	}
	return s, nil
}

// extracted is the date of every file of the course's module. The go command keeps
// an index of each folder that it looks into, named by the dates in it, and none
// of a folder whose files are younger than two seconds: with one date for good it
// makes each index once, and the same one on every machine.
var extracted = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// goLine finds the version in a go.mod's go line.
func goLine(gomod []byte) string {
	for line := range strings.Lines(string(gomod)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "go" {
			return f[1]
		}
	}
	return ""
}

// writeFile writes aside and renames: a reader sees the old or the new.
func writeFile(name string, data []byte, perm fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after the rename
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(perm)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
