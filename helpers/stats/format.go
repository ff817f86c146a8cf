package stats

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration prints d for people: two or three digits that matter and one unit,
// like "9.4 ms", "1.25 s", "840 ns", "2 min 5 s". The digits beyond are noise in
// any measurement of a program.
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-d)
	}
	if d == 0 {
		return "0 s"
	}
	if d >= 99500*time.Millisecond {
		d = d.Round(time.Second)
		if d >= time.Hour {
			return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
		}
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	unit := UnitFor(d)
	number := Number(unit.Of(d))
	if whole, fraction, _ := strings.Cut(number, "."); strings.Trim(fraction, "0") == "" {
		number = whole
	}
	return number + " " + unit.Name
}

// A Unit of time in which to print or to draw.
type Unit struct {
	Name string
	Size time.Duration
}

// Of returns d in the unit.
func (u Unit) Of(d time.Duration) float64 { return float64(d) / float64(u.Size) }

// UnitFor returns the unit in which d has between one and three digits before
// the point: ns, µs, ms or s.
func UnitFor(d time.Duration) Unit {
	switch {
	case d < time.Microsecond:
		return Unit{"ns", time.Nanosecond}
	case d < 999500*time.Nanosecond:
		return Unit{"µs", time.Microsecond}
	case d < 999500*time.Microsecond:
		return Unit{"ms", time.Millisecond}
	}
	return Unit{"s", time.Second}
}

// Number prints x with two digits that matter below 1, two decimals below 2, one
// below 100 and none above: 0.032, 1.65, 9.8, 27.3, 541.
func Number(x float64) string {
	magnitude := math.Abs(x)
	switch {
	case math.IsNaN(x):
		return "?"
	case math.IsInf(x, 0):
		return "∞"
	case x == 0:
		return "0"
	case magnitude < 0.0001:
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
	text := strconv.FormatFloat(x, 'f', decimals(x), 64)
	if magnitude < 1 {
		return trim(text)
	}
	return text
}

// Count prints a number of things, with its digits in groups: 12,345.
func Count(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// decimals returns how many Number prints. The ends of an interval take those of
// its middle: 1.99 [1.98, 2.00].
func decimals(x float64) int {
	switch magnitude := math.Abs(x); {
	case !(magnitude >= 0.0001): // also not a number
		return 2
	case magnitude < 1:
		return 1 - int(math.Floor(math.Log10(magnitude)))
	case magnitude < 1.995:
		return 2
	case magnitude < 99.95:
		return 1
	}
	return 0
}

// trim cuts zeros behind the last digit that matters, and a bare point.
func trim(s string) string {
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}
