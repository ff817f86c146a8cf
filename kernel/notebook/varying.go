package notebook

import (
	"regexp"
	"sync"
)

// A variation is a part of a text, and what stands for it.
type variation struct {
	what    string
	pattern *regexp.Regexp
	with    string
}

// varying are the parts of what cells show that differ from run to run, each
// with what stands for it. They are as narrow as they can be: what a rule covers
// is not compared. They apply in this order. A kernel has no use for them, and makes
// none.
var varying = sync.OnceValue(func() []variation {
	return []variation{
		{"colours", regexp.MustCompile("\x1b\\[[0-9;]*m"), ""},

		// What helpers say.
		{"how a guess did", regexp.MustCompile(`(you guessed .*): (spot on|[\d.]+ (%|times) too (long|short))`), "$1: GUESS"},
		{"share of waiting", regexp.MustCompile(`\(\d+ % waiting\)`), "(WAITING)"},
		{"a verdict", regexp.MustCompile(`(?m)^(.*: )?(no difference found between .+ and .+ \(ratio .*\)|.+ (is|takes) [\d.,]+ times as (fast|long) as .+ \[.*\])$`), "${1}VERDICT"},
		{"doubts about a measurement", regexp.MustCompile(`(?m)^note: .*\n?`), ""},
		{"rounds", regexp.MustCompile(`\b\d+ rounds in random order after \d+ to warm up`), "ROUNDS"},

		// Quantities with a unit.
		{"result of a benchmark", regexp.MustCompile(`(?m)^(Benchmark\S*)\s+\d+\s+[\d.]+ ns/op.*$`), "$1 RESULT"},
		{"duration", regexp.MustCompile(`\b(\d+ h \d+ min|\d+ min \d+ s|(\d+h)?(\d+m)?\d+(\.\d+)?\s?(ns|µs|ms|s))\b`), "TIME"},
		{"interval", regexp.MustCompile(`TIME \[TIME, TIME\]`), "TIME"},
		// What happened, drawn as text: who came first, and how often, is chance.
		{"row of a picture", regexp.MustCompile(`(?m)^.*\|.*\bTIME to TIME$`), "ROW"},
		{"rows of a picture", regexp.MustCompile(`ROW(\nROW)*`), "ROWS"},
		{"relative time in a table", regexp.MustCompile(`(?m)( ±? *TIME) +\d+(\.\d+)?( \[[\d., ]+\])?$`), "$1 RATIO"},
		{"amount of memory", regexp.MustCompile(`\b\d+(\.\d+)? [KM]B\b`), "MEMORY"},
		{"ratio", regexp.MustCompile(`\b\d+(\.\d+)? times as\b`), "RATIO times as"},
		{"interval of ratios", regexp.MustCompile(`\b\d+(\.\d+)? \[\d+(\.\d+)?, \d+(\.\d+)?\]`), "RATIO"},

		// What programs and the runtime say of themselves.
		{"date and time of package log", regexp.MustCompile(`\b\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(\.\d+)?\b`), "DATE"},
		{"date and time", regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d\d:?\d\d|Z)?( [A-Z]{3,4})?( m=[+-]?\d+\.\d+)?`), "DATE"},
		{"process", regexp.MustCompile(`\bprocess \d+`), "process PID"},
		{"goroutine", regexp.MustCompile(`\bgoroutine \d+`), "goroutine ID"},
		{"address", regexp.MustCompile(`\b0x[0-9a-f]+`), "ADDRESS"},

		// Columns are as wide as what they hold.
		{"rule of a table", regexp.MustCompile(`-{3,}`), "---"},
		{"blanks", regexp.MustCompile(`[ \t]+`), " "},
		{"blanks at the end of a line", regexp.MustCompile(`(?m) $`), ""},
		{"blanks at the beginning of a line", regexp.MustCompile(`(?m)^ `), ""},
	}
})

// Constant returns the text of an output without what differs from run to run:
// times and what follows from them, addresses, ids of goroutines and processes,
// colours, and the width of columns.
func Constant(text string) string {
	for _, v := range varying() {
		text = v.pattern.ReplaceAllString(text, v.with)
	}
	return text
}
