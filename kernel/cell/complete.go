package cell

import (
	"errors"
	"go/scanner"
	"go/token"
	"strings"
)

// A Completeness says whether a cell can run as it is.
type Completeness string

const (
	Complete   Completeness = "complete"
	Incomplete Completeness = "incomplete" // more lines are to come
	Invalid    Completeness = "invalid"    // no further line will mend it
)

// IsComplete judges a cell that somebody types line by line, and the
// indentation that the next line should begin with when more is to come.
func IsComplete(text string) (c Completeness, indent string) {
	cl := Parse(0, text)
	if cl.Magic != nil {
		// A whole-cell command ends at a blank line.
		if strings.HasSuffix(text, "\n\n") || strings.HasSuffix(text, "\n") && cl.Body != "" {
			return Complete, ""
		}
		return Incomplete, ""
	}
	depth, open := 0, false
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(cl.code))
	var last token.Token
	var sc scanner.Scanner
	sc.Init(file, []byte(cl.code), func(_ token.Position, msg string) {
		open = open || strings.Contains(msg, "not terminated") && (strings.Contains(msg, "comment") || strings.Contains(msg, "raw string"))
	}, 0)
	for {
		_, tok, lit := sc.Scan()
		if tok == token.EOF {
			break
		}
		switch tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		}
		if depth < 0 {
			return Invalid, ""
		}
		if tok != token.SEMICOLON || lit == ";" {
			last = tok
		}
	}
	switch {
	case open:
		return Incomplete, ""
	case depth > 0:
		return Incomplete, strings.Repeat("\t", depth)
	case wantsMore(last):
		return Incomplete, ""
	}
	b, err := (&Memory{}).begin(cl, false)
	var syn *SyntaxError
	if errors.As(err, &syn) {
		return Invalid, ""
	}
	if b != nil && cl.mainAt >= 0 && strings.TrimSpace(cl.code[cl.mainAt:]) == "" {
		return Incomplete, "" // %% opens main: its body is to come
	}
	return Complete, ""
}

// wantsMore reports whether no statement ends with the token.
func wantsMore(t token.Token) bool {
	switch t {
	case token.COMMA, token.PERIOD, token.ASSIGN, token.DEFINE, token.ARROW, token.COLON:
		return true
	case token.INC, token.DEC, token.RPAREN, token.RBRACE, token.RBRACK, token.SEMICOLON, token.ILLEGAL:
		return false
	}
	return t.IsOperator()
}
