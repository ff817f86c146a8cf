package session

import (
	"errors"
	"fmt"
	"time"

	"gopark/kernel/explain"
)

// A sight is what the goroutines of a program did when it was stopped.
type sight struct {
	cell int
	dump string
}

// showGoroutines is %goroutines.
func showGoroutines(x *execution, _, _ string) error {
	x.mu.Lock()
	programs, last := append([]*program(nil), x.running...), x.last
	x.mu.Unlock()
	shown := 0
	for _, p := range programs {
		look, err := p.Look(x.ctx)
		if p.ctx.Err() != nil {
			continue // it has ended meanwhile
		}
		title := fmt.Sprintf("cell [%d], running for %s", p.cell, milliseconds(time.Since(p.began)))
		shown++
		if err != nil {
			x.note(title + ": its goroutines cannot be seen: " + err.Error())
			continue
		}
		x.out.Display(explain.Goroutines(title, look.Dump, x.source).Bundle(), nil, "")
	}
	switch {
	case shown > 0:
	case last.dump != "":
		x.out.Display(explain.Goroutines(fmt.Sprintf("cell [%d], when it was stopped", last.cell), last.dump, x.source).Bundle(), nil, "")
	default:
		return errors.New("no cell runs, and none was stopped: while one runs, ask in a cell beside it, on a subshell; or interrupt it first")
	}
	return nil
}

// remembersSight keeps the dump of a program that was stopped.
func (s *Session) remembersSight(cell int, dump string) {
	if dump == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = sight{cell, dump}
}
