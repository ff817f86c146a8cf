package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopark/internal/browser"
)

// A hostile value is text that becomes a script where somebody forgets to
// escape it. %d is the number of the cell that it stands in.
var hostile = []string{
	`<img src=x onerror="(window.pwned??=[]).push(%d)">`,
	`</pre></div></script><svg onload="(window.pwned??=[]).push(%d)">`,
	`"><iframe srcdoc="<script>(parent.pwned??=[]).push(%d)</script>">`,
	`' onmouseover='(window.pwned??=[]).push(%d)' autofocus onfocus='(window.pwned??=[]).push(%d)`,
	`[x](javascript:(window.pwned??=[]).push(%d)) <a href="javascript:(window.pwned??=[]).push(%d)">x</a>`,
	"\x1b[31m<script>(window.pwned??=[]).push(%d)</script>\x1b]8;;javascript:pwned\x07link\x1b]8;;\x07\x1b[0m",
	`{{.}} ${alert(%d)} {@code} &lt;b&gt; &#x3c;img src=x onerror=pwned=%d&#x3e;`,
}

// hostileCells are cells that show such a value in each way in which something
// is shown that we have made: VALUE is its Go literal, TEXT the value in a
// comment or a shell's quotes.
var hostileCells = []struct{ what, code string }{
	{"stdout", "%%\nfmt.Println(VALUE)"},
	{"stderr", "%%\nfmt.Fprintln(os.Stderr, VALUE)"},
	{"result", "VALUE"},
	{"result, of a map", "map[string]error{VALUE: errors.New(VALUE)}"},
	{"panic", "%%\npanic(VALUE) // TEXT"},
	{"panic of an error", "%%\nvar err error = fmt.Errorf(\"%w\", errors.New(VALUE))\npanic(err)"},
	{"compile error", "%%\nx := VALUE // TEXT"},
	{"a string that is no number", "%%\nvar n int = VALUE"},
	{"deadlock", "%%\nch := make(chan string) // TEXT\nch <- VALUE // TEXT"},
	{"what is left behind", "%report full\n%%\nch := make(chan int)\ngo func() { <-ch /* TEXT */ }()\ntime.Sleep(20 * time.Millisecond)\nfmt.Println(VALUE)"},
	{"data race", "%race\n%%\nn := 0\nvar wg sync.WaitGroup\nfor range 2 {\n\twg.Go(func() { n++ /* TEXT */ })\n}\nwg.Wait()"},
	{"exit", "%%\nfmt.Fprintln(os.Stderr, VALUE)\nos.Exit(3)"},
	{"failing test", "%test\nfunc TestX(t *testing.T) {\n\tt.Run(VALUE, func(t *testing.T) { t.Error(VALUE) })\n}"},
	{"benchmark", "%bench -count=2 -benchtime=5x\nfunc BenchmarkX(b *testing.B) {\n\tb.Run(VALUE, func(b *testing.B) {\n\t\tfor b.Loop() {\n\t\t}\n\t})\n}"},
	{"many runs", "%repeat 4\n%%\nfmt.Println(VALUE)"},
	{"time", "import \"gopark/helpers\"\n%%\nhelpers.Predict(time.Millisecond)\nhelpers.Time(VALUE, func() {})"},
	{"comparison", "%%\nhelpers.Compare(VALUE, helpers.Variant(VALUE, func() {}), helpers.Variant(\"other\"+VALUE, func() {}))"},
	{"table", "%%\nhelpers.Table([]string{VALUE}, [][]any{{VALUE}})"},
	{"ids of displays", "import \"gopark/helpers/display\"\n%%\nfor i := range 2 {\n\tdisplay.Bundle(map[string]any{\"text/plain\": fmt.Sprint(i, VALUE)}, VALUE)\n}"},
	{"JSON", "%%\ndisplay.Bundle(map[string]any{\"application/json\": map[string]any{VALUE: VALUE}, \"text/plain\": VALUE}, \"\")"},
	{"a kind of data", "%%\ndisplay.Bundle(map[string]any{\"application/\" + VALUE: VALUE, \"text/plain\": VALUE}, \"\")"},
	{"a chart", "%%\ndisplay.Bundle(map[string]any{\"application/vnd.gopark.chart+json\": map[string]any{\"version\": 1, \"height\": 200, \"option\": map[string]any{\"title\": map[string]any{\"text\": VALUE, \"link\": VALUE}, \"tooltip\": map[string]any{\"formatter\": VALUE}, \"xAxis\": map[string]any{\"data\": []string{VALUE}}, \"yAxis\": map[string]any{}, \"series\": []any{map[string]any{\"type\": \"bar\", \"name\": VALUE, \"data\": []int{1}}}}}, \"text/plain\": VALUE}, \"\")"},
	{"a declaration", "// Hostile says TEXT\nfunc Hostile() string { return VALUE }"},
	{"its documentation", "%doc Hostile"},
	{"what is known of it", "Hostile??"},
	{"the list", "%ls"},
	{"a command that is none", "%TEXT"},
	{"help for none", "%help TEXT"},
	{"a variable of the environment", "%env HOSTILE=TEXT"},
	{"the environment", "%env"},
	{"a folder that is none", "%cd TEXT"},
	{"a shell", "!echo 'TEXT'; echo 'TEXT' >&2; exit 3"},
	{"a package that is none", "import \"TEXT\""},
}

