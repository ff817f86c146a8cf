//go:build unix

package labextension_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"gopark/internal/browser"
	"gopark/kernel/labextension"
)

// TestInJupyterLab proves the extension where it is used: a notebook that never
// ran here, that nobody trusts and that has no kernel, in a real JupyterLab and
// a real browser. GOPARK_SCREENSHOTS names a folder in which to keep pictures.
func TestInJupyterLab(t *testing.T) {
	needLab(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()

	dir := t.TempDir()
	write(t, dir, "samples.ipynb", samples(t)...)
	write(t, dir, "hostile.ipynb", hostile()...)
	l := openLab(ctx, t, dir)
	// In this order, on one page, as a reader would.
	for _, step := range []struct {
		name string
		test func(*testing.T, context.Context)
	}{
		{"samples are drawn", l.samples},
		{"themes", l.themes},
		{"resize", l.resize},
		{"closed notebooks leave nothing", l.leak},
		{"hostile charts do nothing", l.hostile},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.test(t, ctx) }) {
			l.shot(t, ctx, "failed-"+strings.ReplaceAll(step.name, " ", "-"), false)
		}
	}
}

type labTest struct {
	lab *browser.Lab
	*browser.Page
}

// needLab skips a test where there is no browser or nothing to show in it.
func needLab(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: a browser test takes half a minute")
	}
	if !labextension.Built() {
		t.Skip("SKIPPED: the extension is not built; run kernel/labextension/build.sh")
	}
	browser.Require(t)
}

// openLab shows the notebooks of a folder until the test ends, with this
// extension and not the one that may be installed.
func openLab(ctx context.Context, t *testing.T, dir string) *labTest {
	t.Helper()
	prefix := t.TempDir()
	if err := labextension.Install(prefix); err != nil {
		t.Fatal(err)
	}
	lab, page := browser.Show(ctx, t, dir, browser.Require(t),
		"--LabApp.extra_labextensions_path="+filepath.Join(prefix, "share", "jupyter", "labextensions"))
	return &labTest{lab, page}
}

func (l *labTest) samples(t *testing.T, ctx context.Context) {
	if err := l.Notebook(ctx, "samples.ipynb"); err != nil {
		t.Fatal(err)
	}
	got, err := l.Charts(ctx)
	if err != nil || got.Drawn != got.Wanted || got.Wanted < 5 || len(got.Refused) > 0 {
		t.Fatalf("charts: %+v, %v; want all drawn", got, err)
	}
	// An output that the extension draws must not show its HTML as well.
	type box struct{ Role, Label, Markup, HTML string }
	boxes := eval[[]box](t, ctx, l.Page, `[...document.querySelectorAll('.gopark-chart > div')].map(box => ({
		Role: box.getAttribute('role'), Label: box.getAttribute('aria-label') ?? '', Markup: box.innerHTML,
		HTML: box.closest('.jp-OutputArea').querySelector('.jp-RenderedHTML')?.textContent ?? ''}))`)
	var labels strings.Builder
	for _, box := range boxes {
		if box.Role != "img" || box.Label == "" || box.HTML != "" {
			t.Errorf("a chart has role %q, label %q, and beside it %q", box.Role, box.Label, box.HTML)
		}
		fmt.Fprintln(&labels, box.Label)
	}
	for _, want := range []string{"Timeline of eight goroutines over 120 ms.", "Chart “Latency by workers” of latency (boxplot)."} {
		if !strings.Contains(labels.String(), want) {
			t.Errorf("no chart is labelled %q:\n%s", want, labels.String())
		}
	}
	all := eval[string](t, ctx, l.Page, `[...document.querySelectorAll('.gopark-chart svg')].map(svg => svg.textContent).join(' ')`)
	for _, want := range []string{"chan receive", "95% CI", "worker 7", "GOMAXPROCS"} {
		if !strings.Contains(all, want) {
			t.Errorf("no chart shows %q", want)
		}
	}
	titles, text, _ := l.titleColors(t, ctx)
	if len(titles) == 0 || opaque(titles[0]) != opaque(text) {
		t.Errorf("titles are %q at first, the Lab's text is %s", titles, text)
	}
	l.shot(t, ctx, "samples-light", true)
}

// titleColors returns the colours of the titles on the page, and those that the
// Lab's theme has for text and background.
func (l *labTest) titleColors(t *testing.T, ctx context.Context) (titles []string, text, background string) {
	t.Helper()
	got := eval[[]string](t, ctx, l.Page, `(() => {
		const color = name => { const i = document.createElement('i'); i.style.color = 'var(' + name + ')'; document.body.append(i);
			const rgb = getComputedStyle(i).color; i.remove(); return rgb; };
		const titles = [...document.querySelectorAll('.gopark-chart svg text')].filter(e => getComputedStyle(e).fontWeight === '600');
		return [color('--jp-ui-font-color1'), color('--jp-layout-color0'), ...titles.map(e => getComputedStyle(e).fill)];
	})()`)
	return got[2:], got[0], got[1]
}

