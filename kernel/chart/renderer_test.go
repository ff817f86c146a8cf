package chart

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// GOPARK_CHART_OUT names a folder in which to keep the pictures, to look at.
func TestSamples(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	wants := map[string][]string{
		"bar-errorbar": {"sync.Map", "ns/op", "95% CI", "A counter, eight goroutines", "<desc>Bar chart of five ways to count. Fastest: atomic, 21.3 ns.</desc>"},
		"gantt":        {"worker 7", "chan receive", "running", "#009e73", "clip-path"},
		"line":         {"Mop/s", "ideal", "stroke-dasharray"},
		"boxplot":      {"workers", "µs", "<desc>Chart “Latency by workers” of latency (boxplot).</desc>"},
		"scatter":      {"two GC workers", "GC pause by heap, every point"},
	}
	for name, data := range charts(t) {
		if underRace && name != "line" {
			continue // ten times slower, and nothing new about goroutines
		}
		start := time.Now()
		svg, err := r.SVG(t.Context(), data, 720)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s: %d bytes, %v", name, len(svg), time.Since(start).Round(time.Millisecond))
		for _, want := range append(wants[name], `<svg xmlns="http://www.w3.org/2000/svg" role="img"`, `width="720"`, "<title>", `fill="#ffffff"`) {
			if !strings.Contains(string(svg), want) {
				t.Errorf("%s: no %q in\n%.600s", name, want, svg)
			}
		}
		harmless(t, name, svg)
		again, err := r.SVG(t.Context(), data, 720)
		if err != nil || !bytes.Equal(svg, again) {
			t.Errorf("%s: the second picture differs from the first (%v)", name, err)
		}
		if dir := os.Getenv("GOPARK_CHART_OUT"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, name+".svg"), svg, 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}

var (
	harm      = regexp.MustCompile(`(?i)<(script|style|image|foreignObject|a|use|animate)\b|\son\w+=|javascript:|@import|@keyframes|\bclass=|ecmeta`)
	elsewhere = regexp.MustCompile(`(?i)href|url\([^#]|(https?|data|file):`)
)

// harmless judges a picture without the code that made it harmless.
func harmless(t *testing.T, name string, svg []byte) {
	t.Helper()
	text := regexp.MustCompile(`>[^<]*<`).ReplaceAllString(string(svg), "><") // labels may say anything
	text = strings.ReplaceAll(text, `xmlns="http://www.w3.org/2000/svg"`, "")
	for _, bad := range []*regexp.Regexp{harm, elsewhere} {
		if at := bad.FindString(text); at != "" {
			t.Errorf("%s: the picture has %q:\n%.2000s", name, at, svg)
		}
	}
}

// bar returns a chart with more in its option.
func bar(option string) []byte {
	if option != "" {
		option = "," + option
	}
	return []byte(`{"version":1,"option":{"xAxis":{"type":"category","data":["a","b"]},"yAxis":{},"series":[{"type":"bar","data":[1,2]}]` + option + `}}`)
}

func TestHostileCharts(t *testing.T) {
	if underRace {
		t.Skip("skipped under the race detector: one goroutine, and ten times slower")
	}
	t.Parallel()
	r := newRenderer(t)
	for name, data := range map[string][]byte{
		"markup in text":   bar(`"title":{"text":"</title><script>alert(1)</script>","subtext":"\u0000\ud800 & \"quotes\""}`),
		"picture":          bar(`"graphic":[{"type":"image","style":{"image":"http://host/x.png"}}],"title":{"text":"t","backgroundColor":{"image":"http://host/"}}`),
		"symbol":           []byte(`{"version":1,"option":{"xAxis":{},"yAxis":{},"series":[{"type":"scatter","symbol":"image://http://host/x.png","data":[[1,2]]}]}}`),
		"colour":           bar(`"color":["url(http://host/#x)","red\" onload=\"x"],"textStyle":{"color":"url(#x)"}`),
		"font":             bar(`"textStyle":{"fontFamily":"\"x\" onload=alert(1)","fontWeight":"\"><script>"}`),
		"link":             bar(`"title":{"text":"t","link":"javascript:alert(1)"}`),
		"gradient":         bar(`"color":[{"type":"linear","x":0,"y":0,"x2":0,"y2":1,"colorStops":[{"offset":0,"color":"red"},{"offset":1,"color":"blue"}]}]`),
		"shadow and decal": bar(`"aria":{"enabled":true,"decal":{"show":true}},"title":{"text":"t","textStyle":{"textShadowColor":"red","textShadowBlur":4}}`),
		"rich text":        bar(`"title":{"text":"{a|x}","textStyle":{"rich":{"a":{"backgroundColor":"red","font":"12px url(x)","padding":4,"shadowBlur":3,"shadowColor":"#000"}}}}`),
		"rotated labels":   []byte(`{"version":1,"option":{"xAxis":{"type":"category","data":["a long name","another long name"],"axisLabel":{"rotate":45}},"yAxis":{},"series":[{"type":"bar","data":[1,2],"label":{"show":true,"rotate":90}}]}}`),
		"jitter":           []byte(`{"version":1,"option":{"xAxis":{"type":"category","data":["a"],"jitter":30},"yAxis":{},"series":[{"type":"scatter","data":[["a",1],["a",2],["a",1]]}]}}`),
		"pie":              []byte(`{"version":1,"option":{"series":[{"type":"pie","roseType":"area","data":[{"name":"a","value":1},{"name":"b","value":2}]}]}}`),
		"heatmap":          []byte(`{"version":1,"option":{"xAxis":{"type":"category","data":["a"]},"yAxis":{"type":"category","data":["b"]},"visualMap":{"min":0,"max":2},"series":[{"type":"heatmap","data":[[0,0,1]]}]}}`),
		"graph":            []byte(`{"version":1,"option":{"series":[{"type":"graph","layout":"force","data":[{"name":"a"},{"name":"b"}],"links":[{"source":"a","target":"b"}]}]}}`),
		"sankey":           []byte(`{"version":1,"option":{"series":[{"type":"sankey","data":[{"name":"a"},{"name":"b"}],"links":[{"source":"a","target":"b","value":2}],"lineStyle":{"color":"gradient"}}]}}`),
		"gauge and radar":  []byte(`{"version":1,"option":{"radar":{"indicator":[{"name":"x","max":4},{"name":"y","max":4},{"name":"z","max":4}]},"series":[{"type":"gauge","splitNumber":1e9,"data":[{"value":3}]},{"type":"radar","data":[{"value":[1,2,3]}]}]}}`),
		"time axis":        []byte(`{"version":1,"option":{"useUTC":true,"xAxis":{"type":"time"},"yAxis":{"type":"log"},"series":[{"type":"line","data":[["2026-01-01",1],["2026-02-01",10]],"areaStyle":{},"smooth":true}]}}`),
		"not numbers":      bar(`"grid":{"left":"NaN%","top":1e308}`),
		"tree":             []byte(`{"version":1,"option":{"series":[{"type":"tree","data":[{"name":"a","children":[{"name":"b"}]}]},{"type":"treemap","data":[{"name":"a","value":1}]},{"type":"sunburst","data":[{"name":"a","value":1,"link":"javascript:x"}]}]}}`),
	} {
		svg, err := r.SVG(t.Context(), data, 640)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		harmless(t, name, svg)
		if again, _ := r.SVG(t.Context(), data, 640); !bytes.Equal(svg, again) {
			t.Errorf("%s: the second picture differs from the first", name)
		}
	}
}

func TestRefusedCharts(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	tests := []struct{ chart, want string }{
		{``, "JSON"},
		{`{`, "JSON"},
		{`null`, "not a JSON object"},
		{`{"version":2,"option":{}}`, "version 2"},
		{`{"version":1}`, "no option"},
		{`{"version":1,"option":{}}`, "no series"},
		{`{"version":1,"option":{"series":[{"type":"map"}]}}`, `series of type "map"`},
		{`{"version":1,"option":{"series":[{"type":"custom","renderItem":"function(){}"}]}}`, "no custom series"},
		{`{"version":1,"option":{"series":[{"type":"bar","xAxisIndex":7,"data":[1]}]}}`, "ECharts says"},
		{`{"version":1,"option":{"series":[{"type":"bar","data":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}]}}`, ""},
		{strings.Repeat(" ", MaxJSON+1), "MB of JSON"},
	}
	if !underRace { // ten times slower there
		many := `{"version":1,"option":{"series":[{"type":"line","data":[0` + strings.Repeat(",0", 200_000) + `]}]}}`
		tests = append(tests, struct{ chart, want string }{many, "200000 values"})
	}
	for _, test := range tests {
		svg, err := r.SVG(t.Context(), []byte(test.chart), 640)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.80s: error %v, want one with %q; picture %.100s", test.chart, err, test.want, svg)
		}
	}
	for _, width := range []int{-1, 0, MinWidth - 1, MaxWidth + 1} {
		if _, err := r.SVG(t.Context(), bar(""), width); err == nil {
			t.Errorf("width %d was drawn", width)
		}
	}
	if _, err := r.SVG(t.Context(), bar(""), 640); err != nil {
		t.Errorf("a good chart after bad ones: %v", err)
	}
}

