package jupyter

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// A quiet log handler passes on only a few records of the same message in a
// while, and says later how many it left out: whoever can reach a port could
// otherwise fill the log, which servers show to people.
type quiet struct {
	slog.Handler
	counts *counts
}

const (
	quietBurst = 5
	quietFor   = 10 * time.Second
)

type counts struct {
	mu sync.Mutex
	of map[string]*tally
}

type tally struct {
	since   time.Time
	passed  int
	dropped int
}

func newQuiet(h slog.Handler) slog.Handler {
	return quiet{h, &counts{of: make(map[string]*tally)}}
}

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	q.counts.mu.Lock()
	t := q.counts.of[r.Message]
	if t == nil {
		t = &tally{}
		q.counts.of[r.Message] = t
	}
	left := 0
	if r.Time.Sub(t.since) >= quietFor {
		left = t.dropped
		*t = tally{since: r.Time}
	}
	pass := t.passed < quietBurst
	if pass {
		t.passed++
	} else {
		t.dropped++
	}
	q.counts.mu.Unlock()
	if !pass {
		return nil
	}
	if left > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("left out before", left))
	}
	return q.Handler.Handle(ctx, r)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quiet{q.Handler.WithAttrs(attrs), q.counts}
}

func (q quiet) WithGroup(name string) slog.Handler {
	return quiet{q.Handler.WithGroup(name), q.counts}
}
