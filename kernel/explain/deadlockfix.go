package explain

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// deadlockFix says what to try, from what the goroutines wait for and hold: the
// first rule that fits, since its cause explains the others' waiting.
func deadlockFix(w *waitGraph, cycle []edge) []string {
	first := map[wantKind]*waiter{}
	var ranging, holder, locker *waiter // who ranges; who holds a lock and waits for no lock; who holds one and waits for one
	for i := range w.waiters {
		x := &w.waiters[i]
		if first[x.want.kind] == nil {
			first[x.want.kind] = x
		}
		if x.want.ranges && ranging == nil {
			ranging = x
		}
		switch {
		case len(x.holds) == 0:
		case x.want.kind == wantLock || x.want.kind == wantReadLock:
			locker = x
		default:
			holder = x
		}
	}
	has := func(kinds ...wantKind) bool {
		for _, k := range kinds {
			if first[k] != nil {
				return true
			}
		}
		return false
	}
	name := func(otherwise string, kinds ...wantKind) string {
		for _, k := range kinds {
			if first[k] != nil {
				return first[k].want.plain(otherwise)
			}
		}
		return otherwise
	}
	locks := len(cycle) > 0
	channels := len(cycle) > 1
	for _, e := range cycle {
		locks = locks && e.how == "held by"
		channels = channels && (e.want.kind == wantSend || e.want.kind == wantReceive)
	}
	ch, mu := name("the channel", wantSend, wantReceive), name("mu", wantLock, wantReadLock)
	wg := name("wg", wantGroup)
	try := ""
	switch {
	case locks && len(cycle) == 1 && (cycle[0].want.kind == wantReadLock || cycle[0].read):
		try = "an RWMutex cannot be locked again by who has locked it, neither for reading nor for writing: unlock first, or move what needs the lock into a function that expects it to be held"
	case locks && len(cycle) == 1:
		try = "a mutex cannot be locked twice, not even by who has locked it: move what needs the lock into a function that expects it to be held, and call that from both places"
	case locks, locker != nil && holder == nil:
		try = "lock in the same order everywhere, for example by an id, or use one lock for both"
	case has(wantNilReceive, wantNilSend):
		try = "make the channel before it is used: " + name("ch", wantNilReceive, wantNilSend) + " = make(chan …)"
	case holder != nil && has(wantLock, wantReadLock):
		try = "do not hold a lock while you wait for a channel or a WaitGroup: unlock before, or take what you need out first"
	case has(wantOnce):
		try = "the function that Do runs must not call Do of the same Once again"
	case has(wantPipe):
		try = "a pipe has no buffer: write and read in two goroutines, and close the writer after the last write, with w.Close(), so that the reader sees the end"
	case has(wantSlot):
		try = "a goroutine of the group keeps its place while it starts another in the same group: use a second group for the inner work, or no limit"
	case channels && has(wantSend) && !has(wantReceive):
		try = "all of them send first and nobody receives: let one receive first, or give a channel room, make(chan …, 1)"
	case channels:
		try = "each waits for another to begin: let one of them send before it receives"
	case has(wantGroup) && has(wantSend):
		try = "receive from " + ch + " before, or while, you wait: go func() { " + wg + ".Wait(); close(" + ch + ") }() and then for v := range " + ch
	case has(wantGroup) && ranging != nil:
		try = "close(" + ranging.want.plain("ch") + ") before " + wg + ".Wait(): the goroutines that range over it end only then"
	case ranging != nil:
		try = "close(" + ranging.want.plain("ch") + ") after the last send: range ends only when the channel is closed"
	case has(wantLock, wantReadLock):
		try = "somebody locked " + mu + " and did not unlock it: write defer " + mu + ".Unlock() right after " + mu + ".Lock()"
		if !has(wantLock) || first[wantLock].State == "sync.RWMutex.Lock" {
			try += ", and RUnlock after RLock"
		}
	case has(wantCond):
		c := name("cond", wantCond)
		try = "call " + c + ".Signal or " + c + ".Broadcast after the condition has changed, and check the condition in a loop before " + c + ".Wait: a signal that nobody waits for is lost"
	case len(cycle) == 1:
		try = "a goroutine cannot wait for the group that counts it: let the one who started the group wait"
	case has(wantGroup):
		try = "there were more Add than Done: start the goroutines with " + wg + ".Go, which counts both; a WaitGroup that is passed on needs a pointer"
	case has(wantSend) && !has(wantReceive):
		try = "a send waits for a receiver: receive from " + ch + " in another goroutine, or give it room, make(chan …, n), when the number of values is known"
	case has(wantReceive) && strings.HasSuffix(first[wantReceive].want.name, ".Done()"):
		try = "cancel the context on every way through the program: defer cancel() right after context.WithCancel, or use context.WithTimeout"
	case has(wantReceive):
		try = "somebody must send to " + name("the channel", wantReceive) + " or close it, on every way through the program"
	case has(wantSelect):
		try = "one of the cases must become ready: send, close the channel, or cancel the context; a case <-time.After(…) sets an end to the waiting"
	case has(wantNever):
		try = "select {} waits for ever: let main wait for something that ends, such as a WaitGroup"
	default:
		return nil
	}
	return []string{try}
}

// ring draws goroutines that stand at one line, each with a lock out of several
// and waiting for another: which has which, the source does not tell.
func (w *waitGraph) ring() part {
	base := func(s string) string {
		b, _, ok := strings.Cut(s, "[")
		if !ok {
			return ""
		}
		return b
	}
	n, one := 0, -1
	for i := range w.waiters {
		x := &w.waiters[i]
		if b := base(x.want.name); b == "" || x.want.kind != wantLock || len(x.holds) != 1 || base(x.holds[0].name) != b ||
			one >= 0 && x.spot() != w.waiters[one].spot() {
			continue
		}
		n++
		if one < 0 {
			one = i
		}
	}
	if n < 2 {
		return nil
	}
	x := &w.waiters[one]
	f, _ := x.Learner()
	who, what := plural(n, "goroutine", "goroutines"), base(x.want.name)+"[…]"
	told := line{bold(who), say(" each hold one of " + base(x.want.name) + " and wait for another ("), at(f), say("): a circle")}
	svg := drawCircle([]station{
		{title: who, below: place(f.Cell, f.Line), goroutine: true},
		{title: what, below: "locked at line " + strconv.Itoa(x.holds[0].frame.Line)},
	}, []string{"each waits for another", "one is held by each"})
	return picture{svg: svg, alt: told.String() + ".", lines: []line{told}}
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