// TestHostileValues shows hostile values in JupyterLab, all of whose cells have
// been run and so are trusted, and on the page that run --html writes. No script
// runs, nothing is asked for elsewhere, and no element is made of them.
func TestHostileValues(t *testing.T) {
	b := setUp(t, "gopark")
	needBrowser(t)
	dir := t.TempDir()
	cells := hostileNotebook(t, filepath.Join(dir, "hostile.ipynb"))
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	const look = `({
		pwned: window.pwned ?? [],
		made: [...document.querySelectorAll('img[src="x"], svg[onload], iframe[srcdoc], [onerror], [onmouseover], [onfocus], a[href^="javascript:"]')].map(e => e.outerHTML.slice(0, 200)),
	})`
	type seen struct {
		Pwned []int
		Made  []string
	}
	name := func(n int) string {
		if n >= 0 && n < len(cells) {
			return fmt.Sprintf("cell %d (%s)", n, cells[n])
		}
		return strconv.Itoa(n)
	}

	t.Run("JupyterLab", func(t *testing.T) {
		page := openLab(ctx, t, b, dir)
		if err := page.Notebook(ctx, "hostile.ipynb"); err != nil {
			t.Fatal(err)
		}
		if _, err := page.RunAll(ctx); err != nil {
			t.Fatal(err)
		}
		ran := settled(ctx, t, page)
		if n := len(ran); n != len(cells) || len(ran[n-1].Outputs) == 0 || ran[n-1].Outputs[0].Text != "still here\n" {
			t.Errorf("of %d cells, %d are there, and the last shows %+v", len(cells), n, ran[len(ran)-1].Outputs)
		}
		hostile := 0
		for _, c := range ran {
			out, err := json.Marshal(c.Outputs)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(out), "pwned") || strings.Contains(string(out), "alert(") {
				hostile++
			}
		}
		if t.Logf("%d of %d cells show their value", hostile, len(ran)); hostile < len(ran)*3/4 {
			t.Error("too few cells show their value")
		}
		if _, err := page.Charts(ctx); err != nil {
			t.Fatal(err)
		}
		// Every picture, tooltip and cell comes into view, and the mouse passes over.
		if _, err := browser.Eval[bool](ctx, page, `(async () => {
			const { content } = window.jupyterapp.shell.currentWidget;
			for (const [i, cell] of content.widgets.entries()) {
				await content.scrollToItem(i, 'center');
				for (const e of cell.node.querySelectorAll('.jp-OutputArea *')) {
					const box = e.getBoundingClientRect();
					for (const type of ['mouseover', 'mousemove', 'focus', 'click'])
						if (e.tagName !== 'A' || type !== 'click')
							e.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 }));
				}
			}
			await new Promise(resolve => setTimeout(resolve, 300));
			return true;
		})()`); err != nil {
			t.Fatal(err)
		}
		got, err := browser.Eval[seen](ctx, page, look)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range got.Pwned {
			t.Errorf("a script ran: %s", name(n))
		}
		for _, e := range got.Made {
			t.Errorf("a value became an element: %s", e)
		}
		for _, r := range page.Requests() {
			if strings.HasSuffix(r, "/x") {
				t.Errorf("a value was asked for: %s", r)
			}
		}
		// The same value does run where a learner asks for it: this test can fail.
		control, err := browser.Eval[seen](ctx, page, `(() => {
			const div = document.createElement('div');
			div.innerHTML = '<img src=x onerror="(window.pwned??=[]).push(99)">';
			document.body.append(div);
			return new Promise(resolve => setTimeout(() => resolve(`+look+`), 500));
		})()`)
		if err != nil || len(control.Pwned) == 0 || len(control.Made) == 0 {
			t.Errorf("a script of the test's own did not run: %+v, %v", control, err)
		}
	})

	t.Run("page", func(t *testing.T) {
		file := filepath.Join(dir, "hostile.html")
		run := exec.CommandContext(ctx, b.gopark, "run", "-q", "--allow-errors", "--html", file, filepath.Join(dir, "hostile.ipynb"))
		run.Env = b.env
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		page, err := browser.Open(ctx, "file://"+file)
		if err != nil {
			t.Fatal(err)
		}
		defer page.Close()
		got, err := browser.Eval[seen](ctx, page, `new Promise(resolve => setTimeout(() => resolve(`+look+`), 500))`)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range got.Pwned {
			t.Errorf("a script ran: %s", name(n))
		}
		for _, e := range got.Made {
			if !strings.Contains(e, `<img src="x"`) || strings.Contains(e, "onerror") { // a picture that is not there harms nobody
				t.Errorf("a value became an element: %s", e)
			}
		}
		end, err := browser.Eval[string](ctx, page, `[...document.querySelectorAll('main > section')].at(-1).innerText`)
		if err != nil || !strings.Contains(end, "still here\n") {
			t.Errorf("the page ends in %q, %v", end, err)
		}
		if n, err := browser.Eval[int](ctx, page, `document.querySelectorAll('main > section').length`); err != nil || n != len(cells) {
			t.Errorf("%d of %d cells are sections of the page, %v", n, len(cells), err)
		}
		for _, r := range page.Requests() {
			if r != "file://"+file {
				t.Errorf("the page asks for %s", r)
			}
		}
		if err := page.Screenshot(ctx, filepath.Join(screenshots(t), "hostile.png"), true); err != nil {
			t.Error(err)
		}
	})
}

