package e2e

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopark/internal/browser"
)

// TestCompletionInJupyterLab presses Tab and Shift-Tab in a real JupyterLab, in
// the light and in the dark theme. GOPARK_SCREENSHOTS names a folder to keep the
// pictures in.
func TestCompletionInJupyterLab(t *testing.T) {
	b := setUp(t, "gopark")
	needBrowser(t)
	dir := t.TempDir()
	const empty = `{"cells": [` +
		`{"cell_type": "code", "id": "a", "metadata": {}, "source": "// Fetch gets what is at url.\nfunc Fetch(url string) ([]byte, error) { return nil, nil }\n\n` +
		`// Evil is <img src=x onerror='window.fired=1'><script>window.fired=1</script> [it].\n//\n// [it]: javascript:window.fired=1\nvar Evil = \"<svg onload='window.fired=1'>\"", "outputs": [], "execution_count": null},` +
		`{"cell_type": "code", "id": "b", "metadata": {}, "source": "", "outputs": [], "execution_count": null}` +
		`], "metadata": {"kernelspec": {"name": "gopark", "display_name": "Go (gopark)", "language": "go"}}, "nbformat": 4, "nbformat_minor": 5}`
	if err := os.WriteFile(filepath.Join(dir, "empty.ipynb"), []byte(empty), 0o666); err != nil {
		t.Fatal(err)
	}
	shots := screenshots(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	settings, err := filepath.Abs(filepath.Join(root, "lab"))
	if err != nil {
		t.Fatal(err)
	}
	// With our settings: they show documentation beside the proposals.
	page := openLab(ctx, t, b, dir, "--LabApp.app_settings_dir="+settings)
	if err := page.Notebook(ctx, "empty.ipynb"); err != nil {
		t.Fatal(err)
	}
	if _, err := page.RunAll(ctx); err != nil {
		t.Fatal(err)
	}
	for _, dark := range []bool{false, true} {
		theme := map[bool]string{false: "light", true: "dark"}[dark]
		if err := page.Theme(ctx, dark); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name, text string
			want       browser.Proposal
			says       string // the panel, of the first proposal
			becomes    string // the cell, with the first proposal
		}{
			{"package", "%%\nfmt.Print", browser.Proposal{Text: "Println", Type: "func"}, "func fmt.Print(a ...any) (n int, err error)", "%%\nfmt.Print"},
			{"memory", "%%\nbody, err := Fe", browser.Proposal{Text: "Fetch", Type: "func"}, "Fetch gets what is at url.", "%%\nbody, err := Fetch"},
			{"astral", "%%\ns := \"😀😀\"; strings.Field", browser.Proposal{Text: "FieldsFunc", Type: "func"}, "Fields splits the string", "%%\ns := \"😀😀\"; strings.Fields"},
			{"command", "%r", browser.Proposal{Text: "%race", Type: "command"}, "race detector", "%race"},
		} {
			if err := page.Type(ctx, 1, test.text, len(utf16(test.text))); err != nil {
				t.Fatal(err)
			}
			got, err := page.Complete(ctx)
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			if !slices.Contains(got, test.want) {
				t.Errorf("%s: no %+v in %+v", test.name, test.want, got)
			}
			if text, err := page.Documented(ctx); err != nil || !strings.Contains(text, test.says) {
				t.Errorf("%s: beside it: %q, %v", test.name, text, err)
			}
			if err := page.Screenshot(ctx, filepath.Join(shots, "completion-"+test.name+"-"+theme+".png"), false); err != nil {
				t.Error(err)
			}
			// Enter takes the first, if the completer did not close meanwhile: for
			// that, a user would press Tab again.
			for tries := 1; ; tries++ {
				open, err := page.Completing(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if open {
					break
				}
				if tries == 3 {
					t.Fatalf("%s: the completer does not stay open", test.name)
				}
				t.Logf("%s: the completer has closed", test.name)
				if _, err := page.Complete(ctx); err != nil {
					t.Fatalf("%s: %v", test.name, err)
				}
			}
			if err := page.Press(ctx, "\r"); err != nil {
				t.Fatal(err)
			}
			awaitSource(ctx, t, page, test.becomes)
		}
		for _, test := range []struct{ name, text, want string }{
			{"function", "%%\nfmt.Println(", "Println formats using the default formats"},
			{"memory", "%%\nFetch(", "Fetch gets what is at url."},
			{"type", "%%\nvar wg sync.WaitGroup", "func (*sync.WaitGroup).Go(f func())"},
			{"evil", "%%\n_ = Evil", "<img src=x onerror="}, // as text
			{"command", "%race", "Watch this cell with the race detector"},
		} {
			if err := page.Type(ctx, 1, test.text, len(utf16(test.text))); err != nil {
				t.Fatal(err)
			}
			text, err := page.Tooltip(ctx)
			if err != nil || !strings.Contains(text, test.want) {
				t.Errorf("tooltip %s: %q, %v", test.name, text, err)
			}
			if err := page.Screenshot(ctx, filepath.Join(shots, "tooltip-"+test.name+"-"+theme+".png"), false); err != nil {
				t.Error(err)
			}
			if err := page.Press(ctx, "\u001b"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if fired, err := browser.Eval[bool](ctx, page, "window.fired !== undefined"); err != nil || fired {
		t.Errorf("a comment runs as a script: %v, %v", fired, err)
	}
	if errs := page.Errors(); len(errs) > 0 {
		t.Errorf("the page says: %q", errs)
	}
}

// utf16 is text as JavaScript counts it.
func utf16(text string) (units []rune) {
	for _, r := range text {
		units = append(units, r)
		if r >= 0x10000 {
			units = append(units, r)
		}
	}
	return units
}

func awaitSource(ctx context.Context, t *testing.T, page *browser.Page, want string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for {
		cells, err := page.Cells(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if cells[1].Source == want {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Errorf("the cell is %q, not %q", cells[1].Source, want)
			return
		}
	}
}