// A switch of the theme reaches every chart, however often and however fast.
func (l *labTest) themes(t *testing.T, ctx context.Context) {
	seen := make(map[string]bool)
	for i, dark := range []bool{true, false, true, false, true} {
		if err := l.Theme(ctx, dark); err != nil {
			t.Fatal(err)
		}
		titles, text, background := l.titleColors(t, ctx)
		seen[text+background] = true
		if len(titles) == 0 {
			t.Errorf("switch %d: no titles are drawn", i)
		}
		for _, title := range titles {
			if opaque(title) != opaque(text) {
				t.Errorf("switch %d, dark %v: a title is %s, the Lab's text is %s", i, dark, title, text)
			}
		}
	}
	if len(seen) != 2 {
		t.Errorf("the Lab had the colours %v, want two sets", seen)
	}
	l.shot(t, ctx, "samples-dark", true)
	if got, err := l.Charts(ctx); err != nil || got.Drawn != got.Wanted {
		t.Errorf("charts in the dark: %+v, %v", got, err)
	}
	// Five switches at once: the last one wins.
	if _, err := browser.Eval[bool](ctx, l.Page, `(async () => {
		const change = name => jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab ' + name });
		await Promise.all(['Light', 'Dark', 'Light', 'Dark', 'Light'].map(change));
		return true;
	})()`); err != nil {
		t.Fatal(err)
	}
	if err := l.Theme(ctx, false); err != nil {
		t.Fatal(err)
	}
	titles, text, _ := l.titleColors(t, ctx)
	for _, title := range titles {
		if opaque(title) != opaque(text) {
			t.Errorf("after many switches: a title is %s, the Lab's text is %s", title, text)
		}
	}
}

// opaque makes rgba(0, 0, 0, 0.87) and what SVG has of it, a fill and an opacity,
// comparable.
func opaque(color string) string {
	parts := strings.FieldsFunc(color, func(r rune) bool { return strings.ContainsRune("rgba(), ", r) })
	return strings.Join(parts[:min(3, len(parts))], " ")
}

func (l *labTest) resize(t *testing.T, ctx context.Context) {
	const widths = `[...document.querySelectorAll('.gopark-chart svg')].map(svg => svg.getBoundingClientRect().width)`
	wide := eval[[]float64](t, ctx, l.Page, widths)
	if err := l.Do(ctx, chromedp.EmulateViewport(browser.Width-400, browser.Height)); err != nil {
		t.Fatal(err)
	}
	defer l.Do(ctx, chromedp.EmulateViewport(browser.Width, browser.Height))
	if len(wide) == 0 {
		t.Fatal("no chart is drawn")
	}
	eval[bool](t, ctx, l.Page, fmt.Sprintf(`(async () => {
		const end = performance.now() + 10000;
		while (!(%s).every(width => width > 100 && width < %f - 300)) {
			if (performance.now() > end) throw new Error('charts are ' + %s + ' wide, and were %f');
			await new Promise(resolve => setTimeout(resolve, 25));
		}
		return true;
	})()`, widths, wide[0], widths, wide[0]))
}

// ECharts keeps every instance in a table until it is disposed of, and writes on
// the box that it belongs to which one that is. (Whether the boxes are collected
// proves nothing: JupyterLab 4.6 keeps the whole notebook.)
func (l *labTest) leak(t *testing.T, ctx context.Context) {
	const instances = `window.boxes.map(box => box.getAttribute('_echarts_instance_') + box.innerHTML)`
	eval[int](t, ctx, l.Page, `(window.boxes = [...document.querySelectorAll('.gopark-chart > div')]).length`)
	before := eval[[]string](t, ctx, l.Page, instances)
	if len(before) == 0 || !strings.HasPrefix(before[0], "ec_") {
		t.Fatalf("before, the boxes hold %.200q", before)
	}
	if err := l.CloseNotebook(ctx); err != nil {
		t.Fatal(err)
	}
	// What still listens would draw now, or fail.
	errors := len(l.Errors())
	for _, dark := range []bool{true, false} {
		if err := l.Theme(ctx, dark); err != nil {
			t.Fatal(err)
		}
	}
	for _, left := range eval[[]string](t, ctx, l.Page, instances) {
		if left != "" {
			t.Errorf("after the notebook was closed a box holds %.200q", left)
		}
	}
	if said := l.Errors()[errors:]; len(said) > 0 {
		t.Errorf("after the notebook was closed the page says %q", said)
	}
}

