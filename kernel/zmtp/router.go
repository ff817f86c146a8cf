package zmtp

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

// A Handler is called with each message that a Router receives, on a
// goroutine of the connection that sent it: one at a time for each
// connection, at once for different ones. While it runs, that connection is
// not read. It reports whether it accepts the message as genuine; a
// connection that sent a genuine message is trusted with more memory and is
// never closed to make room for another. The handler may keep the message.
//
// Shutdown waits for handlers, so a handler must not call it, nor block for
// ever.
type Handler func(from *Peer, m Message) (genuine bool)

// A Router is a bound ROUTER socket.
type Router struct {
	socket
	byID    map[string]*Peer // the newest peer of each identity; guarded by mu
	arrived chan struct{}    // closed and replaced when an identity arrives; guarded by mu
}

// ListenRouter binds a ROUTER socket to an address of network "tcp" or
// "unix", and hands what it receives to h until it is closed.
func ListenRouter(network, address string, h Handler, opts Options) (*Router, error) {
	r := &Router{byID: make(map[string]*Peer), arrived: make(chan struct{})}
	r.kind = kindRouter
	r.deliver = func(p *Peer, m Message) error {
		if h(p, m) {
			p.standing.Store(vouched)
		}
		return nil
	}
	r.subscribe = func(*Peer, string, bool) error {
		return fmt.Errorf("a subscription at a %s", kindRouter)
	}
	r.introduced = r.name
	r.dropped = r.forget
	if err := r.listen(network, address, opts); err != nil {
		return nil, err
	}
	r.wg.Go(r.accept)
	return r, nil
}

// name gives a peer its identity. The newest connection of an identity gets
// what Send addresses to it; an older one lives on and can still be answered,
// because jupyter_client opens several clients under one identity and libzmq,
// when cut off, would reconnect and take it back, for ever.
func (r *Router) name(p *Peer, id string) {
	if id == "" || id[0] == 0 { // names that start with zero are ours to give
		id = "\x00" + rand.Text()
	}
	p.id = id
	r.byID[id] = p
	close(r.arrived)
	r.arrived = make(chan struct{})
}

// forget lets the next newest connection of the same identity take over.
func (r *Router) forget(p *Peer) {
	if r.byID[p.id] != p {
		return
	}
	delete(r.byID, p.id)
	for q := range r.peers {
		if q.id == p.id && q.standing.Load() != halfOpen && (r.byID[p.id] == nil || q.seq > r.byID[p.id].seq) {
			r.byID[p.id] = q
		}
	}
}

// Send queues m for the newest connection with the given identity. When there
// is none it waits for one until ctx ends, since a peer may still be
// connecting, or connecting again.
func (r *Router) Send(ctx context.Context, id string, m Message) error {
	for {
		r.mu.Lock()
		p, arrived := r.byID[id], r.arrived
		r.mu.Unlock()
		if p != nil && p.Send(m) == nil {
			return nil
		}
		select {
		case <-arrived:
		case <-r.closing:
			return ErrClosed
		case <-ctx.Done():
			return fmt.Errorf("zmtp: no connection %q: %w", id, context.Cause(ctx))
		}
	}
}

// Settle waits until everything that has already arrived from connections
// that were vouched for has been handed to the handler, or for at most d. It
// is how a queue is read to its end although the network has no end.
func (r *Router) Settle(d time.Duration) {
	limit := time.NewTimer(d)
	defer limit.Stop()
	again := time.NewTicker(200 * time.Microsecond)
	defer again.Stop()
	for !r.settled() {
		select {
		case <-again.C:
		case <-limit.C:
			return
		}
	}
}

func (r *Router) settled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p := range r.peers {
		if p.standing.Load() == vouched && !p.in.settled() {
			return false
		}
	}
	return true
}
