package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrMissing is wrapped by the errors that say that something which a browser
// test needs is not on this machine. Tests skip on it, loudly.
var ErrMissing = errors.New("a browser test needs it")

// Find returns the path of Chromium or Chrome.
func Find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("neither chromium nor google-chrome is installed: run lab/browser.sh (%w)", ErrMissing)
}

// Venv returns the Python environment that holds JupyterLab: what GOPARK_VENV
// names, or else .venv at the root of the module that the test is in.
func Venv() (string, error) {
	venv := os.Getenv("GOPARK_VENV")
	if venv == "" {
		root, err := moduleRoot()
		if err != nil {
			return "", err
		}
		venv = filepath.Join(root, ".venv")
	}
	if _, err := os.Stat(filepath.Join(venv, "bin", "jupyter-lab")); err != nil {
		return "", fmt.Errorf("JupyterLab is not in %s: run lab/setup.sh, or set GOPARK_VENV (%w)", venv, ErrMissing)
	}
	return venv, nil
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("there is no go.mod above the working directory (%w)", ErrMissing)
		}
		dir = parent
	}
}
