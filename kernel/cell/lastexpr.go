package cell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
)

// A lastExpr is the expression at the end of a cell of bare statements, whose
// value is shown. A nil *lastExpr means that the cell has none.
type lastExpr struct {
	from, to int    // in the unit's text
	plain    string // the unit's text as it is
	shown    string // the unit's text with the expression wrapped
	main     *unit
	names    []string // defined by := at the top level
	show     bool
}

// show is the function that carries a value out. Cells cannot clash with it: it
// is no exported Go name, and two underscores in a row are nobody's style.
const show = "gopark__show"

// blanked is the cell's code with every declaration turned to blanks, so that
// the statements between keep their lines and columns.
func (b *builder) blanked() string {
	code := []byte(b.cell.code)
	for _, ch := range b.cell.chunks {
		if ch.decl {
			for i := ch.start; i < ch.end; i++ {
				if code[i] != '\n' {
					code[i] = ' '
				}
			}
		}
	}
	return string(code)
}

// statements makes the body of main from the cell's statements.
func (b *builder) statements() *unit {
	code := b.blanked()
	var body []chunk
	for _, ch := range b.cell.chunks {
		if !ch.decl {
			body = append(body, ch)
		}
	}
	first, last := body[0], body[len(body)-1]
	l := &lastExpr{from: last.start, to: last.end}
	text := code
	// From the end, so that offsets before stay right. A value that is defined
	// and not used is no mistake in a notebook: the next cell would use it.
	shift := 0
	for i := len(body) - 1; i >= 0; i-- {
		names := defines(code[body[i].start:body[i].end])
		if len(names) == 0 {
			continue
		}
		l.names = append(l.names, names...)
		line, col := b.cell.position(body[i].end)
		use := fmt.Sprintf("; %s = %s/*line %s:%d:%d*/", strings.TrimSuffix(strings.Repeat("_, ", len(names)), ", "),
			strings.Join(names, ", "), SlotName(selfSlot), line, col)
		text = text[:body[i].end] + use + text[body[i].end:]
		shift += len(use)
	}
	end := last.end + shift
	start := first.start
	l.plain = text[start:end]
	// The last chunk defines nothing when it is an expression, so everything
	// inserted stands before it.
	if _, err := parser.ParseExpr(code[last.start:last.end]); err == nil {
		line, col := b.cell.position(last.start)
		endLine, endCol := b.cell.position(last.end)
		at := last.start + shift - start
		l.shown = l.plain[:at] + fmt.Sprintf("%s(/*line %s:%d:%d*/", show, SlotName(selfSlot), line, col) +
			l.plain[at:] + fmt.Sprintf("/*line %s:%d:%d*/)", SlotName(selfSlot), endLine, endCol)
		l.show = true
	}
	u := b.body(l.plain, start)
	l.main = u
	if l.show {
		u.text = l.shown
	}
	b.last = l
	return u
}

// selfSlot, in an inline //line directive, stands for the slot of the file that
// it will be in, which is not known before the program is whole. renderFile
// puts the slot in; both names have the same length.
const selfSlot = 99999

// defines lists the names that a statement defines with :=.
func defines(stmt string) (names []string) {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+stmt+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	fn, ok := f.Decls[0].(*ast.FuncDecl)
	if !ok || len(fn.Body.List) != 1 {
		return nil
	}
	if as, ok := fn.Body.List[0].(*ast.AssignStmt); ok && as.Tok == token.DEFINE {
		for _, e := range as.Lhs {
			if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
				names = append(names, id.Name)
			}
		}
	}
	return names
}

func (l *lastExpr) values() []string {
	if l == nil {
		return nil
	}
	return l.names
}

// drop stops showing a last expression that has no value, when that is what
// the type checker complains of.
func (l *lastExpr) drop(r *checked, te types.Error) bool {
	if l == nil || !l.show || !strings.Contains(te.Msg, "(no value) used as value") {
		return false
	}
	if call := l.call(r); call == nil || te.Pos < call.Pos() || te.Pos > call.End() {
		return false
	}
	l.show, l.main.text = false, l.plain
	return true
}

// call finds the wrapping call in the checked files.
func (l *lastExpr) call(r *checked) (found *ast.CallExpr) {
	for _, f := range r.files {
		ast.Inspect(f, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				if id, ok := c.Fun.(*ast.Ident); ok && id.Name == show {
					found = c
				}
			}
			return found == nil
		})
	}
	return found
}

// finish settles whether the value is shown: what fmt.Println and its like
// return is nobody's result.
func (l *lastExpr) finish(b *builder, r *checked, p *Program) {
	if l == nil || !l.show {
		return
	}
	if c := l.call(r); c != nil && len(c.Args) == 1 {
		if inner, ok := ast.Unparen(c.Args[0]).(*ast.CallExpr); ok {
			if sel, ok := inner.Fun.(*ast.SelectorExpr); ok {
				obj := r.info.Uses[sel.Sel]
				if obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == "fmt" && strings.Contains(sel.Sel.Name, "rint") && !strings.HasPrefix(sel.Sel.Name, "S") {
					l.show, l.main.text = false, l.plain
					return
				}
			}
		}
	}
	p.Result = true
}

// file is the generated source of the show function.
func (l *lastExpr) file() []SourceFile {
	if l == nil || !l.show {
		return nil
	}
	return []SourceFile{{"result.go", []byte(`package main

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
)

// ` + show + ` writes the value of the cell's last expression to the kernel.
func ` + show + `(values ...any) {
	out := os.NewFile(3, "result")
	for i, v := range values {
		if i > 0 {
			out.WriteString(", ")
		}
		switch x := v.(type) {
		case nil:
			out.WriteString("nil")
		case string:
			out.WriteString(strconv.Quote(x))
		case error, fmt.Stringer:
			fmt.Fprint(out, x)
		default:
			switch reflect.TypeOf(v).Kind() {
			case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer, reflect.String:
				fmt.Fprintf(out, "%#v", v)
			default:
				fmt.Fprintf(out, "%v", v)
			}
		}
	}
	out.Close()
}
`)}}
}
