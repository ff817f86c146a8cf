package page

import (
	"go/scanner"
	"go/token"
	"html/template"
	"strings"

	"gopark/kernel/cell"
)

// goSource is a cell's text with its keywords, literals, comments and commands
// marked.
func goSource(text string) template.HTML {
	c := cell.Parse(0, text)
	commands := map[int]bool{}
	for _, cmd := range c.Commands {
		commands[cmd.Line] = true
	}
	var b marked
	if c.Magic != nil { // the rest of the cell is no Go
		first, rest, more := strings.Cut(text, "\n")
		b.put("m", first)
		if more {
			b.put("", "\n"+rest)
		}
		return b.html()
	}
	// Command lines are blanked, so that the scanner's offsets stay those of text.
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if commands[i+1] {
			lines[i] = blank(line)
		}
	}
	src := strings.Join(lines, "")
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var sc scanner.Scanner
	sc.Init(file, []byte(src), func(token.Position, string) {}, scanner.ScanComments)
	at := 0
	gap := func(to int) { // what no token covers: blanks, and command lines
		start := at
		for start < to {
			end := to
			if i := strings.IndexByte(text[start:to], '\n'); i >= 0 {
				end = start + i + 1
			}
			class := ""
			if commands[strings.Count(text[:start], "\n")+1] {
				class = "m"
			}
			b.put(class, text[start:end])
			start = end
		}
		at = to
	}
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && lit != ";" {
			continue
		}
		if lit == "" {
			lit = tok.String()
		}
		from := file.Offset(pos)
		to := from + len(lit)
		// The scanner drops carriage returns from literals, and an illegal byte
		// may be longer than it says: such text stays unmarked.
		if from < at || to > len(text) || text[from:to] != lit {
			continue
		}
		gap(from)
		b.put(class(tok), lit)
		at = to
	}
	gap(len(text))
	return b.html()
}

func class(tok token.Token) string {
	switch {
	case tok.IsKeyword():
		return "k"
	case tok == token.STRING || tok == token.CHAR:
		return "s"
	case tok == token.COMMENT:
		return "c"
	case tok == token.INT || tok == token.FLOAT || tok == token.IMAG:
		return "n"
	}
	return ""
}

// blank is a line of the same length with nothing in it.
func blank(line string) string {
	body := strings.TrimRight(line, "\r\n")
	return strings.Repeat(" ", len(body)) + line[len(body):]
}

// marked is text with classes, escaped.
type marked struct{ b strings.Builder }

func (m *marked) put(class, text string) {
	if text == "" {
		return
	}
	if class == "" {
		m.b.WriteString(template.HTMLEscapeString(text))
		return
	}
	m.b.WriteString(`<span class="` + class + `">`)
	m.b.WriteString(template.HTMLEscapeString(text))
	m.b.WriteString("</span>")
}

func (m *marked) html() template.HTML { return template.HTML(m.b.String()) }
