package explain

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// variable names what two accesses raced for, by the source at their lines. It
// returns "" when the source does not tell for sure.
func (l *library) variable(accesses [2]access) string {
	a, b := l.touched(accesses[0]), l.touched(accesses[1])
	var both []string
	for _, x := range a {
		if slices.ContainsFunc(b, func(y touch) bool { return x.key == y.key && x.key != "" || x.name == y.name }) &&
			!slices.Contains(both, x.name) {
			both = append(both, x.name)
		}
	}
	switch len(both) {
	case 1:
		return both[0]
	case 0:
		// Two names for one thing, as a parameter and its argument: the one
		// that writes says it best.
		for i, t := range [][]touch{a, b} {
			if rank(accesses[i].verb) > 0 && len(t) == 1 {
				return t[0].name
			}
		}
		for _, t := range [][]touch{a, b} {
			if len(t) == 1 {
				return t[0].name
			}
		}
	}
	return ""
}

// A touch is a variable that a line reads or writes.
type touch struct{ name, key string }

// touched lists what the line of an access may have read or written.
func (l *library) touched(a access) (out []touch) {
	f := learner(a.frames)
	s := l.cell(f.Cell)
	if s == nil {
		return nil
	}
	// A frame of the library below the cell's says what kind of thing it was.
	inMap, inLibrary := false, false
	if len(a.frames) > 0 && a.frames[0].Cell == 0 {
		inMap = strings.HasPrefix(a.frames[0].Func, "runtime.map") || strings.HasPrefix(a.frames[0].Func, "internal/runtime/maps.")
		inLibrary = !inMap && !strings.HasPrefix(a.frames[0].Func, "runtime.")
	}
	write := rank(a.verb) > 0
	method := "" // of somebody else's that the line calls
	for _, f := range a.frames {
		if f.Cell != 0 {
			break
		}
		method = f.Func[strings.LastIndexByte(f.Func, '.')+1:]
	}
	add := func(e ast.Expr) {
		e = ast.Unparen(e)
		if id, ok := e.(*ast.Ident); ok && (id.Name == "_" || id.Obj != nil && id.Obj.Kind != ast.Var) {
			return
		}
		if inMap {
			if ix, ok := e.(*ast.IndexExpr); ok {
				e = ix.X
			} else if write {
				return
			}
		}
		t := touch{name: types.ExprString(e)}
		if id, ok := e.(*ast.Ident); ok {
			t.name, t.key = l.canonicalKey(s, id)
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	fn := s.functions(f.Line)
	var inner ast.Node
	if len(fn) > 0 {
		inner = fn[len(fn)-1]
	}
	s.on(f.Line, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if s.line(n.Pos()) > f.Line || n.Tok == token.DEFINE && write && !redefines(n) {
				return
			}
			if write && s.line(n.Pos()) == f.Line && !inLibrary {
				for _, x := range n.Lhs {
					add(x)
				}
			}
		case *ast.IncDecStmt:
			if write && s.line(n.Pos()) == f.Line && !inLibrary {
				add(n.X)
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && write && (id.Name == "delete" || id.Name == "clear" || id.Name == "copy") && len(n.Args) > 0 {
				if s.line(n.Pos()) == f.Line {
					add(n.Args[0])
				}
			}
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && inLibrary && sel.Sel.Name == method && s.line(sel.Sel.Pos()) == f.Line {
				// buf.WriteString: the method wrote, what it wrote to is its receiver.
				if id, ok := sel.X.(*ast.Ident); !ok || id.Obj != nil || !looksLikePackage(s, id) {
					add(sel.X)
				} else {
					for _, x := range n.Args {
						addOperand(add, x)
					}
				}
			}
		}
	})
	if write || inLibrary {
		return out
	}
	// A read: every variable on the line that is not only assigned to.
	ast.Inspect(orFile(inner, s), func(n ast.Node) bool {
		if n == nil {
			return false
		}
		if !s.covers(n, f.Line) {
			return false
		}
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
				for _, x := range n.Rhs {
					reads(s, f.Line, x, add, inMap)
				}
				for _, x := range n.Lhs {
					if ix, ok := x.(*ast.IndexExpr); ok {
						reads(s, f.Line, ix.X, add, inMap)
						reads(s, f.Line, ix.Index, add, inMap)
					} else if sel, ok := x.(*ast.SelectorExpr); ok {
						reads(s, f.Line, sel.X, add, inMap)
					}
				}
				return containsLiteral(n)
			}
		case ast.Expr:
			reads(s, f.Line, n, add, inMap)
			return containsLiteral(n)
		}
		return true
	})
	return out
}

