package explain

import (
	"fmt"
	"strings"
)

// waiting says who waits for what: "main to receive from ch (cell [4] line 9)
// and 2 goroutines …".
func (l *library) waiting(ws []waiter) string { return l.sentence(ws, "", "") }

// sentence is like waiting, with a verb for one and one for several.
func (l *library) sentence(ws []waiter, waits, wait string) string {
	return l.together(ws, func(x *waiter, n int) string {
		who, be := l.who(x, n), "is "
		if n > 1 {
			be = "are "
		}
		if x.want.kind == wantNothing {
			return who + " " + be + x.Doing() + l.placed(x.Goroutine)
		}
		verb := waits
		if n > 1 {
			verb = wait
		}
		return who + verb + " " + x.want.infinitive() + l.placed(x.Goroutine)
	})
}

// who is one goroutine by its name, or how many are alike.
func (l *library) who(x *waiter, n int) string {
	if n > 1 {
		return l.count(n, "goroutine", "goroutines")
	}
	return x.Name()
}

// together makes one sentence of waiters, alike ones as one.
func (l *library) together(ws []waiter, tell func(x *waiter, n int) string) string {
	var order []*waiter
	count := map[spot]int{}
	for i := range ws {
		s := ws[i].spot()
		if count[s]++; count[s] == 1 {
			order = append(order, &ws[i])
		}
	}
	var parts []string
	for i, x := range order {
		if i == 3 && len(order) > 4 {
			parts = append(parts, fmt.Sprintf("goroutines at %s%d other places", l.atLeast(), len(order)-i))
			break
		}
		parts = append(parts, tell(x, count[x.spot()]))
	}
	return list(parts)
}

// spot is what goroutines have in common when one sentence can speak of them all.
type spot struct {
	doing      string
	cell, line int
}

func (x *waiter) spot() spot {
	f, _ := x.Learner()
	return spot{x.Doing() + x.want.infinitive(), f.Cell, f.Line}
}

func (l *library) placed(g *Goroutine) string {
	if f, ok := g.Learner(); ok {
		return " (" + place(f.Cell, f.Line) + ")"
	}
	return ""
}

func list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
