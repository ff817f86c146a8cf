package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopark/internal/browser"
	"gopark/kernel/notebook"
)

// TestCourseInJupyterLab opens every notebook of the course in a real
// JupyterLab in a real browser, runs all of its cells on our kernel, and finds
// every chart drawn, in the light and in the dark theme. GOPARK_SCREENSHOTS
// names a folder to keep the pictures in.
func TestCourseInJupyterLab(t *testing.T) {
	b := setUp(t, "gopark")
	needBrowser(t)
	paths, err := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d notebooks (%v)", len(paths), err)
	}
	// Copies: a learner's run saves, a test's must not.
	dir := t.TempDir()
	others, _ := filepath.Glob(filepath.Join(root, "notebooks", "*.md"))
	for _, p := range append(others, paths...) {
		data, err := os.ReadFile(p)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(p)), data, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	shots := screenshots(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	page := openLab(ctx, t, b, dir)
	for _, p := range paths {
		name := filepath.Base(p)
		t.Run(name, func(t *testing.T) {
			if err := page.Theme(ctx, false); err != nil {
				t.Fatal(err)
			}
			if err := page.Notebook(ctx, name); err != nil {
				t.Fatal(err)
			}
			if _, err := page.RunAll(ctx); err != nil {
				t.Fatal(err)
			}
			checkRun(t, p, settled(ctx, t, page))
			for _, dark := range []bool{false, true} {
				theme := map[bool]string{false: "light", true: "dark"}[dark]
				if err := page.Theme(ctx, dark); err != nil {
					t.Fatal(err)
				}
				charts, err := page.Charts(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if charts.Drawn != charts.Wanted || len(charts.Refused) > 0 {
					t.Errorf("%s: %d of %d charts drawn, refused: %q", theme, charts.Drawn, charts.Wanted, charts.Refused)
				}
				if err := page.Screenshot(ctx, filepath.Join(shots, strings.TrimSuffix(name, ".ipynb")+"-"+theme+".png"), true); err != nil {
					t.Error(err)
				}
				t.Logf("%s: %d charts", theme, charts.Drawn)
			}
			if errs := page.Errors(); len(errs) > 0 {
				t.Errorf("the page says: %q", errs)
			}
			if err := page.CloseNotebook(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// needBrowser skips a test where there is no browser.
func needBrowser(t *testing.T) {
	t.Helper()
	if _, err := browser.Find(); errors.Is(err, browser.ErrMissing) {
		t.Skipf("SKIPPED: nothing was opened in a browser: %v", err)
	}
}

// screenshots is the folder for pictures.
func screenshots(t *testing.T) string {
	if shots := os.Getenv("GOPARK_SCREENSHOTS"); shots != "" {
		return shots
	}
	return t.TempDir()
}

// openLab shows a JupyterLab on a folder until the test ends.
func openLab(ctx context.Context, t *testing.T, b *bench, dir string, args ...string) *browser.Page {
	t.Helper()
	_, page := browser.Show(ctx, t, dir, b.venv, args...)
	return page
}

// settled waits until all code cells have run. JupyterLab calls a run done when
// the first cell has failed, also one whose tag lets the others go on.
func settled(ctx context.Context, t *testing.T, page *browser.Page) []browser.Cell {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	// A busy machine takes its time: a minute for each cell.
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	left := -1
	for {
		cells, err := page.Cells(ctx)
		if err != nil {
			t.Fatal(err)
		}
		waiting := 0
		for _, c := range cells {
			if c.Type == "code" && strings.TrimSpace(c.Source) != "" && c.Count == 0 {
				waiting++
			}
		}
		if waiting == 0 {
			return cells
		}
		if waiting != left {
			left = waiting
			patience.Reset(time.Minute)
		}
		select {
		case <-tick.C:
		case <-patience.C:
			return cells // checkRun names those that did not run
		case <-ctx.Done():
			t.Fatal(context.Cause(ctx))
		}
	}
}

// checkRun compares what ran with what the notebook promises: all of it, and no
// error but where one is the lesson.
func checkRun(t *testing.T, path string, cells []browser.Cell) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	nb, err := notebook.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(cells) != len(nb.Cells) {
		t.Fatalf("%d cells on the page, %d in the file", len(cells), len(nb.Cells))
	}
	for i, c := range cells {
		if c.Type != "code" || strings.TrimSpace(c.Source) == "" {
			continue
		}
		failed := slices.ContainsFunc(c.Outputs, func(o browser.Output) bool { return o.OutputType == "error" })
		lesson := nb.Cells[i].HasTag(notebook.TagRaises)
		if c.Count == 0 {
			t.Errorf("cell %s did not run", nb.Cells[i].ID)
		}
		if failed != lesson {
			t.Errorf("cell %s: failed: %v, a lesson in failing: %v: %+v", nb.Cells[i].ID, failed, lesson, c.Outputs)
		}
	}
}
