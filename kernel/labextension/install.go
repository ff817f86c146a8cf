package labextension

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Install puts the extension where JupyterLab looks for it,
// <prefix>/share/jupyter/labextensions/gopark-chart, and replaces the one that
// is there. A running server needs no restart: it reads the folder whenever a
// page is loaded. prefix is usually that of a virtual environment.
//
// The folder is complete at every moment that another process can see it,
// except that for the blink between two renames it may be missing. When Install
// fails, the extension that was there is there still.
func Install(prefix string) error {
	files, err := Files()
	if err != nil {
		return err
	}
	return install(files, prefix)
}

func install(files fs.FS, prefix string) (err error) {
	parent := filepath.Join(prefix, "share", "jupyter", "labextensions")
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fmt.Errorf("install the lab extension: %w", err)
	}
	// Beside the target, since a rename works only within a file system, and
	// not in parent, where JupyterLab takes every folder for an extension.
	work, err := os.MkdirTemp(filepath.Dir(parent), ".gopark-chart-")
	if err != nil {
		return fmt.Errorf("install the lab extension: %w", err)
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(work))
	}()
	fresh, old := filepath.Join(work, "new"), filepath.Join(work, "old")
	if err := os.CopyFS(fresh, files); err != nil {
		return fmt.Errorf("install the lab extension: %w", err)
	}
	target := filepath.Join(parent, Name)
	if err := os.Rename(target, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("install the lab extension: %w", err)
	}
	if err := os.Rename(fresh, target); err != nil {
		if back := os.Rename(old, target); back != nil && !errors.Is(back, fs.ErrNotExist) {
			err = errors.Join(err, back)
		}
		return fmt.Errorf("install the lab extension: %w", err)
	}
	return nil
}
