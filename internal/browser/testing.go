//go:build unix

package browser

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Require returns the Python environment for a test in a browser. Where that or
// the browser is missing, it skips the test and says what to do.
func Require(t testing.TB) (venv string) {
	t.Helper()
	venv, err := Venv()
	if err == nil {
		_, err = Find()
	}
	if errors.Is(err, ErrMissing) {
		t.Skip("SKIPPED:", err)
	} else if err != nil {
		t.Fatal(err)
	}
	return venv
}

// Show starts a JupyterLab on a folder, as StartLab does, and opens it, until the
// test ends.
func Show(ctx context.Context, t testing.TB, dir, venv string, extra ...string) (*Lab, *Page) {
	t.Helper()
	lab, err := StartLab(ctx, dir, venv, extra...)
	return lab, opened(ctx, t, lab, err, (*Lab).Open)
}

// ShowNotebook does the same with Notebook 7 and one notebook of the folder.
func ShowNotebook(ctx context.Context, t testing.TB, dir, venv, name string, extra ...string) (*Lab, *Page) {
	t.Helper()
	lab, err := StartNotebook(ctx, dir, venv, extra...)
	return lab, opened(ctx, t, lab, err, func(l *Lab, ctx context.Context) (*Page, error) { return l.OpenNotebook(ctx, name) })
}

func opened(ctx context.Context, t testing.TB, lab *Lab, err error, open func(*Lab, context.Context) (*Page, error)) *Page {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Close(); err != nil {
			t.Error(err)
		}
	})
	page, err := open(lab, ctx)
	if err != nil {
		t.Fatalf("%v\n%s", err, lab.Log())
	}
	t.Cleanup(page.Close)
	return page
}

// Keep writes what the page shows to NAME.png in the folder that
// GOPARK_SCREENSHOTS names; without it, it does nothing. full is that of
// Screenshot.
func Keep(ctx context.Context, t testing.TB, p *Page, name string, full bool) {
	t.Helper()
	dir := os.Getenv("GOPARK_SCREENSHOTS")
	if dir == "" {
		return
	}
	if err := p.Screenshot(ctx, filepath.Join(dir, name+".png"), full); err != nil {
		t.Error(err)
	}
}
