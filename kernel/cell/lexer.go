package cell

import (
	"go/scanner"
	"go/token"
	"strings"
)

// A lexer follows Go text line by line, just well enough to know whether the
// next line begins inside a raw string, a comment or brackets.
type lexer struct {
	depth   int  // open (, [ and {
	raw     bool // inside a `raw string`
	comment bool // inside a /* comment */
}

// commandLine reports whether a line that begins in the lexer's state is a
// command. A % cannot begin a line of Go outside strings and comments; a ! can,
// inside brackets.
func (lx *lexer) commandLine(line string) bool {
	if lx.raw || lx.comment {
		return false
	}
	if rest, ok := strings.CutPrefix(line, prefix); ok {
		return strings.HasPrefix(rest, "%") || strings.HasPrefix(rest, "!")
	}
	if strings.HasPrefix(line, "%") {
		return true
	}
	return strings.HasPrefix(line, "!") && lx.depth <= 0
}

// line moves over one line of Go.
func (lx *lexer) line(s string) {
	for i := 0; i < len(s); i++ {
		switch {
		case lx.comment:
			if strings.HasPrefix(s[i:], "*/") {
				lx.comment = false
				i++
			}
		case lx.raw:
			lx.raw = s[i] != '`'
		case s[i] == '`':
			lx.raw = true
		case s[i] == '"' || s[i] == '\'':
			i = quoted(s, i)
		case strings.HasPrefix(s[i:], "//"):
			return
		case strings.HasPrefix(s[i:], "/*"):
			lx.comment = true
			i++
		case strings.IndexByte("([{", s[i]) >= 0:
			lx.depth++
		case strings.IndexByte(")]}", s[i]) >= 0:
			lx.depth--
		}
	}
}

// quoted is the index of the quote that ends the literal beginning at s[i], or
// of the line's last byte: such a literal never goes on to the next line.
func quoted(s string, i int) int {
	q := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case q:
			return i
		}
	}
	return len(s) - 1
}

// A chunk is one declaration or statement at the top level of a cell.
type chunk struct {
	start, end int // offsets in the cell's code; start includes the doc comment
	tok        token.Token
	decl       bool
}

// split finds the top-level chunks of Go text: it ends one at each semicolon,
// written or implied, that stands outside all brackets.
func split(code string) []chunk {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(code))
	var sc scanner.Scanner
	sc.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)

	var (
		out        []chunk
		toks       []token.Token // of the chunk under way
		start      = -1          // of the chunk under way
		end        int
		depth      int
		doc, docTo = -1, -1 // the comment group that may turn out to be the next chunk's
	)
	finish := func() {
		if start >= 0 && toks[0] != token.PACKAGE {
			out = append(out, chunk{start: start, end: end, tok: toks[0], decl: isDecl(toks)})
		}
		start, toks = -1, nil
	}
	blankBetween := func(from, to int) bool { return strings.Count(code[from:to], "\n") > 1 }
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			finish()
			return out
		}
		off := file.Offset(pos)
		if tok == token.COMMENT {
			if start < 0 {
				if doc < 0 || blankBetween(docTo, off) {
					doc = off
				}
				docTo = off + len(lit)
			}
			continue
		}
		if tok == token.SEMICOLON && depth <= 0 {
			if lit == ";" && start >= 0 {
				end = off
			}
			finish()
			continue
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue // implied: it has no text, and none follows at the end
		}
		if start < 0 {
			start = off
			if doc >= 0 && !blankBetween(docTo, off) {
				start = doc
			}
			doc = -1
		}
		toks = append(toks, tok)
		switch tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		}
		if lit == "" || tok.IsOperator() {
			lit = tok.String()
		}
		end = off + len(lit)
	}
}

// isDecl reports whether a chunk that consists of these tokens is a
// declaration. A func is one when a name follows, or a receiver and a name;
// otherwise it is a function literal, and so a statement.
func isDecl(toks []token.Token) bool {
	switch toks[0] {
	case token.IMPORT, token.CONST, token.VAR, token.TYPE:
		return true
	case token.FUNC:
	default:
		return false
	}
	rest := toks[1:]
	if len(rest) > 0 && rest[0] == token.IDENT {
		return true
	}
	depth := 0
	for i, t := range rest {
		switch t {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			depth--
			if depth == 0 {
				return i+2 < len(rest) && rest[i+1] == token.IDENT && rest[i+2] == token.LPAREN
			}
		}
	}
	return false
}
