package explain

import (
	"go/ast"
	"slices"
)

// A waiter is one goroutine of a deadlock: what it waits for and what it holds.
type waiter struct {
	*Goroutine
	want  want
	holds []held
}

// held is a lock that a goroutine took, earlier in a function that it is still
// in, and has not given back there.
type held struct {
	name, key string
	read      bool
	frame     Frame
}

// A waitGraph says who waits for whom.
type waitGraph struct {
	*library
	waiters []waiter
}

func newWaitGraph(l *library, gs []Goroutine) *waitGraph {
	w := &waitGraph{library: l}
	for i := range gs {
		g := &gs[i]
		x := waiter{g, l.want(g), l.holds(g)}
		if x.want.kind == wantCond {
			x.holds = nil // Wait has given the lock back
		}
		w.waiters = append(w.waiters, x)
	}
	return w
}

// holds reads, from the source before the line of each frame, which locks the
// goroutine has: x.Lock() without x.Unlock() between there and here, in blocks
// that enclose the line.
func (l *library) holds(g *Goroutine) (out []held) {
	for i, f := range g.learnerFrames() {
		s := l.cell(f.Cell)
		if s == nil {
			continue
		}
		fns := s.functions(f.Line)
		if len(fns) == 0 {
			continue
		}
		var here []held
		var walk func(list []ast.Stmt)
		walk = func(list []ast.Stmt) {
			for _, st := range list {
				if s.line(st.Pos()) >= f.Line {
					return
				}
				if s.covers(st, f.Line) {
					for _, inner := range blocks(st) {
						walk(inner)
					}
					return
				}
				es, ok := st.(*ast.ExprStmt)
				if !ok {
					continue
				}
				c, ok := es.X.(*ast.CallExpr)
				if !ok {
					continue
				}
				sel, ok := c.Fun.(*ast.SelectorExpr)
				if !ok {
					continue
				}
				name, key := l.canonical(s, sel.X, g, i)
				switch sel.Sel.Name {
				case "Lock", "RLock":
					here = append(here, held{name, key, sel.Sel.Name == "RLock", Frame{Cell: f.Cell, Line: s.line(sel.Sel.Pos())}})
				case "Unlock", "RUnlock":
					here = slices.DeleteFunc(here, func(h held) bool { return h.name == name })
				}
			}
		}
		if b := body(fns[len(fns)-1]); b != nil {
			walk(b.List)
		}
		out = append(out, here...)
	}
	return out
}

// blocks are the statement lists directly inside a statement.
func blocks(st ast.Stmt) (out [][]ast.Stmt) {
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			out = append(out, n.List)
			return false
		case *ast.CaseClause:
			out = append(out, n.Body)
			return false
		case *ast.CommClause:
			out = append(out, n.Body)
			return false
		}
		return true
	})
	return out
}

// An edge leads from a waiter to one who would end its wait.
type edge struct {
	from, to int
	want     want
	// how is what the other one has: "holds mu since line 4", "would send".
	how  string
	held Frame
	read bool // it was only read-locked
}

// edges are who could wake whom, by the source: the holder of the lock, or one
// whose code still has the send, the receive, the close or the Done.
//
// Every pair is looked at, so of a crowd only the first count, main among them:
// 8,500 goroutines in a dump took three seconds.
func (w *waitGraph) edges() (out []edge) {
	const most = 200
	n := min(len(w.waiters), most)
	for i := range n {
		wants := w.waiters[i].want.cases
		if w.waiters[i].want.kind != wantSelect {
			wants = []want{w.waiters[i].want}
		}
		for _, x := range wants {
			if x.key == "" {
				continue
			}
			for j := range n {
				if e, ok := w.wakes(x, i, j); ok {
					out = append(out, e)
				}
			}
		}
	}
	return out
}

// wakes reports whether waiter j could give i what it wants.
func (w *waitGraph) wakes(x want, i, j int) (edge, bool) {
	e := edge{from: i, to: j, want: x}
	other := &w.waiters[j]
	switch x.kind {
	case wantLock, wantReadLock:
		for _, h := range other.holds {
			if h.key == x.key && !(h.read && x.kind == wantReadLock && i != j) {
				e.how, e.held, e.read = "held by", h.frame, h.read
				return e, true
			}
		}
	case wantReceive, wantSend, wantGroup:
		if (i != j || x.kind == wantGroup) && w.will(other.Goroutine, x) {
			switch x.kind {
			case wantReceive:
				e.how = "sent by"
			case wantSend:
				e.how = "received by"
			default:
				e.how = "done by"
			}
			return e, true
		}
	}
	return e, false
}

