package zmtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrClosed is returned when a message cannot be sent because the socket, or
// the connection that it was for, has been closed.
var ErrClosed = errors.New("zmtp: closed")

// errEvicted ends a connection that made room for a newer one.
var errEvicted = errors.New("made room for a newer connection")

const (
	kindRouter = "ROUTER"
	kindXPub   = "XPUB"
)

// A socket is what Router and XPub have in common: a listener and its peers.
type socket struct {
	kind     string
	opts     Options
	listener net.Listener

	// Set by Router or XPub before the first connection.
	deliver    func(*Peer, Message) error // on the peer's goroutine
	subscribe  func(p *Peer, topic string, on bool) error
	compact    func([]Message) []Message
	introduced func(*Peer, string) // names the peer; called with mu held
	dropped    func(*Peer)         // called with mu held, once or twice; the peer was introduced

	strangers atomic.Int64 // bytes held by peers that nobody vouched for

	mu      sync.Mutex
	peers   map[*Peer]struct{}
	seq     uint64
	closing chan struct{} // closed by the first Shutdown or Close
	closed  bool
	wg      sync.WaitGroup // the accepting goroutine and all of every peer
}

// listen binds network ("tcp" or "unix") and address. A Unix socket that a
// dead process left behind is replaced, and only its owner may connect.
func (s *socket) listen(network, address string, opts Options) error {
	s.opts = opts.withDefaults()
	s.peers = make(map[*Peer]struct{})
	s.closing = make(chan struct{})
	l, err := net.Listen(network, address)
	if network == "unix" && errors.Is(err, syscall.EADDRINUSE) && abandoned(address) {
		if err = os.Remove(address); err == nil {
			l, err = net.Listen(network, address)
		}
	}
	if err != nil {
		return fmt.Errorf("zmtp: %w", err)
	}
	if network == "unix" {
		if err := os.Chmod(address, 0o600); err != nil {
			l.Close()
			return fmt.Errorf("zmtp: %w", err)
		}
	}
	s.listener = l
	return nil
}

// abandoned reports whether address is a Unix socket on which nobody listens.
func abandoned(address string) bool {
	if info, err := os.Lstat(address); err != nil || info.Mode().Type() != fs.ModeSocket {
		return false
	}
	conn, err := net.Dial("unix", address)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// accept is the goroutine that admits connections.
func (s *socket) accept() {
	for {
		conn, err := s.listener.Accept()
		if err == nil {
			s.admit(conn)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		// Most likely out of descriptors: free one, and don't spin.
		s.opts.Log.Warn("cannot accept a connection", "socket", s.kind, "err", err)
		s.mu.Lock()
		s.evict()
		s.mu.Unlock()
		pause := time.NewTimer(10 * time.Millisecond)
		select {
		case <-pause.C:
		case <-s.closing:
		}
		pause.Stop()
	}
}

// admit starts a connection's goroutine, if there is or can be made room.
func (s *socket) admit(conn net.Conn) {
	p := newPeer(s, conn)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.peers) >= s.opts.MaxConns && !s.evict() {
		s.opts.Log.Warn("refused a connection", "socket", s.kind, "from", conn.RemoteAddr(), "connections", len(s.peers))
		conn.Close()
		return
	}
	s.seq++
	p.seq = s.seq
	s.peers[p] = struct{}{}
	s.wg.Go(p.run)
}

// evict closes the connection that matters least: the oldest half-open one,
// or else the stranger that has been silent the longest. It needs mu held.
func (s *socket) evict() bool {
	var worst *Peer
	for p := range s.peers {
		if p.standing.Load() != vouched && (worst == nil || less(p, worst)) {
			worst = p
		}
	}
	if worst == nil {
		return false
	}
	delete(s.peers, worst)
	if worst.standing.Load() != halfOpen {
		s.dropped(worst) // at once, so that nothing more is addressed to it
	}
	worst.close(errEvicted)
	return true
}

// less reports whether p matters less than q.
func less(p, q *Peer) bool {
	if a, b := p.standing.Load(), q.standing.Load(); a != b {
		return a < b
	} else if a == halfOpen {
		return p.seq < q.seq
	}
	return p.active.Load() < q.active.Load()
}

// introduce makes a peer known that has finished its handshake.
func (s *socket) introduce(p *Peer, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.peers[p]; !ok || s.closed {
		return ErrClosed // evicted meanwhile
	}
	p.standing.Store(stranger)
	s.introduced(p, id)
	return nil
}

// drop forgets a peer whose connection has ended.
func (s *socket) drop(p *Peer) {
	s.mu.Lock()
	delete(s.peers, p)
	if p.standing.Load() != halfOpen {
		s.dropped(p)
	}
	s.mu.Unlock()
	for _, expected := range []error{nil, ErrClosed, io.EOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(p.why, expected) {
			return // we closed it, or the peer left, as it may
		}
	}
	s.opts.Log.Warn("dropped a connection", "socket", s.kind, "from", p.conn.RemoteAddr(), "err", p.why)
}

// Addr returns the address that is listened on.
func (s *socket) Addr() net.Addr { return s.listener.Addr() }

// Shutdown admits no more connections, lets every peer take what is queued
// for it until ctx ends, closes all and waits for all goroutines. Handlers
// that still run must return by themselves. It returns the cause of ctx when
// something was left unsent.
func (s *socket) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
		s.listener.Close()
	}
	for p := range s.peers {
		if p.standing.Load() == halfOpen {
			p.close(ErrClosed)
		} else {
			p.out.finish()
		}
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() { s.wg.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	for p := range s.peers {
		p.close(ErrClosed)
	}
	s.mu.Unlock()
	<-done
	return context.Cause(ctx)
}

// Close is Shutdown without waiting for what is queued.
func (s *socket) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.Shutdown(ctx)
	return nil
}
