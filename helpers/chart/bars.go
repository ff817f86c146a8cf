package chart

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"gopark/helpers/stats"
)

// A Group is one variant of a comparison: its times, and their summary in
// seconds.
type Group struct {
	Name    string
	Times   []time.Duration
	Summary stats.Summary
}

// Bars draws one bar a group: its median, the interval of the median as a
// whisker, and every measured time as a point. A positive ideal is a dashed line.
// subtitle stands under the title, text is the plain layer.
func Bars(title, subtitle string, groups []Group, ideal time.Duration, text string) Chart {
	longest := ideal
	for _, g := range groups {
		for _, t := range g.Times {
			longest = max(longest, t)
		}
	}
	// What it takes to write the names under the bars.
	const width, left = 720, 64
	right := 24
	if ideal > 0 {
		right += textWidth("ideal "+stats.Duration(ideal)) + 8 // beside the plot, where no bar hides it
	}
	room := (width - left - right) / max(1, len(groups))
	const widest = 64 // a bar, in pixels
	spread := 0.8 * min(widest, 0.6*float64(room)) / float64(room)

	unit := stats.UnitFor(longest)
	in := func(seconds float64) float64 { return round(seconds * float64(time.Second) / float64(unit.Size)) }

	names := make([]string, len(groups))
	var medians []opts.BarData
	var whiskers []opts.CustomData
	var points []opts.ScatterData
	var rows []bar
	var says []string
	for i, g := range groups {
		median := seconds(g.Summary.Median)
		value := stats.Duration(median)
		names[i] = g.Name + "\n" + value
		medians = append(medians, opts.BarData{Value: in(g.Summary.Median)})
		if g.Summary.HasInterval() {
			whiskers = append(whiskers, opts.CustomData{Value: []any{i, in(g.Summary.Lo), in(g.Summary.Hi)}})
			value += fmt.Sprintf(" [%s, %s]", stats.Duration(seconds(g.Summary.Lo)), stats.Duration(seconds(g.Summary.Hi)))
		}
		for j, t := range g.Times {
			points = append(points, opts.ScatterData{Value: []any{round(float64(i) + spread*jitter(j)), in(t.Seconds())}})
		}
		rows = append(rows, bar{g.Name, []part{{colorMedian, float64(median) / float64(max(longest, 1))}}, value})
		says = append(says, g.Name+" "+value)
	}

	nameLines := 2
	for _, g := range groups {
		nameLines = max(nameLines, 1+lines(g.Name, room-8))
	}
	bottom := 16 + nameLines*lineHeight

	c := charts.NewBar()
	c.SetGlobalOptions(
		charts.WithTitleOpts(opts.Title{Title: title, Subtitle: subtitle}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "item"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(true), Top: px(legendTop), Left: px(left)}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Name: unit.Name, NameLocation: "middle", NameGap: nameGap,
			Min: 0, AxisLine: &opts.AxisLine{OnZero: opts.Bool(false)}}), // Zero of the second x axis is a bar's middle.
	)
	// Points lie beside each other on a number line under the named axis.
	c.ExtendXAxis(opts.XAxis{Type: "value", Min: -0.5, Max: float64(len(groups)) - 0.5, Show: opts.Bool(false)})
	c.SetXAxis(names)
	c.AddSeries("median", medians, charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.BarMaxWidth = px(widest)
		if ideal > 0 {
			s.MarkLines = &opts.MarkLines{
				Data: []any{opts.MarkLineNameYAxisItem{Name: "ideal " + stats.Duration(ideal), YAxis: in(ideal.Seconds())}},
				MarkLineStyle: opts.MarkLineStyle{
					Symbol:    []string{"none", "none"},
					LineStyle: &opts.LineStyle{Type: "dashed"},
					Label:     &opts.Label{Show: opts.Bool(true), Position: "end", Formatter: asFormatter("{b}")},
				},
			}
		}
	}))
	if len(whiskers) > 0 {
		custom := charts.NewCustom()
		custom.AddSeries(intervalName, whiskers, errorbars)
		c.Overlap(custom)
	}
	scatter := charts.NewScatter()
	scatter.AddSeries("each run", points, charts.WithSeriesOpts(func(s *charts.SingleSeries) {
		s.XAxisIndex = 1
		s.SymbolSize = 5
		s.ItemStyle = &opts.ItemStyle{Opacity: opts.Float(0.7)}
	}))
	c.Overlap(scatter)

	alt := fmt.Sprintf("%s. Bars of the median time: %s.", title, strings.Join(says, "; "))
	note := subtitle
	if ideal > 0 {
		alt += " Ideal: " + stats.Duration(ideal) + "."
		note = strings.Join(append(nonEmpty(note), "ideal "+stats.Duration(ideal)), "; ")
	}
	option := mustOption(c, alt, map[string]any{"grid": grid(left, right, plotTop, bottom)})
	axis := option["xAxis"].([]any)[0].(map[string]any)
	axis["axisLabel"] = map[string]any{"width": room - 8, "overflow": "break", "interval": 0, "lineHeight": lineHeight}
	return Chart{
		Option: option, Height: plotTop + 240 + bottom, Alt: alt,
		Text: text,
		HTML: barsHTML(title, rows, note),
	}
}

const intervalName = "95 % interval"

func errorbars(s *charts.SingleSeries) {
	s.RenderItem = asFormatter("errorbar")
	s.Encode = &opts.Encode{X: 0, Y: []int{1, 2}}
}

// jitter spreads points from -0.5 to 0.5, the same way each time. Steps of the
// golden ratio fill an interval evenly however many there are.
func jitter(i int) float64 {
	_, fraction := math.Modf(float64(i+1) * math.Phi)
	return fraction - 0.5
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
