//go:build unix

package explain_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"gopark/internal/browser"
	"gopark/kernel/explain"
)

// A labCell is a code cell of a notebook that nobody trusts yet.
type labCell struct {
	name, source string
	pages        []map[string]any
	failure      *explain.Failure
}

// TestInJupyterLab shows explanations in a real JupyterLab, in a notebook that
// nobody trusts: what its sanitiser takes away must be nothing. GOPARK_SCREENSHOTS
// names a folder in which to keep pictures.
func TestInJupyterLab(t *testing.T) {
	if testing.Short() || os.Getenv("GOPARK_E2E") == "" && os.Getenv("GOPARK_SCREENSHOTS") == "" {
		t.Skip("SKIPPED: a browser test takes half a minute; set GOPARK_E2E=1")
	}
	venv := browser.Require(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	l := newLab(t)
	cells := l.labCells(ctx, t)
	dir := t.TempDir()
	writeNotebook(t, filepath.Join(dir, "explanations.ipynb"), cells)
	_, page := browser.Show(ctx, t, dir, venv)
	if err := page.Notebook(ctx, "explanations.ipynb"); err != nil {
		t.Fatal(err)
	}
	for i, c := range cells {
		script := `(async () => {
			const panel = window.jupyterapp.shell.currentWidget;
			await panel.content.scrollToItem(` + jsonText(i) + `, 'start');
			await new Promise(resolve => setTimeout(resolve, 300));
			const node = panel.content.widgets[` + jsonText(i) + `].node;
			node.querySelector('.jp-Cell-outputWrapper').scrollIntoView();
			const html = [...node.querySelectorAll('.jp-RenderedHTML')];
			return { text: html.map(e => e.innerText).join('\n'), scripts: html.flatMap(e => [...e.querySelectorAll('script, iframe, object')]).length,
				pictures: html.flatMap(e => [...e.querySelectorAll('img')]).filter(e => e.complete && e.naturalWidth > 0).length,
				padded: html.every(e => getComputedStyle(e.firstElementChild).borderLeftWidth === '3px'), hacked: window.hacked ?? false };
		})()`
		type seen struct {
			Text              string
			Scripts, Pictures int
			Padded, Hacked    bool
		}
		got, err := browser.Eval[seen](ctx, page, script)
		if err != nil {
			t.Fatal(err)
		}
		wantPictures := 0
		for _, p := range c.pages {
			wantPictures += strings.Count(p["text/html"].(string), "<img ")
		}
		if got.Pictures != wantPictures || got.Scripts > 0 || got.Hacked || !got.Padded {
			t.Errorf("%s: %+v, want %d pictures", c.name, got, wantPictures)
		}
		if c.name == "hostile" && !strings.Contains(got.Text, "<script>window.hacked") {
			t.Errorf("the hostile text is not shown as text: %q", got.Text)
		}
		for _, dark := range []bool{false, true} {
			if err := page.Theme(ctx, dark); err != nil {
				t.Fatal(err)
			}
			if _, err := browser.Eval[seen](ctx, page, script); err != nil {
				t.Fatal(err)
			}
			browser.Keep(ctx, t, page, c.name+map[bool]string{false: "-light", true: "-dark"}[dark], false)
		}
	}
}

func jsonText(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// labCells are really run, but for what the watchdog and the leak profile tell.
func (l *lab) labCells(ctx context.Context, t *testing.T) (out []labCell) {
	for _, name := range []string{"nonblocking-traditional/locked-on-one-side-only", "uber-races/pointer-in-a-struct-sent-and-kept",
		"blocking-mutex/lock-order", "blocking-mutex/three-locks", "blocking-mutex/dining-philosophers", "blocking-wait/results-not-received",
		"blocking-mutex/double-lock", "blocking-channel/circle-of-three"} {
		group, program, _ := strings.Cut(name, "/")
		code := read(t, "testdata/faulty/"+group+".txtar", program)
		got := l.run(ctx, t, code)
		out = append(out, labCell{program, code, got.displays, got.failure})
	}
	code := read(t, "testdata/vet/vet.txtar", "cancel-on-one-way-only")
	out = append(out, labCell{"vet", code, l.run(ctx, t, code).displays, nil})
	code = read(t, "testdata/stuck/stuck.txtar", "two-locks-beside-a-server-proved")
	f, _ := explain.Stuck(leaked.ReplaceAllString(l.dump(ctx, t, code), "$1 (leaked)]"), 3*time.Second, numbered(code))
	out = append(out, labCell{"partial-deadlock", code, []map[string]any{f.Page.Bundle()}, f})
	code = read(t, "testdata/stuck/stuck.txtar", "first-result-leak")
	p := explain.Leaks(leaked.ReplaceAllString(l.dump(ctx, t, code), "$1 (leaked)]"), numbered(code))
	out = append(out, labCell{"leak", code, []map[string]any{p.Bundle()}, nil})
	code = `%race
type box struct{ n int }

%%
boxes := map[string]*box{"<script>window.hacked = true</script>": {}}
var wg sync.WaitGroup
for range 2 {
	wg.Go(func() { boxes["<script>window.hacked = true</script>"].n++ })
}
wg.Wait()`
	got := l.run(ctx, t, code)
	return append(out, labCell{"hostile", code, got.displays, got.failure})
}

func writeNotebook(t *testing.T, path string, cells []labCell) {
	t.Helper()
	var list []any
	for i, c := range cells {
		outputs := []any{}
		for _, p := range c.pages {
			outputs = append(outputs, map[string]any{"output_type": "display_data", "data": p, "metadata": map[string]any{}})
		}
		if f := c.failure; f != nil {
			outputs = append(outputs, map[string]any{"output_type": "error", "ename": f.Name, "evalue": f.Value, "traceback": f.Traceback})
		}
		list = append(list, map[string]any{"cell_type": "code", "id": "c" + jsonText(i), "metadata": map[string]any{},
			"execution_count": 4, "source": strings.TrimSpace(c.source), "outputs": outputs})
	}
	data, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": list})
	if err == nil {
		err = os.WriteFile(path, data, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// read is one program of an archive.
func read(t *testing.T, path, name string) string {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	t.Fatalf("%s has no %s", path, name)
	return ""
}
