package explain

import (
	"go/ast"
	"strings"
)

// LockCycle finds goroutines in a dump that wait for locks which they hold
// themselves, in a circle, whatever the others do. Who holds what is read from
// the source, so it is evidence and no proof. Nil when there is no circle, or
// when somebody may unlock what he has not locked himself.
func LockCycle(dump string, source Source) *Failure {
	d := ParseDump(dump)
	lib := d.library(source)
	w := newWaitGraph(lib, learners(d))
	cycle := w.cycle()
	if len(cycle) == 0 {
		return nil
	}
	var in []Goroutine
	for _, e := range cycle {
		if e.how != "held by" || e.read {
			return nil
		}
		for _, x := range w.waiters {
			if lib.unlocksOnly(x.Goroutine, e.want.key) {
				return nil
			}
		}
		in = append(in, *w.waiters[e.from].Goroutine)
	}
	among := newWaitGraph(lib, in)
	var told []string
	for _, e := range cycle {
		told = append(told, lib.told(w, e).String())
	}
	value := strings.Join(told, "; ")
	p := &Page{title: "No progress: a circle of locks", raw: dump}
	lib.waits(p, among)
	return finish("Deadlock", value, p, true)
}

// unlocksOnly reports whether a function that g is in, or one inside it, unlocks
// a lock without locking it: that of another goroutine, which Go allows.
func (l *library) unlocksOnly(g *Goroutine, key string) bool {
	for i, f := range g.learnerFrames() {
		s := l.cell(f.Cell)
		if s == nil {
			continue
		}
		fns := s.functions(f.Line)
		if len(fns) == 0 || body(fns[0]) == nil {
			continue
		}
		literals := []ast.Node{fns[0]} // and those inside it
		for len(literals) > 0 {
			fn := literals[0]
			literals = literals[1:]
			locks, unlocks := false, false
			deferred := map[ast.Node]bool{}
			ast.Inspect(body(fn), func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.DeferStmt:
					deferred[n.Call.Fun] = true // a part of fn
				case *ast.FuncLit:
					if !deferred[n] {
						literals = append(literals, n)
						return false
					}
				case *ast.SelectorExpr:
					method := n.Sel.Name
					if !strings.HasSuffix(method, "ock") {
						break
					}
					if _, k := l.canonical(s, n.X, g, i); k != key {
						break
					}
					locks = locks || method == "Lock" || method == "RLock" || method == "TryLock" || method == "TryRLock"
					unlocks = unlocks || method == "Unlock" || method == "RUnlock"
				}
				return true
			})
			if unlocks && !locks {
				return true
			}
		}
	}
	return false
}
