package chart

import (
	"fmt"
	"unicode/utf8"
)

// Where things stand, in pixels. ECharts 6 puts the legend under the subtitle
// only if told how much room both need, so it is computed here.
const (
	titleTop   = 0
	legendTop  = 44 // below a title of 14 px and a subtitle of 12 px
	plotTop    = 76
	plotBottom = 48
	nameGap    = 46  // of the vertical axis, beside its numbers
	character  = 7.2 // width of a wide character at 12 px: a name too narrow breaks in the middle
	lineHeight = 15
)

func px(n int) string { return fmt.Sprint(n) }

func grid(left, right, top, bottom int) map[string]any {
	return map[string]any{"left": left, "right": right, "top": top, "bottom": bottom,
		// The room is ours to compute; without this ECharts 6 shrinks the plot again.
		"outerBoundsMode": "none"}
}

// textWidth estimates the width of s at 12 px.
func textWidth(s string) int { return int(float64(utf8.RuneCountInString(s)) * character) }

// lines estimates how many lines s takes when broken at width.
func lines(s string, width int) int { return max(1, (textWidth(s)+width-1)/width) }

// mostLines estimates how many lines the longest of names takes.
func mostLines(names []string, width int) int {
	most := 1
	for _, name := range names {
		most = max(most, lines(name, width))
	}
	return most
}

// nameRows has the rows of a chart named on the left, in lines of so many pixels,
// and their numbers stand on the right, where the second axis has no line.
func nameRows(option map[string]any, width int) {
	axes := option["yAxis"].([]any)
	axes[0].(map[string]any)["axisLabel"] = map[string]any{"width": width, "overflow": "break", "interval": 0, "lineHeight": lineHeight}
	numbers := axes[1].(map[string]any)
	numbers["axisLabel"] = map[string]any{"interval": 0}
	numbers["axisLine"], numbers["axisTick"] = map[string]any{"show": false}, map[string]any{"show": false}
}

// Colours that mean something. All are from Okabe and Ito's palette or grey, and
// are seen on white and on black.
const (
	colorWorking = "#009e73"
	colorWaiting = "#9aa0a6"
	colorGuess   = "#d55e00"
	colorMedian  = "#0072b2"
)
