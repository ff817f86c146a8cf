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

// TestInputInJupyterLab runs a program that reads as it would in a terminal, in
// a real JupyterLab: a box appears with the prompt, what is typed there reaches
// the program, and the page shows prompt and answer once. GOPARK_SCREENSHOTS
// names a folder to keep the pictures in.
func TestInputInJupyterLab(t *testing.T) {
	b := setUp(t, "gopark")
	needBrowser(t)
	shots := screenshots(t)
	dir := t.TempDir()
	code := "%%\nin := bufio.NewScanner(os.Stdin)\nfmt.Print(\"name? \")\nin.Scan()\nfmt.Println(\"hello,\", in.Text())\nfmt.Print(\"age? \")\nin.Scan()\nfmt.Println(\"so\", in.Text())"
	ours := strings.Replace(notebookOf(cell{"code", "", code}), `],"metadata":{}`, `],"metadata":{"kernelspec":{"name":"gopark","display_name":"Go (gopark)","language":"go"}}`, 1)
	if err := os.WriteFile(filepath.Join(dir, "input.ipynb"), []byte(ours), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	page := openLab(ctx, t, b, dir)
	if err := page.Notebook(ctx, "input.ipynb"); err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() {
		_, err := page.RunAll(ctx)
		ran <- err
	}()
	for _, q := range []struct{ prompt, answer string }{{"name?", "Ada"}, {"age?", "36"}} {
		box(ctx, t, page, q.prompt)
		if err := page.Screenshot(ctx, filepath.Join(shots, "input-"+strings.Trim(q.prompt, "?")+".png"), false); err != nil {
			t.Error(err)
		}
		if _, err := browser.Eval[bool](ctx, page, `Array.from(document.querySelectorAll(".jp-Stdin-input")).pop().focus(), true`); err != nil {
			t.Fatal(err)
		}
		for _, key := range q.answer + "\r" {
			if err := page.Press(ctx, string(key)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := <-ran; err != nil {
		cells, _ := page.Cells(t.Context())
		t.Fatalf("%v: %+v", err, cells)
	}
	cells, err := page.Cells(ctx)
	if err != nil || len(cells) != 1 {
		t.Fatalf("%d cells (%v)", len(cells), err)
	}
	shown := ""
	for _, o := range cells[0].Outputs {
		shown += o.Text
	}
	if got := strings.Join(strings.Fields(shown), " "); got != "name? Ada hello, Ada age? 36 so 36" {
		t.Errorf("the page shows %q", shown)
	}
}

// box waits until there is a box to type into, with that prompt.
func box(ctx context.Context, t *testing.T, page *browser.Page, prompt string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		// A box that was answered may stay for a moment.
		got, err := browser.Eval[string](ctx, page, `Array.from(document.querySelectorAll(".jp-Stdin")).filter(e => e.querySelector("input")).map(e => e.textContent).pop() || ""`)
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(got) == prompt {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the box asks %q, and not %q", got, prompt)
		}
	}
}
