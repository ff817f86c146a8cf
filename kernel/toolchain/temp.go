package toolchain

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// A tempDir is the folder of one build. Its flock says that its owner lives,
// so that the next start can remove what a killed kernel left.
type tempDir struct {
	path string
	held *os.File
}

func (t *Toolchain) newTemp() (*tempDir, error) {
	path, err := os.MkdirTemp(filepath.Join(t.dir, "tmp"), "b")
	if errors.Is(err, fs.ErrNotExist) {
		if _, err = t.folders(); err == nil {
			path, err = os.MkdirTemp(filepath.Join(t.dir, "tmp"), "b")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("making a temporary folder: %w", err)
	}
	d := &tempDir{path: path}
	if d.held, err = os.Open(path); err != nil {
		os.RemoveAll(path)
		return nil, fmt.Errorf("making a temporary folder: %w", err)
	}
	tryLock(d.held)
	return d, nil
}

func (d *tempDir) join(name string) string { return filepath.Join(d.path, name) }

func (d *tempDir) remove() {
	os.RemoveAll(d.path)
	d.held.Close()
}

// tempGrace is how long a folder is left alone: between its making and its
// lock it looks abandoned.
const tempGrace = time.Minute

// sweepTemp removes folders of builds whose owners died.
func sweepTemp(dir string, log *slog.Logger) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if old, err := age(path); err != nil || old < tempGrace {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if tryLock(f) {
			log.Debug("removing what a build left", "path", path)
			os.RemoveAll(path)
		}
		f.Close()
	}
}
