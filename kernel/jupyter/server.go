package jupyter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"gopark/kernel/zmtp"
)

// How long the end may take: the kernel to release what it has, and then the
// last messages to be sent. A client kills what lives five seconds after its
// shutdown request; people notice one.
const (
	shutdownFor = 700 * time.Millisecond
	lingerFor   = 200 * time.Millisecond
)

// A Server is the five bound sockets of a kernel.
type Server struct {
	conn Connection
	log  *slog.Logger
	wire *codec

	shell, control, stdin, heartbeat *zmtp.Router
	iopub                            *iopub

	serving chan struct{} // closed by Serve, when kernel and ctx are set
	kernel  Kernel
	ctx     context.Context // of Serve; ends all that handlers wait for

	subshells subshells
	count     counter
	asks      chan ask
	prompts   prompts
	usage     usage
	history   history
	stopOnce  sync.Once
	stopped   chan struct{} // closed by a shutdown request, or by Close
	restart   bool          // what the shutdown request said; read after stopped
}

// Listen binds the five sockets of a connection. A port of 0 lets the system
// choose; Connection tells which. Messages wait until Serve is called; the
// heartbeat beats at once. Warnings go to log, which may be nil.
func Listen(conn Connection, log *slog.Logger) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	log = slog.New(newQuiet(log.Handler()))
	s := &Server{
		conn:    conn,
		log:     log,
		wire:    newCodec(conn.Key),
		serving: make(chan struct{}),
		asks:    make(chan ask, 64),
		stopped: make(chan struct{}),
	}
	if conn.readable != 0 {
		log.Warn("the connection file can be read by others, who can then run code as you: chmod 600 it", "mode", conn.readable)
	}
	if conn.Key == "" {
		log.Warn("the connection file has no key: whoever reaches the ports can run code as you")
	}
	var err error
	if s.iopub, err = listenIOPub(&s.conn, s.wire, zmtp.Options{Log: log.With("channel", "iopub")}); err != nil {
		return nil, fmt.Errorf("iopub: %w", err)
	}
	s.conn.IOPub = s.bound(s.conn.IOPub, s.iopub.socket.Addr())
	for _, b := range []struct {
		name    string
		socket  **zmtp.Router
		port    *int
		handler zmtp.Handler
		opts    zmtp.Options
	}{
		{"shell", &s.shell, &s.conn.Shell, s.handler(s.onShell), zmtp.Options{}},
		{"control", &s.control, &s.conn.Control, s.handler(s.onControl), zmtp.Options{}},
		{"stdin", &s.stdin, &s.conn.Stdin, s.handler(s.onStdin), zmtp.Options{}},
		{"heartbeat", &s.heartbeat, &s.conn.Heartbeat, beat, zmtp.Options{
			// A heartbeat is "ping". Anyone may send one, so nobody gets more.
			MaxFrame: 4 << 10, QueueSoft: 64 << 10, QueueHard: 64 << 10,
		}},
	} {
		network, address := s.conn.address(*b.port)
		b.opts.Log = log.With("channel", b.name)
		*b.socket, err = zmtp.ListenRouter(network, address, b.handler, b.opts)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("%s: %w", b.name, err)
		}
		*b.port = s.bound(*b.port, (*b.socket).Addr())
	}
	return s, nil
}

// bound returns the port that the system chose for port 0.
func (s *Server) bound(port int, addr net.Addr) int {
	if tcp, ok := addr.(*net.TCPAddr); ok && port == 0 {
		return tcp.Port
	}
	return port
}

// Connection returns where the server listens.
func (s *Server) Connection() Connection { return s.conn }

// beat answers a heartbeat. It cannot tell who sent it.
func beat(from *zmtp.Peer, m zmtp.Message) bool {
	from.Send(m)
	return false
}

// handler checks messages, waits until the kernel is there, and passes what
// is genuine to handle.
func (s *Server) handler(handle func(*request)) zmtp.Handler {
	return func(from *zmtp.Peer, m zmtp.Message) bool {
		r, err := s.wire.parse(m)
		if err != nil {
			s.log.Warn("dropped a message", "err", err)
			return false
		}
		select {
		case <-s.serving:
		case <-s.stopped:
			return true
		}
		r.from = from
		handle(r)
		return true
	}
}

// Serve answers requests with k until a shutdown request comes, and then
// returns nil, or until ctx ends, and then returns its cause. Before it
// returns it stops the running cell, calls k.Shutdown, sends what is waiting
// and closes the sockets; it takes no longer than about a second even if k
// does not stop, which is an error. It may be called once.
func (s *Server) Serve(ctx context.Context, k Kernel) error {
	serveCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.kernel, s.ctx = k, serveCtx
	if err := s.start(serveCtx, ""); err != nil {
		return err // cannot be: nothing was started before
	}
	s.iopub.starting()
	close(s.serving)

	var workers sync.WaitGroup
	workers.Go(func() { s.askAll(serveCtx) })

	var err error
	select {
	case <-s.stopped:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	s.subshells.abort()
	cancel(ErrShutdown)

	done := make(chan struct{})
	go func() {
		k.Shutdown(s.restarting())
		workers.Wait()
		s.subshells.workers.Wait()
		close(done)
	}()
	limit := time.NewTimer(shutdownFor)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
		err = errors.Join(err, fmt.Errorf("the kernel did not stop within %v", shutdownFor))
	}
	s.close(lingerFor)
	return err
}

// stop ends Serve.
func (s *Server) stop(restart bool) {
	s.stopOnce.Do(func() {
		s.restart = restart
		close(s.stopped)
	})
}

// restarting reports whether a shutdown request announced another process.
func (s *Server) restarting() bool {
	select {
	case <-s.stopped:
		return s.restart
	default:
		return false
	}
}

// Close closes the sockets of a server that is not being served. To end Serve,
// end its context.
func (s *Server) Close() error {
	s.stop(false)
	s.close(0)
	return nil
}

// close closes all sockets that are open, after at most linger for what is
// still to be sent.
func (s *Server) close(linger time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), linger)
	defer cancel()
	s.stop(false) // lets handlers go that wait for Serve
	s.iopub.release()
	var all sync.WaitGroup
	for _, r := range []*zmtp.Router{s.shell, s.control, s.stdin, s.heartbeat} {
		if r != nil {
			all.Go(func() { r.Shutdown(ctx) })
		}
	}
	all.Go(func() { s.iopub.socket.Shutdown(ctx) })
	all.Wait()
}
