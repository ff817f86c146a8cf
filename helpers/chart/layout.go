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

// Colours that mean something. All are from Okabe and Ito's palette or grey, and
// are seen on white and on black.
const (
	colorWorking = "#009e73"
	colorWaiting = "#9aa0a6"
	colorGuess   = "#d55e00"
	colorMedian  = "#0072b2"
)
