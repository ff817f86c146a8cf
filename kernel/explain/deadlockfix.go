package explain

import (
	"go/ast"
	"go/token"
)

// deadlockFix says what to try, from what the goroutines wait for: at most two
// ideas, the likeliest first.
func deadlockFix(w *waitGraph, cycle []edge) (out []string) {
	kinds := map[wantKind]*waiter{}
	var ranging *waiter
	for i := range w.waiters {
		x := &w.waiters[i]
		if kinds[x.want.kind] == nil {
			kinds[x.want.kind] = x
		}
		if x.want.ranges && ranging == nil {
			ranging = x
		}
	}
	add := func(s string) {
		if len(out) < 2 {
			out = append(out, s)
		}
	}
	locks := len(cycle) > 0
	for _, e := range cycle {
		locks = locks && e.how == "held by"
	}
	named := func(k wantKind, otherwise string) string {
		if kinds[k] == nil {
			return otherwise
		}
		return or(kinds[k].want.name, otherwise)
	}
	switch {
	case locks && len(cycle) == 1 && cycle[0].want.kind == wantReadLock:
		add("a goroutine that has locked an RWMutex must not read-lock it as well: unlock first, or move the reading into a function that expects the lock to be held")
	case locks && len(cycle) == 1:
		add("a lock in Go belongs to nobody and cannot be taken twice: move the locked part into a function that expects the lock to be held, and call that from both places")
	case locks:
		add("lock in the same order everywhere, for example by an id, or use one lock for both")
	case kinds[wantNilReceive] != nil || kinds[wantNilSend] != nil:
		k := wantNilReceive
		if kinds[k] == nil {
			k = wantNilSend
		}
		add("make the channel before it is used: " + named(k, "ch") + " = make(chan …)")
	case kinds[wantGroup] != nil && kinds[wantSend] != nil:
		ch, wg := named(wantSend, "ch"), named(wantGroup, "wg")
		add("receive from " + ch + " before, or while, you wait: go func() { " + wg + ".Wait(); close(" + ch + ") }() and then for v := range " + ch)
	case kinds[wantGroup] != nil && ranging != nil:
		add("close(" + or(ranging.want.name, "ch") + ") before " + named(wantGroup, "wg") + ".Wait(): the goroutines that range over it end only then")
	case ranging != nil:
		ch := or(ranging.want.name, "ch")
		add("close(" + ch + ") after the last send: range ends only when the channel is closed")
	case kinds[wantLock] != nil && (kinds[wantSend] != nil || kinds[wantReceive] != nil || kinds[wantGroup] != nil):
		add("do not hold a lock while you wait for a channel or a WaitGroup: unlock first")
	case kinds[wantLock] != nil || kinds[wantReadLock] != nil:
		k := wantLock
		if kinds[k] == nil {
			k = wantReadLock
		}
		mu := named(k, "mu")
		add("somebody locked " + mu + " and did not unlock it: write defer " + mu + ".Unlock() right after " + mu + ".Lock()")
	case kinds[wantCond] != nil:
		c := named(wantCond, "cond")
		add("call " + c + ".Signal or " + c + ".Broadcast after the condition has changed, and check the condition in a loop before " + c + ".Wait: a signal that nobody waits for is lost")
	case kinds[wantGroup] != nil:
		add("there were more Add than Done: start the goroutines with " + named(wantGroup, "wg") + ".Go, which counts both")
	case kinds[wantSend] != nil && kinds[wantReceive] == nil:
		ch := named(wantSend, "ch")
		add("a send waits for a receiver: receive from " + ch + " in another goroutine, or give it room, make(chan …, n), when the number of values is known")
	case kinds[wantReceive] != nil:
		ch := named(wantReceive, "ch")
		add("somebody must send to " + ch + " or close it, on every way through the program")
	case kinds[wantSelect] != nil:
		add("one of the cases must become ready: send, close the channel, or cancel the context; a case <-time.After(…) sets an end to the waiting")
	case kinds[wantNever] != nil:
		add("select {} waits for ever: let main wait for something that ends, such as a WaitGroup")
	}
	return out
}

// made reports whether the source makes the channel x with make, and nothing
// else is ever assigned to it.
func (l *library) made(g *Goroutine, x want) bool {
	makes, others := 0, 0
	for _, f := range append(g.learnerFrames(), g.Created) {
		s := l.cell(f.Cell)
		if s == nil {
			continue
		}
		define := func(name ast.Expr, value ast.Expr) {
			id, ok := name.(*ast.Ident)
			if !ok {
				return
			}
			if _, key := l.canonical(s, id, g, 1<<30); key != x.key {
				return
			}
			if isMake(value) {
				makes++
			} else {
				others++
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok == token.DEFINE || n.Tok == token.ASSIGN {
					for i, lhs := range n.Lhs {
						if len(n.Rhs) == len(n.Lhs) {
							define(lhs, n.Rhs[i])
						} else {
							define(lhs, nil)
						}
					}
				}
			case *ast.ValueSpec:
				for i, id := range n.Names {
					if i < len(n.Values) {
						define(id, n.Values[i])
					}
				}
			}
			return true
		})
	}
	return makes > 0 && others == 0
}

func isMake(e ast.Expr) bool {
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := c.Fun.(*ast.Ident)
	return ok && id.Name == "make"
}
