package helpers

import (
	"fmt"
	"html"
	"strings"

	"gopark/helpers/chart"
	"gopark/helpers/display"
)

// Show draws any chart of go-echarts under the cell:
//
//	bar := charts.NewBar()
//	bar.SetXAxis([]string{"a", "b"}).AddSeries("n", []opts.BarData{{Value: 1}, {Value: 2}})
//	helpers.Show(bar)
//
// Options that are JavaScript functions are left out, since a notebook that runs
// scripts cannot be trusted; Show says which. Outside of a notebook it prints the
// names and values of the chart's series.
func Show(c chart.Echart) {
	option, dropped, err := chart.Option(c)
	if err != nil {
		_ = display.Bundle(map[string]any{display.Plain: "this chart cannot be shown: " + err.Error()}, "")
		return
	}
	_ = display.Bundle(chart.FromOption(option).Bundle(), "")
	if len(dropped) > 0 {
		note := "left out of the chart, because they are JavaScript: " + strings.Join(dropped, ", ")
		_ = display.Bundle(map[string]any{
			display.HTML:  "<p>" + html.EscapeString(note) + "</p>",
			display.Plain: note,
		}, "")
	}
}

// Table shows rows under a header. Values are printed as fmt.Sprint does;
// columns of numbers are aligned right.
func Table(header []string, rows [][]any) {
	t := chart.Table{Header: header}
	numeric := make([]bool, len(header))
	for i := range numeric {
		numeric[i] = len(rows) > 0
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, value := range row {
			cells[i] = fmt.Sprint(value)
			if i < len(numeric) && !isNumber(value) {
				numeric[i] = false
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	for i, is := range numeric {
		if is {
			t.Right = append(t.Right, i)
		}
	}
	_ = display.Bundle(map[string]any{display.HTML: t.HTML(), display.Plain: t.String()}, "")
}

// Markdown shows text in Markdown; outside of a notebook it prints it as it is.
func Markdown(text string) {
	_ = display.Bundle(map[string]any{display.Markdown: text, display.Plain: text}, "")
}

// HTML shows markup as it is: whoever writes it answers for what is in it.
// Outside of a notebook it prints the text without the tags.
func HTML(markup string) {
	_ = display.Bundle(map[string]any{display.HTML: markup, display.Plain: plainText(markup)}, "")
}

func isNumber(value any) bool {
	switch value.(type) {
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, uintptr, float32, float64:
		return true
	}
	return false
}

// plainText reduces markup to its text: no tags, no scripts, one line for each
// block. It is for reading in a terminal and promises no more.
func plainText(markup string) string {
	var b strings.Builder
	for markup != "" {
		open := strings.IndexByte(markup, '<')
		if open < 0 {
			b.WriteString(html.UnescapeString(markup))
			break
		}
		b.WriteString(html.UnescapeString(markup[:open]))
		markup = markup[open+1:]
		end := strings.IndexByte(markup, '>')
		if end < 0 {
			break
		}
		tag := strings.ToLower(strings.Trim(strings.Fields(markup[:end] + " -")[0], "/"))
		closing := strings.HasPrefix(markup, "/")
		markup = markup[end+1:]
		switch tag {
		case "script", "style":
			if stop := strings.Index(strings.ToLower(markup), "</"+tag); !closing && stop >= 0 {
				markup = markup[stop:]
			}
		case "br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "pre":
			b.WriteByte('\n')
		case "td", "th":
			b.WriteByte(' ')
		}
	}
	var kept []string
	for line := range strings.Lines(b.String()) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
