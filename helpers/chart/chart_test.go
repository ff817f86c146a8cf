package chart

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"gopark/helpers/stats"
)

const ms = time.Millisecond

// nasty is a name that wants to be markup, a template and a function.
const nasty = `<img src=x onerror=alert(1)> & {b} "quoted"`

func group(name string, times ...time.Duration) Group {
	values := make([]float64, len(times))
	for i, t := range times {
		values[i] = t.Seconds()
	}
	return Group{name, times, stats.Summarize(values)}
}

// everyChart returns one of each kind, with and without what is optional.
func everyChart() map[string]Chart {
	groups := []Group{
		group(nasty, 50*ms, 52*ms, 54*ms, 51*ms, 53*ms, 55*ms),
		group("fast", 5*ms, 6*ms, 5*ms, 6*ms, 5*ms, 7*ms),
	}
	few := []Group{group("a", ms), group("b", 2*ms)}
	xs := []int{1, 10}
	lines := []Line{{nasty, []stats.Summary{groups[1].Summary, groups[0].Summary}}}
	numbers := Table{Header: []string{"n", nasty}, Rows: [][]string{{"1", "5 ms"}}}
	return map[string]Chart{
		"waiting": Waiting([]Span{
			{Name: nasty, Wall: 10 * ms, Waiting: 9 * ms, Known: true, Guess: 250 * ms, Text: nasty},
			{Name: "unknown", Wall: 10 * ms, Text: "unknown: 10 ms"},
			{Name: "nothing", Text: "nothing: 0 s"},
		}),
		"bars":       Bars(nasty, nasty, groups, 5*ms, "text"),
		"bars, few":  Bars("title", "", few, 0, "text"),
		"lines":      Lines(nasty, nasty, "n", xs, lines, []time.Duration{ms, 10 * ms}, numbers, "text"),
		"lines, few": Lines("title", "", "n", []int{1}, []Line{{"a", []stats.Summary{few[0].Summary}}}, nil, numbers, "text"),
	}
}