// hostileNotebook writes a notebook whose every part is hostile, and returns
// what each cell shows.
func hostileNotebook(t *testing.T, file string) (what []string) {
	t.Helper()
	var cells []any
	add := func(kind, name, source string) {
		cell := map[string]any{"cell_type": kind, "id": fmt.Sprintf("c%d", len(cells)), "source": source,
			"metadata": map[string]any{"tags": []string{"raises-exception", value(hostile[0], 0)}}}
		if kind == "code" {
			cell["outputs"], cell["execution_count"] = []any{}, nil
		}
		cells = append(cells, cell)
		what = append(what, name)
	}
	for i, c := range hostileCells {
		for j, v := range hostile {
			// Each value in some of the ways, each way with some of the values.
			if (i+j)%3 != 0 && c.what != "panic" && c.what != "a chart" {
				continue
			}
			v = value(v, len(cells))
			text := strings.NewReplacer("'", "’", "\x1b", "", "\a", "", "*/", "").Replace(v)
			add("code", c.what, strings.NewReplacer("VALUE", strconv.Quote(v), "TEXT", text).Replace(c.code))
		}
	}
	add("code", "the end", "%%\nfmt.Println(\"still here\")")
	evil := value(hostile[0], 1000)
	data, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": map[string]any{
		"kernelspec": map[string]any{"name": "gopark", "display_name": evil, "language": "go"}, "title": evil, "authors": []any{map[string]any{"name": evil}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return what
}

// value puts a cell's number into a hostile value.
func value(format string, n int) string { return strings.ReplaceAll(format, "%d", strconv.Itoa(n)) }
