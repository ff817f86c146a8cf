package cell

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lexeme is one token of text that need not be Go.
type lexeme struct {
	tok      token.Token
	lit      string
	from, to int
	open     bool // a literal or comment that nothing ends
}

// lexemes are the tokens of text, comments too, without implied semicolons.
func lexemes(text string) (out []lexeme) {
	file := token.NewFileSet().AddFile("", -1, len(text))
	open := false
	var sc scanner.Scanner
	sc.Init(file, []byte(text), func(_ token.Position, msg string) {
		open = open || strings.Contains(msg, "not terminated")
	}, scanner.ScanComments)
	for {
		open = false
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			return out
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue
		}
		if lit == "" || tok.IsOperator() {
			lit = tok.String()
		}
		from := file.Offset(pos)
		out = append(out, lexeme{tok, lit, from, min(from+len(lit), len(text)), open})
	}
}

// closers is what has to follow text for its brackets, raw strings and comments
// to be closed.
func closers(text string) string {
	var open []byte
	var end string
	lineComment := false
	for _, l := range lexemes(text) {
		lineComment = false
		switch l.tok {
		case token.LPAREN:
			open = append(open, ')')
		case token.LBRACK:
			open = append(open, ']')
		case token.LBRACE:
			open = append(open, '}')
		case token.RPAREN, token.RBRACK, token.RBRACE:
			// One of another kind closes what was left open inside it.
			for i := len(open) - 1; i >= 0; i-- {
				if open[i] == l.lit[0] {
					open = open[:i]
					break
				}
			}
		case token.COMMENT:
			lineComment = strings.HasPrefix(l.lit, "//")
			if l.open {
				end = "*/"
			}
		case token.STRING:
			if l.open && strings.HasPrefix(l.lit, "`") {
				end = "`"
			}
		}
	}
	if len(open) == 0 {
		return end
	}
	var b strings.Builder
	b.WriteString(end)
	if lineComment {
		b.WriteByte('\n')
	}
	for i := len(open) - 1; i >= 0; i-- {
		b.WriteByte(open[i])
	}
	return b.String()
}

// placeOf says what offset at of a cell's code is in, and what stands there
// before the cursor when it is an import's path.
func placeOf(c *Cell, at int) (Place, string) {
	text, shift := c.code, 0
	if c.mainAt >= 0 {
		if text = c.code[:c.mainAt]; at >= c.mainAt {
			text, shift = c.code[c.mainAt:], c.mainAt
		}
	}
	at -= shift
	importing, group := false, false
	for _, l := range lexemes(text) {
		if l.from >= at {
			break
		}
		switch l.tok {
		case token.IMPORT:
			importing, group = true, false
		case token.LPAREN:
			group = importing
		case token.RPAREN, token.SEMICOLON, token.FUNC, token.VAR, token.TYPE, token.CONST:
			importing = importing && group && l.tok == token.SEMICOLON
		case token.COMMENT:
			if at < l.to || l.open || (at == l.to && strings.HasPrefix(l.lit, "//")) {
				return InText, ""
			}
		case token.STRING, token.CHAR:
			if at < l.to || l.open && at == l.to {
				if importing && l.tok == token.STRING {
					return InImport, text[l.from+1 : at]
				}
				return InText, ""
			}
			importing = importing && group
		}
	}
	return Code, ""
}

// dotted lists each name that stands before a dot, and the names behind it: the
// candidates for packages, and what they must have. What is being typed at the
// cursor is not asked of anything; atCursor is the name before its dot.
func dotted(code string, at int) (wanted map[string][]string, atCursor string) {
	wanted = map[string][]string{}
	ls := lexemes(code)
	for i, l := range ls {
		if l.tok != token.IDENT || i+1 >= len(ls) || ls[i+1].tok != token.PERIOD || (i > 0 && ls[i-1].tok == token.PERIOD) {
			continue
		}
		sels := wanted[l.lit]
		if i+2 < len(ls) && ls[i+2].tok == token.IDENT {
			if s := ls[i+2]; s.from <= at && at <= s.to {
				atCursor = l.lit
			} else {
				sels = append(sels, s.lit)
			}
		}
		wanted[l.lit] = sels
	}
	return wanted, atCursor
}

// hasPrefix compares without regard to case.
func hasPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// clean is text as Parse reads it.
func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\r", ""), "\uFFFD")
}

// identBefore is the length of the identifier that text ends in.
func identBefore(text string) int {
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeLastRuneInString(text[:len(text)-n])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		n += size
	}
	// A number is no identifier.
	for s := text[len(text)-n:]; s != ""; {
		r, size := utf8.DecodeRuneInString(s)
		if !unicode.IsDigit(r) {
			break
		}
		s, n = s[size:], n-size
	}
	return n
}

func identStart(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return r == '_' || unicode.IsLetter(r)
}

// mend is what to put in at the cursor: a name after a dot that has none, and
// the brackets that the line has open where nothing comes behind the cursor.
func mend(before, after, prefix string) string {
	var in string
	dot := strings.HasSuffix(before[:len(before)-len(prefix)], ".")
	if dot && prefix == "" && !identStart(after) && !strings.HasSuffix(before, "..") {
		in = "_"
	}
	rest, _, _ := strings.Cut(after, "\n")
	if (in == "" && prefix == "") || strings.TrimSpace(rest) != "" {
		return in
	}
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return in + strings.Map(func(r rune) rune {
		if r == '}' {
			return -1 // a block that is open at the end of a line is no slip
		}
		return r
	}, closers(line))
}

// declared are the keys that a declaration, maybe broken, declares.
func declared(text string) (keys []string) {
	f, _ := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, parser.SkipObjectResolution)
	if f == nil {
		return nil
	}
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			key := decl.Name.Name
			if decl.Recv != nil && len(decl.Recv.List) == 1 {
				key = receiver(decl.Recv.List[0].Type) + "." + key
			}
			keys = append(keys, key)
		case *ast.GenDecl:
			for _, s := range decl.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					keys = append(keys, s.Name.Name)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						keys = append(keys, id.Name)
					}
				}
			}
		}
	}
	return keys
}
