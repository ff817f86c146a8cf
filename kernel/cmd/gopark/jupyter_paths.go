package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// A place is where an installation for Jupyter goes: a data folder, which holds
// kernels/ and labextensions/.
type place struct{ data string }

// ofPrefix is the place of an environment: a virtual environment, /usr/local.
func ofPrefix(prefix string) (place, error) {
	abs, err := filepath.Abs(prefix)
	return place{filepath.Join(abs, "share", "jupyter")}, err
}

// ofUser is the user's own place, as jupyter_core.paths.jupyter_data_dir has it.
func ofUser() (place, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return place{dir}, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return place{}, fmt.Errorf("where is your home folder? %w; name another place with --prefix", err)
	}
	if runtime.GOOS == "darwin" {
		return place{filepath.Join(home, "Library", "Jupyter")}, nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return place{filepath.Join(dir, "jupyter")}, nil
	}
	return place{filepath.Join(home, ".local", "share", "jupyter")}, nil
}

// ofActive is the place of the Python environment that is active in this shell.
func ofActive() (place, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := os.Getenv(name); prefix != "" {
			return ofPrefix(prefix)
		}
	}
	return place{}, wrongCall("no Python environment is active: activate one, or name it with --prefix")
}

func (p place) kernelspec() string { return filepath.Join(p.data, "kernels", kernelName) }

func (p place) labExtension(name string) string { return filepath.Join(p.data, "labextensions", name) }

// searched are the places where a Jupyter started from here looks, best first:
// JUPYTER_PATH, the user's, that of the active environment and of the jupyter
// in PATH, the system's.
func searched() []place {
	var all []place
	add := func(p place, err error) {
		if err == nil && p.data != "" && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("JUPYTER_PATH")) {
		add(place{dir}, nil)
	}
	add(ofUser())
	add(ofActive())
	if exe, err := exec.LookPath("jupyter"); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			add(ofPrefix(filepath.Dir(filepath.Dir(exe))))
		}
	}
	add(ofPrefix("/usr/local"))
	add(ofPrefix("/usr"))
	return all
}