func (l *labTest) hostile(t *testing.T, ctx context.Context) {
	before := len(l.Requests())
	start := time.Now()
	if err := l.Notebook(ctx, "hostile.ipynb"); err != nil {
		t.Fatal(err)
	}
	got, err := l.Charts(ctx)
	if err != nil || got.Drawn != 2 || len(got.Refused) != 4 {
		t.Fatalf("charts: %+v, %v; want 2 drawn and 4 refused", got, err)
	}
	t.Logf("opened, drawn and refused in %v", time.Since(start).Round(time.Millisecond))
	refused := strings.Join(got.Refused, "\n")
	for _, want := range []string{"version 2", "PLAIN TABLE", "200000 values", "nested", `custom series`} {
		if !strings.Contains(refused, want) {
			t.Errorf("no %q in what is shown for charts that are not drawn:\n%.2000s", want, refused)
		}
	}
	// Over every part of each chart with the mouse, and click there.
	for i := range 2 {
		box := eval[[]float64](t, ctx, l.Page, fmt.Sprintf(`(async () => {
			const box = [...document.querySelectorAll('.gopark-chart')].filter(e => e.querySelector('svg'))[%d];
			box.scrollIntoView({ block: 'center' });
			await new Promise(resolve => setTimeout(resolve, 200));
			const { x, y, width, height } = box.getBoundingClientRect();
			return [x, y, width, height];
		})()`, i))
		for row := range 8 {
			for column := range 10 {
				x := box[0] + box[2]*(float64(column)+.5)/10
				y := box[1] + box[3]*(float64(row)+.3)/8
				if err := l.Do(ctx,
					chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y),
					chromedp.MouseClickXY(x, y),
				); err != nil {
					t.Fatal(err)
				}
			}
		}
		if tip := eval[string](t, ctx, l.Page, `document.querySelector('.jp-Notebook').textContent`); i == 0 && !strings.Contains(tip, "<img src=x") {
			t.Error("the tooltip's text was not drawn: the test has not reached what it is about")
		}
		l.shot(t, ctx, fmt.Sprintf("hostile-%d", i), false)
	}
	if fired := eval[string](t, ctx, l.Page, `JSON.stringify(window.__pwned ?? null)`); fired != "null" {
		t.Errorf("script of the notebook ran: %s", fired)
	}
	if found := eval[[]string](t, ctx, l.Page, `[...document.querySelectorAll('.gopark-chart *')]
		.filter(e => e.matches('img, image, a, script, iframe, foreignObject, input, textarea, [onerror], [onload], [href]')
			|| /url\((?!["']?#)/.test(e.getAttribute('style') + e.getAttribute('fill')))
		.map(e => e.outerHTML.slice(0, 200))`); len(found) > 0 {
		t.Errorf("in the charts there is %q", found)
	}
	origin, _, _ := strings.Cut(l.lab.URL(""), "?")
	if state := eval[string](t, ctx, l.Page, `location.origin + ' ' + Object.prototype.polluted`); state != origin+" undefined" {
		t.Errorf("the page's origin and prototype are %s", state)
	}
	for _, url := range l.Requests()[before:] {
		if !strings.HasPrefix(url, origin) && !strings.HasPrefix(url, "ws"+strings.TrimPrefix(origin, "http")) {
			t.Errorf("the notebook fetched %s", url)
		}
	}
}

func (l *labTest) shot(t *testing.T, ctx context.Context, name string, full bool) {
	t.Helper()
	browser.Keep(ctx, t, l.Page, name, full)
}

func eval[T any](t *testing.T, ctx context.Context, p *browser.Page, script string) T {
	t.Helper()
	value, err := browser.Eval[T](ctx, p, script)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

type object = map[string]any

// samples returns a cell for each of the sample charts.
func samples(t *testing.T) []object {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("sample charts: %q, %v", files, err)
	}
	cells := []object{{"cell_type": "markdown", "id": "intro", "metadata": object{}, "source": "# Charts of a run that was saved\n\nNobody has run or trusted this."}}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cells = append(cells, cell(strings.TrimSuffix(filepath.Base(file), ".json"), json.RawMessage(data)))
	}
	return cells
}