// slow is a chart that takes long: boxes of text that avoid one another.
func slow() []byte {
	var items []string
	for i := range 12_000 {
		items = append(items, fmt.Sprintf(`[%d,%d]`, i, i%97))
	}
	return []byte(`{"version":1,"option":{"xAxis":{},"yAxis":{},"series":[{"type":"scatter","label":{"show":true,"formatter":"{@[0]} and {@[1]}"},"labelLayout":{"hideOverlap":true,"moveOverlap":"shiftY"},"data":[` + strings.Join(items, ",") + `]}]}}`)
}

func TestSlowChart(t *testing.T) {
	r := newRenderer(t)
	r.limit = 20 * time.Millisecond
	if _, err := r.SVG(t.Context(), slow(), 640); !errors.Is(err, errSlow) {
		t.Errorf("a slow chart: %v, want %v", err, errSlow)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	r := newRenderer(t)
	reason := errors.New("the learner has gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(reason) })
	start := time.Now()
	if _, err := r.SVG(ctx, slow(), 640); !errors.Is(err, reason) {
		t.Errorf("a slow chart that is broken off: %v, want the reason", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it stopped after %v", took)
	}
	if _, err := r.SVG(ctx, bar(""), 640); !errors.Is(err, reason) {
		t.Errorf("a chart after its context: %v, want the reason", err)
	}
	for range 4 {
		// Stopped a moment too late, now and then.
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(25*time.Millisecond, func() { cancel(reason) })
		if _, err := r.SVG(ctx, bar(""), 640); err != nil && !errors.Is(err, reason) {
			t.Errorf("a chart that may be broken off: %v", err)
		}
		if _, err := r.SVG(t.Context(), bar(""), 640); err != nil {
			t.Errorf("the next chart: %v", err)
		}
	}
}

func TestConcurrentCallersAndClose(t *testing.T) {
	r := newRenderer(t)
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			data := bar(fmt.Sprintf(`"title":{"text":"number %d"}`, i))
			svg, err := r.SVG(t.Context(), data, 640)
			if err != nil || !strings.Contains(string(svg), fmt.Sprintf("<title>number %d</title>", i)) {
				t.Errorf("chart %d: %v, %.200s", i, err, svg)
			}
		})
	}
	work.Wait()
	r.Close()
	r.Close()
	if _, err := r.SVG(t.Context(), bar(""), 640); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
}

func BenchmarkNew(b *testing.B) {
	needBundle(b)
	for b.Loop() {
		r, err := New()
		if err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}

func BenchmarkSVG(b *testing.B) {
	for name, data := range charts(b) {
		b.Run(name, func(b *testing.B) {
			r := newRenderer(b)
			for b.Loop() {
				if _, err := r.SVG(b.Context(), data, 720); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
