package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopark/internal/browser"
)

// reported are cells with what JupyterLab shows of their goroutines.
var reported = []struct {
	tag, source string
	want        []string
}{
	{"", `%%
var wg sync.WaitGroup
for i := range 100 {
	wg.Go(func() { time.Sleep(time.Duration(i) * time.Millisecond) })
}
wg.Wait()
fmt.Println("100 goroutines have slept")`, []string{"ran 1", "101 goroutines", "0 left behind"}},
	{"", `func search(query string) string {
	found := make(chan string)
	for _, server := range []string{"a", "b", "c"} {
		go func() {
			time.Sleep(time.Duration(server[0]) * 50 * time.Microsecond)
			found <- query + " from a server"
		}()
	}
	return <-found
}

%%
fmt.Println(search("gopher"))
go func() { time.Sleep(time.Hour) }()
time.Sleep(20 * time.Millisecond)`, []string{"5 goroutines", "3 left behind", "waits to send to found", "started at cell [2] line 4"}},
	{"", `%%
go http.ListenAndServe("127.0.0.1:0", nil)
time.Sleep(20 * time.Millisecond)`, []string{"1 left behind", "still running when main returned"}},
	{"raises-exception", `%race on
var a, b sync.Mutex

%%
var met, done sync.WaitGroup
met.Add(2)
done.Go(func() {
	a.Lock()
	met.Done()
	met.Wait()
	b.Lock()
})
done.Go(func() {
	b.Lock()
	met.Done()
	met.Wait()
	a.Lock()
})
done.Wait()`, []string{"Deadlock: nobody is left who could go on"}},
	{"raises-exception", `%race off
%timeout 12s
%%
var met sync.WaitGroup
met.Add(2)
go func() {
	a.Lock()
	met.Done()
	met.Wait()
	b.Lock()
}()
go func() {
	b.Lock()
	met.Done()
	met.Wait()
	a.Lock()
}()
jobs := make(chan int)
for range 200 {
	go func() { for range jobs {} }()
}
for range time.Tick(20 * time.Millisecond) {
}`, []string{"a circle of locks, from which nobody gets out", "which goroutine"}},
	{"", `%goroutines`, []string{"cell [5], when it was stopped: 203 goroutines", "200 goroutines", "waits to receive from jobs"}},
}

// TestReportInJupyterLab shows what is told of goroutines in JupyterLab, and
// keeps pictures of it, light and dark, in GOPARK_SCREENSHOTS.
func TestReportInJupyterLab(t *testing.T) {
	b := setUp(t, "gopark")
	needBrowser(t)
	dir := t.TempDir()
	var cells []any
	for _, c := range reported {
		tags := []string{}
		if c.tag != "" {
			tags = append(tags, c.tag)
		}
		cells = append(cells, map[string]any{"cell_type": "code", "execution_count": nil, "outputs": []any{}, "source": c.source, "metadata": map[string]any{"tags": tags}})
	}
	text, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "cells": cells,
		"metadata": map[string]any{"kernelspec": map[string]any{"name": "gopark", "display_name": "Go (gopark)", "language": "go"}}})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "report.ipynb"), text, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	page := openLab(ctx, t, b, dir)
	if err := page.Theme(ctx, false); err != nil {
		t.Fatal(err)
	}
	if err := page.Notebook(ctx, "report.ipynb"); err != nil {
		t.Fatal(err)
	}
	if _, err := page.RunAll(ctx); err != nil {
		t.Fatal(err)
	}
	ran := settled(ctx, t, page)
	if len(ran) != len(reported) {
		t.Fatalf("%d cells", len(ran))
	}
	shots := screenshots(t)
	for _, dark := range []bool{false, true} {
		theme := map[bool]string{false: "light", true: "dark"}[dark]
		if err := page.Theme(ctx, dark); err != nil {
			t.Fatal(err)
		}
		if err := page.Screenshot(ctx, filepath.Join(shots, "report-"+theme+".png"), true); err != nil {
			t.Error(err)
		}
		for i, c := range reported {
			// What is on the page, not what was sent: pictures by their words.
			shown, err := browser.Eval[string](ctx, page, `(n => {
				const area = window.jupyterapp.shell.currentWidget.content.widgets[n].node.querySelector('.jp-OutputArea');
				return area.textContent + [...area.querySelectorAll('img')].map(i => i.alt).join(' ');
			})(`+string(rune('0'+i))+`)`)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(shown, want) {
					t.Errorf("%s, cell %d: no %q in %s", theme, i+1, want, shown)
				}
			}
		}
	}
}
