package compiled

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gopark/kernel/toolchain"
)

// A preparation makes the archives of one kind ready, once, however many wait
// for it. After a failure the next one who waits starts it again.
type preparation struct {
	engine *Engine
	kind   toolchain.Kind

	mu     sync.Mutex
	done   chan struct{} // of the attempt under way or last made; nil before the first
	err    error         // of that attempt
	ready  bool
	notes  map[int]func(string)
	nextID int
}

// wait returns when the archives are ready. Meanwhile note, if not nil, hears
// how far it is; it is not called after wait has returned.
func (p *preparation) wait(ctx context.Context, note func(string)) error {
	p.mu.Lock()
	if p.ready {
		p.mu.Unlock()
		return nil
	}
	if p.done == nil {
		p.done = make(chan struct{})
		p.engine.work.Go(p.run)
	}
	done := p.done
	if note != nil {
		id := p.nextID
		p.nextID++
		if p.notes == nil {
			p.notes = map[int]func(string){}
		}
		p.notes[id] = note
		defer func() {
			p.mu.Lock()
			delete(p.notes, id)
			p.mu.Unlock()
		}()
	}
	p.mu.Unlock()
	select {
	case <-done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *preparation) run() {
	what := "preparing Go's packages, once"
	if p.kind == toolchain.Race {
		what = "preparing the race detector's packages, once"
	}
	begin := time.Now()
	err := p.engine.tools.Prepare(p.engine.ctx, p.kind, func(pr toolchain.Progress) {
		// What is over in a moment needs no words, and would stay in a saved
		// notebook.
		if pr.Total == 0 || time.Since(begin) < time.Second {
			return
		}
		text := fmt.Sprintf("%s: %d of %d", what, pr.Done, pr.Total)
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, note := range p.notes {
			note(text)
		}
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err, p.ready = err, err == nil
	close(p.done)
	if err != nil {
		// Whoever waits next tries again.
		p.done = nil
	}
}