// hostile returns two charts to be drawn, and four to be refused.
func hostile() []object {
	const origin = "http://127.0.0.1:9"
	run := func(n int) string { return fmt.Sprintf(`<img src=x onerror="(window.__pwned ??= []).push(%d)">`, n) }
	jump := "javascript:(window.__pwned ??= []).push('link')"
	axes := object{
		"xAxis": object{"type": "category", "data": []string{run(1), "b", "c"}, "triggerEvent": true, "name": run(2)},
		"yAxis": object{"type": "value", "axisLabel": object{"formatter": run(3) + "{value}"}},
	}
	with := func(base, more object) object {
		out := object{}
		for _, m := range []object{base, more} {
			for k, v := range m {
				out[k] = v
			}
		}
		return out
	}
	first := with(axes, object{
		"title":   object{"text": "click " + run(4), "link": jump, "target": "self", "sublink": jump, "subtext": run(5), "triggerEvent": true},
		"tooltip": object{"show": true, "alwaysShowContent": true, "trigger": "item", "formatter": run(6), "renderMode": "html", "extraCssText": "position:fixed;inset:0;background:url(" + origin + "/css)", "appendTo": "body", "className": "jp-Dialog", "enterable": true},
		"toolbox": object{"show": true, "feature": object{"dataView": object{"lang": []string{run(7), run(7), run(7)}}, "saveAsImage": object{}}},
		"graphic": []object{{"type": "image", "style": object{"image": origin + "/graphic.png"}}, {"type": "text", "style": object{"text": "GRAPHIC"}}},
		"legend":  object{"data": []object{{"name": "a", "icon": "image://" + origin + "/icon.png"}}, "tooltip": object{"show": true, "formatter": run(8)}},
		"series": []object{{
			"type": "bar", "name": "a", "data": []any{1, object{"value": 2, "name": run(9), "tooltip": object{"formatter": run(10)}, "itemStyle": object{"color": object{"image": origin + "/fill.png", "repeat": "repeat"}}}, 3},
			"tooltip":   object{"formatter": run(11), "renderMode": "html"},
			"itemStyle": object{"color": "url(" + origin + "/paint#a)", "decal": object{"symbol": "image://" + origin + "/decal.png"}},
			"label":     object{"show": true, "formatter": "{a|" + run(12) + "}", "fontFamily": "x;background:url(" + origin + "/font)", "rich": object{"a": object{"backgroundColor": object{"image": origin + "/rich.png"}, "height": 20}}},
			"markPoint": object{"symbol": "image://" + origin + "/mark.png", "data": []object{{"type": "max"}}},
			"cursor":    "url(" + origin + "/cursor), auto",
		}},
		"media": []object{{"option": object{"toolbox": object{}}}}, "baseOption": object{"series": []object{}}, "timeline": object{"data": []int{1}},
	})
	second := object{
		"tooltip": object{"trigger": "item", "formatter": run(20)},
		"series": []object{
			{"type": "treemap", "nodeClick": "link", "data": []object{{"name": run(21), "value": 1, "link": jump, "target": "self"}}, "width": "45%", "left": 0},
			{"type": "sunburst", "nodeClick": "link", "center": []string{"75%", "50%"}, "data": []object{{"name": "s", "value": 1, "link": jump, "target": "self"}}},
		},
		"visualMap": object{"type": "piecewise", "pieces": []object{{"min": 0, "symbol": "image://" + origin + "/vm.png", "label": run(22)}}, "formatter": run(23)},
	}
	chart := func(version int, option any) object {
		return object{"version": version, "height": 320, "option": option}
	}
	polluted := json.RawMessage(`{"version":1,"option":{"__proto__":{"polluted":1},"series":[{"type":"custom","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"renderItem":"function(p,a){window.__pwned=[30]}","data":[1]}]}}`)
	return []object{
		cell("first", chart(1, first)),
		cell("second", chart(1, second)),
		cell("version", chart(2, object{})),
		cell("million", chart(1, with(axes, object{"series": []object{{"type": "line", "data": make([]int, 1e6)}}}))),
		cell("deep", json.RawMessage(`{"version":1,"option":{"series":[{"type":"bar","data":`+strings.Repeat("[", 60)+strings.Repeat("]", 60)+`}]}}`)),
		cell("polluted", polluted),
	}
}

// cell returns a code cell whose output is a chart.
func cell(id string, chart any) object {
	return object{
		"cell_type": "code", "id": id, "metadata": object{}, "execution_count": 1, "source": "// " + id,
		"outputs": []object{{
			"output_type": "display_data", "metadata": object{},
			"data": object{labextension.MIMEType: chart, "text/html": "<p>the fallback</p>", "text/plain": "PLAIN TABLE of " + id},
		}},
	}
}

func write(t *testing.T, dir, name string, cells ...object) {
	t.Helper()
	data, err := json.Marshal(object{
		"nbformat": 4, "nbformat_minor": 5, "cells": cells,
		"metadata": object{
			"kernelspec":    object{"name": "not-installed", "display_name": "Not installed", "language": "go"},
			"language_info": object{"name": "go", "file_extension": ".go", "mimetype": "text/x-go"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}
