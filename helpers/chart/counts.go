package chart

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// A Count is one outcome and how often it came.
type Count struct {
	Name string
	// Parts are how often it came in each of the series of Counts; missing
	// ones are 0.
	Parts []int
	// Failed marks the name of an outcome that is a failure.
	Failed bool
}

// Total is the sum of the parts.
func (c Count) Total() (n int) {
	for _, p := range c.Parts {
		n += p
	}
	return n
}

// seriesColors are blue to sand, from dark to light: an order that is seen
// without colours too, and on white and on black.
var seriesColors = []string{"#0072b2", "#56b4e9", "#e69f00", "#cc79a7", "#009e73"}

// Counts draws one horizontal bar an outcome, as long as the outcome is
// frequent, divided into series. subtitle stands under the title, text is the
// plain layer.
func Counts(title, subtitle string, series []string, counts []Count, text string) Chart {
	most, all := 1, 0
	for _, c := range counts {
		most = max(most, c.Total())
		all += c.Total()
	}
	var names, labels, says []string
	var rows []bar
	nameWidth, labelWidth := 40, 0
	data := make([][]opts.BarData, len(series))
	for _, c := range counts {
		name := c.Name
		if c.Failed {
			name = "✗ " + name
		}
		label := fmt.Sprintf("%d  (%s)", c.Total(), share(c.Total(), all))
		names, labels = append(names, name), append(labels, label)
		says = append(says, fmt.Sprintf("%s: %d", c.Name, c.Total()))
		nameWidth = max(nameWidth, textWidth(name))
		labelWidth = max(labelWidth, textWidth(label))
		row := bar{label: name, value: label}
		for i := range series {
			n := 0
			if i < len(c.Parts) {
				n = c.Parts[i]
			}
			data[i] = append(data[i], opts.BarData{Value: n})
			row.parts = append(row.parts, part{seriesColors[i%len(seriesColors)], float64(n) / float64(most)})
		}
		rows = append(rows, row)
	}
	nameWidth = min(nameWidth, 220)
	nameLines := mostLines(names, nameWidth)

	c := charts.NewBar()
	c.SetGlobalOptions(
		charts.WithTitleOpts(opts.Title{Title: title, Subtitle: subtitle}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(len(series) > 1), Top: px(legendTop), Left: px(nameWidth + 16)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Name: "runs", NameLocation: "middle", NameGap: 26, Min: 0}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Data: names, Inverse: opts.Bool(true)}),
	)
	c.ExtendYAxis(opts.YAxis{Type: "category", Data: labels, Inverse: opts.Bool(true), Position: "right"})
	for i, name := range series {
		c.AddSeries(name, data[i], charts.WithSeriesOpts(func(s *charts.SingleSeries) {
			s.Stack, s.BarMaxWidth = "runs", "22"
			s.ItemStyle = &opts.ItemStyle{Color: seriesColors[i%len(seriesColors)]}
		}))
	}
	top := plotTop
	if len(series) == 1 {
		top = legendTop + 8
	}
	alt := fmt.Sprintf("%s. %s. Bars of how often each outcome came: %s.", title, subtitle, strings.Join(says, "; "))
	option := mustOption(c, alt, map[string]any{"grid": grid(nameWidth+16, labelWidth+24, top, plotBottom)})
	axis := option["xAxis"].([]any)[0].(map[string]any)
	axis["minInterval"] = 1
	nameRows(option, nameWidth)
	return Chart{
		Option: option, Height: top + len(counts)*max(34, nameLines*lineHeight+10) + plotBottom, Alt: alt,
		Text: text,
		HTML: barsHTML(title, rows, subtitle),
	}
}

// share prints n of all in percent; what is little is not called nothing.
func share(n, all int) string {
	p := 100 * float64(n) / float64(max(1, all))
	if n > 0 && p < 1 {
		return "< 1 %"
	}
	if n < all && p > 99 {
		return "> 99 %"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}
