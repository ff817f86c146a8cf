package chart

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"gopark/helpers/stats"
)

// A Line is one variant of a sweep.
type Line struct {
	Name string
	// At holds, for each x, the summary in seconds.
	At []stats.Summary
}

// Lines draws median time against x, one line a variant, with the interval of
// each median where there is one. ideal, when not nil, is drawn dashed; it has a
// time for each x. numbers is the table for those who see no picture.
func Lines(title, subtitle, xName string, xs []int, all []Line, ideal []time.Duration, numbers Table, text string) Chart {
	longest := time.Duration(1)
	for _, l := range all {
		for _, s := range l.At {
			longest = max(longest, seconds(s.Median))
		}
	}
	for _, d := range ideal {
		longest = max(longest, d)
	}
	unit := stats.UnitFor(longest)
	in := func(seconds float64) float64 { return round(seconds * float64(time.Second) / float64(unit.Size)) }

	const left, right, bottom = 64, 32, 48
	c := charts.NewLine()
	c.SetGlobalOptions(
		charts.WithTitleOpts(opts.Title{Title: title, Subtitle: subtitle}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(true), Top: px(legendTop), Left: px(left)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Name: xName, NameLocation: "middle", NameGap: 28}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Name: unit.Name, NameLocation: "middle", NameGap: nameGap, Min: 0}),
	)
	whiskers := charts.NewCustom()
	hasWhiskers := false
	var says []string
	for _, l := range all {
		var data []opts.LineData
		var spread []opts.CustomData
		for i, s := range l.At {
			data = append(data, opts.LineData{Value: []any{xs[i], in(s.Median)}})
			if s.HasInterval() {
				spread = append(spread, opts.CustomData{Value: []any{xs[i], in(s.Lo), in(s.Hi)}})
			}
		}
		c.AddSeries(l.Name, data)
		if len(spread) > 0 {
			hasWhiskers = true
			whiskers.AddSeries(intervalName, spread, errorbars)
		}
		if n := len(xs); n > 0 {
			says = append(says, fmt.Sprintf("%s goes from %s at %d to %s at %d", l.Name,
				stats.Duration(seconds(l.At[0].Median)), xs[0], stats.Duration(seconds(l.At[n-1].Median)), xs[n-1]))
		}
	}
	if ideal != nil {
		var data []opts.LineData
		for i, d := range ideal {
			data = append(data, opts.LineData{Value: []any{xs[i], in(d.Seconds())}})
		}
		c.AddSeries("ideal", data, charts.WithSeriesOpts(func(s *charts.SingleSeries) {
			s.Symbol = "none"
			s.LineStyle = &opts.LineStyle{Type: "dashed", Color: colorWaiting}
			s.ItemStyle = &opts.ItemStyle{Color: colorWaiting}
		}))
	}
	if hasWhiskers {
		c.Overlap(whiskers)
	}

	alt := fmt.Sprintf("%s. Median time against %s: %s.", title, xName, strings.Join(says, "; "))
	return Chart{
		Option: mustOption(c, alt, map[string]any{"grid": grid(left, right, plotTop, bottom)}),
		Height: DefaultHeight, Alt: alt,
		Text: text,
		HTML: "<p><b>" + escape(title) + "</b></p>" + numbers.HTML() + paragraph(subtitle),
	}
}
