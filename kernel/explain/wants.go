package explain

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A want is what a goroutine waits for, as far as its state and the source at
// its line tell.
type want struct {
	kind wantKind
	name string // "ch", "a.mu"; "" when the source does not tell
	key  string // the same thing has the same key in every goroutine; "" when not known
	// ranges is set for a receive by range, which ends when the channel is closed.
	ranges bool
	// cases are those of a select.
	cases []want
}

type wantKind int

const (
	wantNothing wantKind = iota
	wantReceive
	wantSend
	wantSelect
	wantLock
	wantReadLock
	wantGroup
	wantCond
	wantOther
	wantNilReceive
	wantNilSend
	wantNever  // select {}
	wantOnce   // another call of the same Once
	wantPipe   // the other end of an io.Pipe
	wantSlot   // room under an errgroup's limit
	wantInside // something inside a function of somebody else's, which is the name
)

var wantKinds = map[string]wantKind{
	"chan receive":            wantReceive,
	"chan send":               wantSend,
	"chan receive (nil chan)": wantNilReceive,
	"chan send (nil chan)":    wantNilSend,
	"select":                  wantSelect,
	"select (no cases)":       wantNever,
	"sync.Mutex.Lock":         wantLock,
	"sync.RWMutex.Lock":       wantLock,
	"sync.RWMutex.RLock":      wantReadLock,
	"sync.WaitGroup.Wait":     wantGroup,
	"sync.Cond.Wait":          wantCond,
	"semacquire":              wantOther,
	"coroutine":               wantOther,
}

// methods are what somebody called who waits.
var methods = map[wantKind][]string{
	wantLock:     {"Lock"},
	wantReadLock: {"RLock"},
	wantGroup:    {"Wait"},
	wantCond:     {"Wait"},
}

// infinitive says what the goroutine waits for after "waits": "to send to ch".
func (w want) infinitive() string {
	name := func(otherwise string) string {
		if w.name != "" {
			return w.name
		}
		return otherwise
	}
	switch w.kind {
	case wantReceive:
		return "to receive from " + name("a channel")
	case wantSend:
		return "to send to " + name("a channel")
	case wantNilReceive:
		return "to receive from " + name("a channel") + ", which is nil"
	case wantNilSend:
		return "to send to " + name("a channel") + ", which is nil"
	case wantSelect:
		if len(w.cases) == 0 {
			return "in a select"
		}
		var parts []string
		for _, c := range w.cases {
			parts = append(parts, c.infinitive())
		}
		return "in a select " + strings.Join(parts, " or ")
	case wantNever:
		return "in a select without cases"
	case wantLock:
		return "to lock " + name("a mutex")
	case wantReadLock:
		return "to read-lock " + name("an RWMutex")
	case wantGroup:
		return "for the goroutines of " + name("a WaitGroup")
	case wantCond:
		return "for a signal of the sync.Cond" + prefixed(" ", w.name)
	}
	switch w.kind {
	case wantOnce:
		return "for another call of " + name("Once") + ".Do to end"
	case wantPipe:
		return "for the other end of an io.Pipe, inside " + w.name
	case wantSlot:
		return "for a free place under the limit of " + name("an errgroup")
	case wantInside:
		return "inside " + w.name
	}
	return "for a lock or a WaitGroup"
}

// plain is a name that can stand in a line of Go to try: a variable or a field.
func (w want) plain(otherwise string) string {
	if w.name == "" || strings.ContainsAny(w.name, "()[]") {
		return otherwise
	}
	return w.name
}

// elsewhere finds what somebody else's code waits for that a cell has called: g
// does not wait at the line itself.
func (g *Goroutine) elsewhere(w want) (k wantKind, method, name string) {
	called := ""
	for _, f := range g.Frames {
		if f.Cell != 0 {
			break
		}
		switch {
		case strings.HasPrefix(f.Func, "sync.(*Once)."):
			return wantOnce, "Do", ""
		case strings.HasPrefix(f.Func, "io.(*pipe)."):
			k = wantPipe
		case strings.HasSuffix(f.Func, "errgroup.(*Group).Go"):
			return wantSlot, "Go", ""
		case strings.HasSuffix(f.Func, "errgroup.(*Group).Wait"):
			return wantGroup, "Wait", ""
		}
		if !machinery(f.Func) {
			called = f.Func
		}
	}
	switch {
	case called == "":
		return w.kind, "", ""
	case k == wantPipe:
		return k, "", pretty(called)
	}
	return wantInside, "", pretty(called)
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// learnerFrames are the frames in cells, innermost first.
func (g *Goroutine) learnerFrames() (out []Frame) {
	for _, f := range g.Frames {
		if f.Cell != 0 {
			out = append(out, f)
		}
	}
	return out
}

// want finds what g waits for.
func (l *library) want(g *Goroutine) want {
	w := want{kind: wantKinds[g.State]}
	frames := g.learnerFrames()
	if w.kind == wantNothing || len(frames) == 0 {
		return w
	}
	kind, method, inside := g.elsewhere(w)
	if w.kind, w.name = kind, inside; inside != "" {
		return w
	}
	called := methods[w.kind]
	if method != "" {
		called = []string{method}
	}
	s := l.cell(frames[0].Cell)
	if s == nil {
		return w
	}
	at := frames[0].Line
	name := func(e ast.Expr) (string, string) { return l.canonical(s, e, g, 0) }
	s.on(at, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.ARROW && s.line(n.OpPos) == at && (w.kind == wantReceive || w.kind == wantNilReceive) {
				w.name, w.key = name(n.X)
				w.ranges = false
			}
		case *ast.RangeStmt:
			if s.line(n.For) == at && w.kind == wantReceive && w.name == "" {
				w.name, w.key = name(n.X)
				w.ranges = true
			}
		case *ast.SendStmt:
			if s.line(n.Arrow) == at && (w.kind == wantSend || w.kind == wantNilSend) {
				w.name, w.key = name(n.Chan)
			}
		case *ast.SelectStmt:
			// A select with one case waits as that case does; the runtime then
			// names the select's line or the case's.
			if s.line(n.Select) == at {
				w.cases = nil
				for _, c := range n.Body.List {
					comm := c.(*ast.CommClause).Comm
					if cw, ok := l.communication(s, comm, g); ok {
						w.cases = append(w.cases, cw)
					}
				}
				if w.kind != wantSelect && len(w.cases) == 1 && (w.kind == wantReceive || w.kind == wantSend) {
					w.name, w.key = w.cases[0].name, w.cases[0].key
				}
				if w.kind != wantSelect {
					w.cases = nil
				}
			}
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(called, sel.Sel.Name) && s.line(sel.Sel.Pos()) == at {
				w.name, w.key = name(sel.X)
			}
		}
	})
	return w
}

