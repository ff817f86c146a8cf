package zmtptest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Python returns an interpreter that can import the given modules: the one
// that the environment variable GOPARK_PYTHON names, or else the one in .venv
// at the root of the repository. Without one the test is skipped, loudly,
// because only the real libzmq and jupyter_client prove the protocol.
func Python(t testing.TB, modules ...string) string {
	t.Helper()
	python := os.Getenv("GOPARK_PYTHON")
	if python == "" {
		python = filepath.Join(root(t), ".venv", "bin", "python")
	}
	imports := "import " + strings.Join(modules, ", ")
	if out, err := exec.Command(python, "-c", imports).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED AGAINST THE REAL %s: %s cannot %s (%v). "+
			"Set GOPARK_PYTHON to an interpreter that can. %s", strings.ToUpper(modules[0]), python, imports, err, out)
	}
	return python
}

// root returns the folder of go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}