// will reports whether the code that g has still before it holds what x waits
// for: a send or a close for a receive, a receive for a send, a Done for a Wait.
func (w *waitGraph) will(g *Goroutine, x want) bool {
	found := false
	for i, f := range g.learnerFrames() {
		s := w.cell(f.Cell)
		if s == nil {
			continue
		}
		fns := s.functions(f.Line)
		if len(fns) == 0 {
			continue
		}
		fn := fns[len(fns)-1]
		same := func(e ast.Expr) bool {
			_, key := w.canonical(s, e, g, i)
			return key != "" && key == x.key
		}
		loop := 0 // depth of loops that enclose the line
		var visit func(n ast.Node) bool
		visit = func(n ast.Node) bool {
			if n == nil || found {
				return false
			}
			switch n := n.(type) {
			case *ast.FuncLit:
				return n == fn
			case *ast.ForStmt, *ast.RangeStmt:
				if r, ok := n.(*ast.RangeStmt); ok && x.kind == wantSend && same(r.X) && s.line(r.Pos()) >= f.Line {
					found = true
				}
				if s.covers(n, f.Line) {
					loop++
					ast.Inspect(loopBody(n), visit)
					loop--
					return false
				}
			case *ast.DeferStmt:
				// Runs at the end, wherever it stands.
				loop++
				ast.Inspect(n.Call, visit)
				loop--
				return false
			}
			if s.line(n.End()) < f.Line && loop == 0 {
				return true // over; but a defer inside it is not
			}
			later := loop > 0 || s.line(n.Pos()) > f.Line
			if !later {
				return true
			}
			switch n := n.(type) {
			case *ast.SendStmt:
				found = found || x.kind == wantReceive && same(n.Chan)
			case *ast.UnaryExpr:
				found = found || x.kind == wantSend && n.Op.String() == "<-" && same(n.X)
			case *ast.CallExpr:
				switch fun := n.Fun.(type) {
				case *ast.Ident:
					found = found || x.kind == wantReceive && fun.Name == "close" && len(n.Args) == 1 && same(n.Args[0])
				case *ast.SelectorExpr:
					found = found || x.kind == wantGroup && fun.Sel.Name == "Done" && same(fun.X)
				}
			}
			return true
		}
		if b := body(fn); b != nil {
			ast.Inspect(b, visit)
		}
		if !found && x.kind == wantGroup {
			found = w.startedBy(s, fn, x.key, g, i)
		}
	}
	return found
}

func loopBody(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.ForStmt:
		return n.Body
	case *ast.RangeStmt:
		return n.Body
	}
	return n
}

// startedBy reports whether a function literal is the argument of key's Go.
func (w *waitGraph) startedBy(s *syntax, fn ast.Node, key string, g *Goroutine, frame int) (found bool) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := c.Fun.(*ast.SelectorExpr)
		if ok && sel.Sel.Name == "Go" && len(c.Args) == 1 && ast.Node(c.Args[0]) == fn {
			_, k := w.canonical(s, sel.X, g, frame)
			found = found || k == key
		}
		return true
	})
	return found
}

// cycle is the shortest circle of edges, or nil.
func (w *waitGraph) cycle() []edge {
	from := map[int][]edge{}
	for _, e := range w.edges() {
		from[e.from] = append(from[e.from], e)
	}
	var best []edge
	for start := range w.waiters {
		// Breadth first from start back to start.
		type step struct {
			at   int
			path []edge
		}
		queue := []step{{at: start}}
		seen := map[int]bool{}
		for len(queue) > 0 {
			st := queue[0]
			queue = queue[1:]
			if best != nil && len(st.path)+1 >= len(best) {
				break
			}
			for _, e := range from[st.at] {
				path := append(slices.Clone(st.path), e)
				if e.to == start {
					best = path
					queue = nil
					break
				}
				if !seen[e.to] {
					seen[e.to] = true
					queue = append(queue, step{e.to, path})
				}
			}
		}
	}
	return best
}
