package notebook

import (
	"math"
	"strconv"
	"strings"
)

// number is the length of the number at the start of s, or 0. Python's json takes
// NaN and the infinities for numbers.
func number(s []byte) int {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if hasPrefix(s, word) {
			return len(word)
		}
	}
	i := 0
	digits := func() bool {
		start := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !digits() {
		return 0
	}
	end := i
	if i < len(s) && s[i] == '.' {
		if i++; digits() {
			end = i
		} else {
			return end
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if digits() {
			end = i
		}
	}
	return end
}

// pythonNumber spells a JSON number as Python's json does after reading it: an
// integer keeps its digits, anything else becomes the repr of a float.
func pythonNumber(lit string) string {
	switch {
	case lit == "NaN", lit == "Infinity", lit == "-Infinity":
		return lit
	case lit == "-0":
		return "0"
	case !strings.ContainsAny(lit, ".eE"):
		return lit
	}
	f, _ := strconv.ParseFloat(lit, 64) // out of range gives an infinity, as in Python
	return pythonFloat(f)
}

// pythonFloat is Python's repr of a float in JSON: the shortest digits that read
// back the same, with an exponent below 1e-4 and from 1e16 on.
func pythonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