func TestOptions(t *testing.T) {
	for name, c := range everyChart() {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(c.Bundle()[MIME])
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), functionMark) || strings.Contains(string(text), "function") {
				t.Errorf("the option holds a function: %s", text)
			}
			aria, _ := c.Option["aria"].(map[string]any)
			label, _ := aria["label"].(map[string]any)
			if label["description"] != c.Alt || c.Alt == "" {
				t.Errorf("description %q, alt %q", label["description"], c.Alt)
			}
			if c.Height < 80 || c.Text == "" {
				t.Errorf("height %d, text %q", c.Height, c.Text)
			}
			grid, _ := c.Option["grid"].(map[string]any)
			if top, _ := grid["top"].(int); c.Option["title"] != nil && top < 76 {
				t.Errorf("the plot begins at %d, under the title and the legend", top)
			}
			if _, ok := c.Option["color"]; ok {
				t.Error("the option has a palette of its own")
			}
			// A value in an empty array would reach the kernel as null.
			if strings.Contains(string(text), "[]") || strings.Contains(string(text), "null") {
				t.Errorf("an empty array or null in %s", text)
			}
			if strings.Contains(c.HTML, "<img") {
				t.Errorf("a name became markup: %s", c.HTML)
			}
		})
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func roundTrip(t *testing.T, v any) any {
	t.Helper()
	var out any
	if err := json.Unmarshal(mustJSON(t, v), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestNamedSeries: the extension knows the custom series by their names.
func TestNamedSeries(t *testing.T) {
	c := everyChart()["bars"]
	series := roundTrip(t, c.Option["series"]).([]any)
	var kinds []string
	for _, item := range series {
		s := item.(map[string]any)
		kinds = append(kinds, fmt.Sprint(s["type"], " ", s["renderItem"]))
		if s["type"] == "custom" {
			want := roundTrip(t, []any{map[string]any{"value": []any{0, 50, 55}}, map[string]any{"value": []any{1, 5, 7}}})
			if !reflect.DeepEqual(s["data"], want) {
				t.Errorf("error bars %v, want %v", s["data"], want)
			}
		}
	}
	if want := []string{"bar <nil>", "custom errorbar", "scatter <nil>"}; !slices.Equal(kinds, want) {
		t.Errorf("series %q, want %q", kinds, want)
	}
}

func TestOptionDropsFunctions(t *testing.T) {
	bar := charts.NewBar()
	bar.SetGlobalOptions(
		charts.WithTooltipOpts(opts.Tooltip{Formatter: opts.FuncOpts("function (p) { return p.name }")}),
		charts.WithXAxisOpts(opts.XAxis{AxisLabel: &opts.AxisLabel{Formatter: "{value} ms"}}),
	)
	bar.SetXAxis([]string{"a"}).AddSeries("s", []opts.BarData{{Value: 1}},
		charts.WithCustomChartOpts(opts.CustomChart{RenderItem: opts.FuncOpts("x => x")}))
	option, dropped, err := Option(bar)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(dropped)
	if want := []string{"series[0].renderItem", "tooltip.formatter"}; !slices.Equal(dropped, want) {
		t.Errorf("dropped %q, want %q", dropped, want)
	}
	text := string(mustJSON(t, option))
	if strings.Contains(text, functionMark) || !strings.Contains(text, "{value} ms") {
		t.Errorf("option %s", text)
	}
}

func TestOptionNotJSON(t *testing.T) {
	bar := charts.NewBar()
	bar.AddSeries("s", []opts.BarData{{Value: func() {}}})
	if _, _, err := Option(bar); err == nil || !strings.Contains(err.Error(), "not JSON") {
		t.Errorf("got %v", err)
	}
}

func TestRender(t *testing.T) {
	script := func(t *testing.T, text string) string {
		t.Helper()
		name := filepath.Join(t.TempDir(), "draw")
		if err := os.WriteFile(name, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
		return name
	}
	c := Chart{Alt: nasty, Text: "a < b", HTML: "<table></table>"}
	layer := map[string]any{"version": 1}
	tests := []struct{ name, program, want string }{
		{"draws", script(t, `[ "$1" = render ] && grep -q '"version":1' && echo '<svg/>'`),
			`<img alt="&lt;img src=x onerror=alert(1)&gt; &amp; {b} &#34;quoted&#34;" width="800" src="data:image/svg+xml;base64,PHN2Zy8+Cg==">`},
		{"fails", script(t, "exit 1"), c.HTML},
		{"no picture", script(t, "echo sorry"), c.HTML},
		{"missing", "/nonexistent/draw", c.HTML},
		{"unset", "", c.HTML},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(envRender, test.program)
			if got := c.html(layer); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	if got := (Chart{Text: "a < b"}).html(layer); got != "<pre>a &lt; b</pre>" {
		t.Errorf("without anything else: %s", got)
	}
}

func TestTable(t *testing.T) {
	table := Table{
		Header: []string{"name", "µs"},
		Rows:   [][]string{{"a\nb", "1"}, {"größer", "22", "more"}, {"<b>"}},
		Right:  []int{1},
	}
	const want = `name    µs
------  --  ----
a b      1
größer  22  more
<b>
`
	if got := table.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := table.HTML(); strings.Contains(got, "<b>") || !strings.Contains(got, `<td style="text-align:right">22</td>`) {
		t.Errorf("got %s", got)
	}
	if got := (Table{}).String(); got != "" {
		t.Errorf("an empty table is %q", got)
	}
}

func TestRound(t *testing.T) {
	for x, want := range map[float64]float64{0: 0, 1.23456: 1.235, 541.27: 541.3, 123456: 123500, 0.000123456: 0.0001235} {
		if got := round(x); got != want {
			t.Errorf("round(%g) = %g, want %g", x, got, want)
		}
	}
}