func orFile(n ast.Node, s *syntax) ast.Node {
	if n == nil {
		return s.file
	}
	return n
}

func containsLiteral(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			found = true
		}
		return !found
	})
	return found
}

// reads adds the variables that an expression reads at a line.
func reads(s *syntax, line int, e ast.Expr, add func(ast.Expr), inMap bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IndexExpr:
			if inMap {
				add(n)
			} else if s.line(n.Pos()) == line {
				add(n)
			}
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && id.Obj == nil && looksLikePackage(s, id) {
				return false
			}
			if s.line(n.Sel.Pos()) == line && !inMap {
				add(n)
			}
			ast.Inspect(n.X, func(m ast.Node) bool {
				if x, ok := m.(ast.Expr); ok && m != n.X {
					reads(s, line, x, add, inMap)
					return false
				}
				return true
			})
			if id, ok := n.X.(*ast.Ident); ok && s.line(id.Pos()) == line && !inMap {
				add(id)
			}
			return false
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok {
				_ = id
				for _, x := range n.Args {
					reads(s, line, x, add, inMap)
				}
				return false
			}
		case *ast.KeyValueExpr:
			reads(s, line, n.Value, add, inMap)
			return false
		case *ast.Ident:
			if s.line(n.Pos()) == line && !inMap && n.Name != "nil" && n.Name != "true" && n.Name != "false" && n.Name != "len" &&
				(n.Obj == nil || n.Obj.Kind == ast.Var) {
				add(n)
			}
		}
		return true
	})
}

func addOperand(add func(ast.Expr), x ast.Expr) {
	if u, ok := x.(*ast.UnaryExpr); ok && u.Op == token.AND {
		x = u.X
	}
	switch x.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		add(x)
	}
}

// redefines reports whether a := assigns to any variable that was there before.
func redefines(n *ast.AssignStmt) bool {
	for _, x := range n.Lhs {
		if id, ok := x.(*ast.Ident); ok && id.Obj != nil && id.Obj.Decl != n {
			return true
		}
	}
	return false
}

// looksLikePackage reports whether an identifier that nothing in the cell
// declares is the name of a package: one that the cell imports, or a word of
// lower case that is no variable of the package block.
func looksLikePackage(s *syntax, id *ast.Ident) bool {
	return commonPackages[id.Name]
}

// commonPackages are names that cells use without importing them.
var commonPackages = map[string]bool{"fmt": true, "time": true, "sync": true, "atomic": true, "context": true, "strings": true,
	"strconv": true, "sort": true, "slices": true, "maps": true, "errors": true, "os": true, "io": true, "math": true, "rand": true,
	"log": true, "http": true, "runtime": true, "bytes": true, "bufio": true, "errgroup": true, "helpers": true, "check": true,
	"unsafe": true, "reflect": true, "json": true, "filepath": true, "utf8": true, "unicode": true, "signal": true, "big": true}

// canonicalKey is a name and a key for an identifier by itself, without a
// goroutine's calls.
func (l *library) canonicalKey(s *syntax, id *ast.Ident) (name, key string) {
	return l.canonical(s, id, &Goroutine{}, 1<<30)
}

// changes reports whether the line of an access reads and writes one variable in
// one go: n++, n += 2, s = append(s, x).
func (l *library) changes(a access) (yes bool) {
	f := learner(a.frames)
	s := l.cell(f.Cell)
	if s == nil || strings.HasPrefix(a.verb, "atomic") || len(a.frames) > 0 && a.frames[0].Cell == 0 && !strings.HasPrefix(a.frames[0].Func, "runtime.") {
		return false
	}
	others := false // the line holds another statement that could be meant
	s.on(f.Line, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			yes = yes || s.line(n.Pos()) == f.Line
		case *ast.AssignStmt:
			if s.line(n.Pos()) != f.Line || n.Tok == token.DEFINE {
				return
			}
			switch {
			case n.Tok != token.ASSIGN:
				yes = true
			case len(n.Lhs) == 1 && isAppendTo(n.Rhs[0], n.Lhs[0]):
				yes = true
			default:
				others = true
			}
		}
	})
	return yes && !others
}

func isAppendTo(value, list ast.Expr) bool {
	c, ok := value.(*ast.CallExpr)
	if !ok || len(c.Args) == 0 {
		return false
	}
	id, ok := c.Fun.(*ast.Ident)
	return ok && id.Name == "append" && types.ExprString(c.Args[0]) == types.ExprString(list)
}
