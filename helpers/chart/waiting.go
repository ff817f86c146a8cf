package chart

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"

	"gopark/helpers/stats"
)

// A Span is one timed piece of work, for Waiting.
type Span struct {
	Name string
	Wall time.Duration
	// Waiting is the part of Wall in which no processor worked; Known says
	// whether the system could tell.
	Waiting time.Duration
	Known   bool
	// Guess is what somebody expected Wall to be, or 0.
	Guess time.Duration
	// Text is the sentence about this span.
	Text string
}

func (s Span) label() string {
	if !s.Known {
		return stats.Duration(s.Wall)
	}
	return fmt.Sprintf("%s, %s waiting", stats.Duration(s.Wall), Percent(s.Waiting, s.Wall))
}

// Percent prints part/whole like "92 %".
func Percent(part, whole time.Duration) string {
	if whole <= 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(whole))
}

// Waiting draws one bar a span, divided into working and waiting, with the guess
// as a mark beside it.
func Waiting(spans []Span) Chart {
	longest, guessed := time.Duration(1), false
	var names, labels, texts []string
	nameWidth := 0
	for _, s := range spans {
		longest = max(longest, s.Wall, s.Guess)
		guessed = guessed || s.Guess > 0
		names = append(names, s.Name)
		texts = append(texts, s.Text)
		nameWidth = max(nameWidth, textWidth(s.Name))
	}
	unit := stats.UnitFor(longest)
	in := func(d time.Duration) float64 { return round(unit.Of(d)) }

	var working, waiting []opts.BarData
	var guesses []opts.ScatterData
	var rows []bar
	labelWidth := 0
	for i, s := range spans {
		labels = append(labels, s.label())
		labelWidth = max(labelWidth, textWidth(s.label()))
		working = append(working, opts.BarData{Value: in(s.Wall - s.Waiting)})
		waiting = append(waiting, opts.BarData{Value: in(s.Waiting)})
		if s.Guess > 0 {
			guesses = append(guesses, opts.ScatterData{Value: []any{in(s.Guess), i}})
		}
		share := func(d time.Duration) float64 { return float64(d) / float64(longest) }
		rows = append(rows, bar{s.Name, []part{
			{colorWorking, share(s.Wall - s.Waiting)}, {colorWaiting, share(s.Waiting)},
		}, s.label()})
	}

	nameWidth = min(max(nameWidth, 40), 200)
	nameLines := mostLines(names, nameWidth)
	title := "Working and waiting"
	stacked := func(color string) charts.SeriesOpts {
		return charts.WithSeriesOpts(func(s *charts.SingleSeries) {
			s.Stack, s.BarMaxWidth = "time", "22"
			s.ItemStyle = &opts.ItemStyle{Color: color}
		})
	}
	c := charts.NewBar()
	c.SetGlobalOptions(
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(true), Top: px(titleTop), Left: px(nameWidth + 16)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Name: unit.Name, NameLocation: "middle", NameGap: 26, Min: 0}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Data: names, Inverse: opts.Bool(true),
			AxisLabel: &opts.AxisLabel{Show: opts.Bool(true)}}),
	)
	// The numbers stand in a column of their own: a second axis without a line.
	c.ExtendYAxis(opts.YAxis{Type: "category", Data: labels, Inverse: opts.Bool(true), Position: "right"})
	c.AddSeries("working", working, stacked(colorWorking))
	c.AddSeries("waiting", waiting, stacked(colorWaiting))
	if guessed {
		s := charts.NewScatter()
		s.AddSeries("your guess", guesses, charts.WithSeriesOpts(func(s *charts.SingleSeries) {
			s.Symbol, s.SymbolSize = "rect", []int{4, 26}
			s.ItemStyle = &opts.ItemStyle{Color: colorGuess}
		}))
		c.Overlap(s)
	}
	const top = 32
	height := top + len(spans)*max(38, nameLines*lineHeight+10) + plotBottom
	alt := title + ": " + strings.Join(texts, ". ") + "."
	option := mustOption(c, alt, map[string]any{"grid": grid(nameWidth+16, labelWidth+24, top, plotBottom)})
	nameRows(option, nameWidth)
	return Chart{
		Option: option, Height: height, Alt: alt,
		Text: strings.Join(texts, "\n") + "\n",
		HTML: barsHTML(title, rows, strings.Join(texts, ". ")+"."),
	}
}
