package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopark/internal/browser"
)

// TestFrontEnds drives the kernel through jupyter console, nbconvert, papermill,
// nbmake, jupytext and jupyter execute.
func TestFrontEnds(t *testing.T) {
	b := setUp(t, "gopark")
	b.useFrontEnds()
	b.script("frontends.py", b.gopark)
}

// useFrontEnds makes the tools of lab/requirements-frontends.txt the test's
// Python; the kernelspec stays where it is installed. They are a stage of their
// own, and their test is skipped where it could not be made.
func (b *bench) useFrontEnds() {
	b.t.Helper()
	venv := os.Getenv("GOPARK_FRONTENDS_VENV")
	if venv == "" {
		venv = b.venv + "-frontends"
	}
	if _, err := os.Stat(filepath.Join(venv, ".frontends")); err != nil {
		b.t.Skipf("SKIPPED: no front ends to test with: %v: run `lab/setup.sh %s frontends`", err, venv)
	}
	b.env = append(b.env, "JUPYTER_PATH="+filepath.Join(b.venv, "share", "jupyter"),
		"PATH="+filepath.Join(venv, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	b.venv, b.python = venv, filepath.Join(venv, "bin", "python")
}

// TestNotebook7 opens a page of the course in Notebook 7, runs all of it, and
// finds every chart drawn in both themes.
func TestNotebook7(t *testing.T) {
	b := setUp(t, "gopark")
	needBrowser(t)
	share := filepath.Join(b.venv, "share", "jupyter")
	b.useFrontEnds()
	t.Setenv("JUPYTER_PATH", share)
	const name = "00-start-here.ipynb"
	source := filepath.Join(root, "notebooks", name)
	data, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	_, page := browser.ShowNotebook(ctx, t, dir, b.venv, name)
	if _, err := page.RunAll(ctx); err != nil {
		t.Fatal(err)
	}
	checkRun(t, source, settled(ctx, t, page))
	for _, dark := range []bool{false, true} {
		if err := page.Theme(ctx, dark); err != nil {
			t.Fatal(err)
		}
		charts, err := page.Charts(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if charts.Wanted == 0 || charts.Drawn != charts.Wanted || len(charts.Refused) > 0 {
			t.Errorf("dark %v: %d of %d charts drawn, refused: %q", dark, charts.Drawn, charts.Wanted, charts.Refused)
		}
		file := map[bool]string{false: "notebook7-light.png", true: "notebook7-dark.png"}[dark]
		if err := page.Screenshot(ctx, filepath.Join(screenshots(t), file), false); err != nil {
			t.Error(err)
		}
	}
	for _, err := range page.Errors() {
		// Notebook 7.6.5 says this of its own settings, without our extension too.
		if !strings.Contains(err, "reading 'schema'") {
			t.Errorf("the page says: %s", err)
		}
	}
}
