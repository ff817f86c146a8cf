package chart

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// cacheBytes is for a few dozen charts: a notebook run again asks for all
	// of its unchanged ones.
	cacheBytes = 4 << 20
	// idleTime is how long a renderer that nobody asks is kept. It holds more
	// memory than the kernel, and is back in half a second.
	idleTime = 10 * time.Minute
	// stuckTime is how long to wait for an answer. A renderer breaks off each
	// chart after MaxTime, so one that has said nothing for longer is broken,
	// unless others were in front.
	stuckTime = 6 * MaxTime
)

var errStuck = fmt.Errorf("the chart renderer has not answered for %v and was ended: run the cell again", stuckTime)

// A Client draws charts in a process of its own, which runs Serve. It starts
// that process when it is needed, and again when it has died. The pictures that
// it drew last are remembered.
//
// Its methods are safe for concurrent use. The zero value is not usable.
type Client struct {
	argv []string
	idle time.Duration

	mu     sync.Mutex // guards what follows
	closed bool
	server *server // nil before the first chart
	users  int     // how many SVG calls hold the server
	rest   *time.Timer
	seen   cache
	olds   sync.WaitGroup // servers that are ending
}

// NewClient returns a client whose process is started with argv, such as
// "gopark", "render", "--serve". It starts nothing yet.
func NewClient(argv ...string) *Client {
	return &Client{argv: argv, idle: idleTime, seen: cache{limit: cacheBytes}}
}

// Warm starts the process if it does not run, and does not wait for it. A
// failure shows with the next chart.
func (c *Client) Warm() {
	if s, err := c.acquire(); err == nil {
		c.release(s)
	}
}

// SVG is Renderer.SVG in the other process. When that dies with the chart in
// its hands, SVG tries once more with a new one. The caller must not change
// what it gets.
func (c *Client) SVG(ctx context.Context, chart []byte, width int) ([]byte, error) {
	if err := checkSize(chart, width); err != nil {
		return nil, err
	}
	// One line, and the same key however the JSON was spaced.
	var compact bytes.Buffer
	if err := json.Compact(&compact, chart); err != nil {
		return nil, fmt.Errorf("the chart is not JSON: %w", err)
	}
	k := key{sha256.Sum256(compact.Bytes()), width}
	c.mu.Lock()
	svg, ok := c.seen.get(k)
	c.mu.Unlock()
	if ok {
		return svg, nil
	}
	svg, err := c.draw(ctx, compact.Bytes(), width)
	var died *diedError
	if errors.As(err, &died) && ctx.Err() == nil {
		svg, err = c.draw(ctx, compact.Bytes(), width)
	}
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.seen.put(k, svg)
	c.mu.Unlock()
	return svg, nil
}

// Close ends the process and waits for its end. Charts that are being drawn
// fail with ErrClosed or with the death of the process.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	c.retire()
	c.mu.Unlock()
	c.olds.Wait()
}

func (c *Client) draw(ctx context.Context, chart []byte, width int) ([]byte, error) {
	s, err := c.acquire()
	if err != nil {
		return nil, err
	}
	defer c.release(s)
	ctx, cancel := context.WithTimeoutCause(ctx, stuckTime, errStuck)
	defer cancel()
	svg, err := s.draw(ctx, chart, width)
	if errors.Is(err, errStuck) {
		s.kill()
	}
	return svg, err
}

// acquire returns a server that runs, or at least did a moment ago.
func (c *Client) acquire() (*server, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	if c.server != nil && c.server.dead() {
		c.retire()
	}
	if c.server == nil {
		s, err := startServer(c.argv)
		if err != nil {
			return nil, err
		}
		c.server, c.users = s, 0
	}
	c.users++
	if c.rest != nil {
		c.rest.Stop()
	}
	return c.server, nil
}

// release says that a caller of acquire is done; the last one lets the server
// rest.
func (c *Client) release(s *server) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server != s {
		return // it has been replaced meanwhile
	}
	c.users--
	if c.users > 0 {
		return
	}
	c.rest = time.AfterFunc(c.idle, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.server == s && c.users == 0 {
			c.retire()
		}
	})
}

// retire ends the server in the background; c.mu is held.
func (c *Client) retire() {
	if c.rest != nil {
		c.rest.Stop()
		c.rest = nil
	}
	if c.server != nil {
		c.olds.Go(c.server.close)
		c.server = nil
	}
}