// communication reads a case of a select.
func (l *library) communication(s *syntax, comm ast.Stmt, g *Goroutine) (w want, ok bool) {
	var x ast.Expr
	switch c := comm.(type) {
	case *ast.SendStmt:
		w.kind = wantSend
		w.name, w.key = l.canonical(s, c.Chan, g, 0)
		return w, true
	case *ast.ExprStmt:
		x = c.X
	case *ast.AssignStmt:
		x = c.Rhs[0]
	default:
		return w, false
	}
	if u, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		w.kind = wantReceive
		w.name, w.key = l.canonical(s, u.X, g, 0)
		return w, true
	}
	return w, false
}

// canonical names a variable as g's outermost frame would: a parameter becomes
// the argument that stands for it. frame is the index, among g's frames in
// cells, of the one that e is written in. The key is "" where two goroutines
// with the same words may mean different things.
func (l *library) canonical(s *syntax, e ast.Expr, g *Goroutine, frame int) (name, key string) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if e.Obj == nil || e.Obj.Kind != ast.Var {
			return e.Name, "package " + e.Name
		}
		if field, ok := e.Obj.Decl.(*ast.Field); ok {
			if arg, as, af, ok := l.argument(s, field, e.Name, g, frame); ok {
				return l.canonical(as, arg, g, af)
			}
			return e.Name, ""
		}
		if s.file.Scope != nil && s.file.Scope.Lookup(e.Name) == e.Obj {
			return e.Name, "package " + e.Name
		}
		// A variable that a captured alias stands for: ch := ch.
		return e.Name, fmt.Sprintf("%d:%d", s.id, s.fset.Position(e.Obj.Pos()).Offset)
	case *ast.SelectorExpr:
		name, key = l.canonical(s, e.X, g, frame)
		if key != "" {
			key += "." + e.Sel.Name
		}
		return name + "." + e.Sel.Name, key
	case *ast.StarExpr:
		return l.canonical(s, e.X, g, frame)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return l.canonical(s, e.X, g, frame)
		}
	case *ast.IndexExpr:
		name, _ = l.canonical(s, e.X, g, frame)
		return name + "[" + types.ExprString(e.Index) + "]", ""
	case *ast.CallExpr:
		return types.ExprString(e), ""
	}
	return types.ExprString(e), ""
}

// argument finds what was passed for a parameter of the function in which g's
// frame stands.
func (l *library) argument(s *syntax, field *ast.Field, name string, g *Goroutine, frame int) (arg ast.Expr, in *syntax, at int, ok bool) {
	frames := g.learnerFrames()
	if frame >= len(frames) {
		return nil, nil, 0, false
	}
	// Which function, and which of its parameters?
	var fn ast.Node
	index, receiver := -1, false
	for _, n := range s.functions(frames[frame].Line) {
		var t *ast.FuncType
		var recv *ast.FieldList
		switch n := n.(type) {
		case *ast.FuncDecl:
			t, recv = n.Type, n.Recv
		case *ast.FuncLit:
			t = n.Type
		}
		if recv != nil && slices.Contains(recv.List, field) {
			fn, receiver = n, true
		}
		i := 0
		for _, f := range t.Params.List {
			for _, id := range f.Names {
				if f == field && id.Name == name {
					fn, index = n, i
				}
				i++
			}
		}
	}
	if fn == nil {
		return nil, nil, 0, false
	}
	// Who called it? The next frame, or the go statement.
	caller, at := g.Created, len(frames)
	if frame+1 < len(frames) {
		caller, at = frames[frame+1], frame+1
	}
	in = l.cell(caller.Cell)
	if in == nil {
		return nil, nil, 0, false
	}
	in.on(caller.Line, func(n ast.Node) {
		c, isCall := n.(*ast.CallExpr)
		if !isCall {
			return
		}
		switch fun := ast.Unparen(c.Fun).(type) {
		case *ast.FuncLit:
			ok = ok || (ast.Node(fun) == fn && index >= 0 && index < len(c.Args))
		case *ast.Ident:
			d, isDecl := fn.(*ast.FuncDecl)
			if isDecl && d.Name.Name == fun.Name && index >= 0 && index < len(c.Args) {
				ok = true
			}
		case *ast.SelectorExpr:
			d, isDecl := fn.(*ast.FuncDecl)
			if isDecl && d.Recv != nil && d.Name.Name == fun.Sel.Name {
				if receiver {
					arg, ok = fun.X, true
					return
				}
				ok = index >= 0 && index < len(c.Args)
			}
		}
		if ok && arg == nil {
			arg = c.Args[index]
		}
	})
	return arg, in, at, ok && arg != nil
}
