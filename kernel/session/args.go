package session

import (
	"fmt"
	"strings"
)

// fields splits a command's arguments as a shell would: at blanks, outside
// quotes, with a backslash before what is meant as it stands.
func fields(s string) ([]string, error) {
	var out []string
	var word strings.Builder
	in, quote := false, rune(0)
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, in = true, true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word.WriteRune(r)
			}
		case r == '"' || r == '\'':
			quote, in = r, true
		case r == ' ' || r == '\t':
			if in {
				out = append(out, word.String())
				word.Reset()
			}
			in = false
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a %c is not closed: %s", quote, s)
	}
	if in {
		out = append(out, word.String())
	}
	return out, nil
}

// testFlags are the flags of go test that people write without "test.".
var testFlags = map[string]bool{"bench": true, "benchmem": true, "benchtime": true, "count": true, "cpu": true,
	"failfast": true, "list": true, "parallel": true, "run": true, "short": true, "shuffle": true, "skip": true,
	"timeout": true, "v": true}

// testArgs are the arguments of a test program: what %test was given, or every
// test with its name, and the benchmarks when there are any.
func testArgs(given []string, benchmarks bool) []string {
	if len(given) == 0 {
		given = []string{"-v"}
		if benchmarks {
			given = append(given, "-bench=.")
		}
	}
	var out []string
	for _, a := range given {
		name, _, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if strings.HasPrefix(a, "-") && testFlags[name] {
			a = "-test." + strings.TrimLeft(a, "-")
		}
		out = append(out, a)
	}
	return out
}
