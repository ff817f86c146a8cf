package complete

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// errIdle ends a gopls that nobody needs.
var errIdle = errors.New("nobody asks")

// keep is the keeper's life.
func (g *Gopls) keep(ctx context.Context) {
	if !g.called(ctx) || !g.wait(ctx) {
		return
	}
	for ok := true; ok; ok = g.called(ctx) {
		g.revive(ctx)
	}
}

// called waits for a question, and reports whether ctx is still there.
func (g *Gopls) called(ctx context.Context) bool {
	select {
	case <-g.wake:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// wait waits for [Options].Wait to find time for gopls, and reports whether ctx
// is still there.
func (g *Gopls) wait(ctx context.Context) bool {
	for g.o.Wait != nil {
		err := g.o.Wait(ctx)
		if err == nil {
			break
		}
		// No cell runs either, and says why. Somebody may mend it.
		g.log.Info("gopls waits", "err", err)
		if !rest(ctx, lastPause) {
			return false
		}
	}
	return ctx.Err() == nil
}

// revive runs one gopls after the other until nobody asks any more.
func (g *Gopls) revive(ctx context.Context) {
	pause := firstPause
	for {
		began := time.Now()
		err := g.live(ctx)
		if ctx.Err() != nil || errors.Is(err, errIdle) {
			return
		}
		if time.Since(began) > steadyTime {
			pause = firstPause
		}
		g.log.Info("gopls is gone and comes back", "err", err, "in", pause)
		if !rest(ctx, pause) {
			return
		}
		pause = min(2*pause, lastPause)
	}
}

// rest waits, and reports whether ctx is still there.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// live runs one gopls from its start to its end, and says why it ended.
func (g *Gopls) live(ctx context.Context) error {
	s, err := start(g.o)
	if err != nil {
		return err
	}
	defer s.close()
	starting, cancel := context.WithTimeout(ctx, startTime)
	err = s.begin(starting)
	cancel()
	if err != nil {
		return fmt.Errorf("start gopls: %w", err)
	}
	select {
	case <-g.wake: // asked while it started
	default:
	}
	g.setCurrent(s)
	defer g.setCurrent(nil)
	g.log.Debug("gopls is ready", "memory", s.process.Memory())
	look := time.NewTicker(g.o.look)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.process.Done:
			return s.process.Died()
		case <-s.conn.DisconnectNotify():
			return errors.New("it talks no more")
		case <-look.C:
		}
		if m := s.process.Memory(); m > g.o.MemoryLimit {
			return fmt.Errorf("it holds %d MB, more than %d", m>>20, g.o.MemoryLimit>>20)
		}
		g.mu.Lock()
		idle := time.Since(g.asked)
		g.mu.Unlock()
		if idle > g.o.Idle {
			return errIdle
		}
	}
}
