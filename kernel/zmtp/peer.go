package zmtp

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// freeBytes of a message are not counted against the allowance of strangers,
// so that an exhausted allowance keeps no small message out.
const freeBytes = 64 << 10

// maxTopics bounds the subscriptions of one peer, and maxTopic their length.
const (
	maxTopics = 1024
	maxTopic  = 1024
)

// How far a connection has come. It only rises.
const (
	halfOpen = iota // has not finished its handshake
	stranger        // speaks ZMTP
	vouched         // sent a message that its handler accepted, or subscribed
)

// A Peer is one connection of a Router, as its handler sees it.
type Peer struct {
	s    *socket
	conn net.Conn
	in   *arrival
	r    *bufio.Reader // of in
	out  queue

	id       string       // set by the handshake; read-only after
	seq      uint64       // order of arrival; guarded by s.mu
	standing atomic.Int32 // halfOpen, stranger, vouched
	active   atomic.Int64 // when it last sent something, in Unix nanoseconds

	held    int            // bytes read of the current message; reader only
	counted int            // bytes of these that the strangers' allowance counts; reader only
	topics  map[string]int // XPUB: subscriptions and how often each was made; guarded by s.mu

	once sync.Once
	why  error // why it was closed; read after once
}

func newPeer(s *socket, conn net.Conn) *Peer {
	p := &Peer{s: s, conn: conn, in: newArrival(conn)}
	p.r = bufio.NewReaderSize(p.in, 4<<10)
	p.out = queue{
		soft: s.opts.QueueSoft, hard: s.opts.QueueHard, patience: s.opts.QueueFor,
		compact: s.compact,
		overdue: p.close,
		ready:   make(chan struct{}, 1),
	}
	p.active.Store(time.Now().UnixNano())
	return p
}

// ID returns the identity under which the peer is known: its own, or a
// generated one that starts with a zero byte.
func (p *Peer) ID() string { return p.id }

// Send queues m for this connection. It never blocks; an error says that the
// connection is gone.
func (p *Peer) Send(m Message) error { return p.out.put(item{frames: m}) }

// close ends the connection; the first reason counts. It may be called with
// the queue's lock held, so the queue itself is closed by run.
func (p *Peer) close(why error) {
	p.once.Do(func() {
		p.why = why
		p.conn.Close()
	})
}

// run is the connection's goroutine: handshake, then read until it ends.
func (p *Peer) run() {
	err := p.open()
	if err == nil {
		p.s.wg.Go(p.write)
		for err == nil {
			err = p.receive()
		}
	}
	p.close(err) // before the queue, whose end lets the writer close without a reason
	p.out.close()
	p.release()
	p.s.drop(p)
}

// open shakes hands and makes the peer known.
func (p *Peer) open() error {
	p.conn.SetDeadline(time.Now().Add(p.s.opts.Handshake))
	kind, id, err := handshake(p.conn, p.r, p.s.kind)
	if err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	if !compatible(p.s.kind, kind) {
		return fmt.Errorf("handshake: a %q socket cannot talk to %s", kind, p.s.kind)
	}
	p.conn.SetDeadline(time.Time{})
	return p.s.introduce(p, id)
}

// receive reads one message or command and acts on it.
func (p *Peer) receive() error {
	defer p.release()
	var m Message
	size := 0
	for {
		p.in.rest(len(m) == 0 && p.r.Buffered() == 0)
		flags, body, err := readFrame(p.r, p.s.opts.MaxFrame, p.reserve)
		if err != nil {
			if len(m) > 0 {
				err = noEOF(err)
			}
			return err
		}
		p.active.Store(time.Now().UnixNano())
		if flags&flagCommand != 0 {
			if flags&flagMore != 0 {
				return errors.New("command of several frames")
			}
			if err := p.obey(body); err != nil {
				return err
			}
			continue // commands may stand between the frames of a message
		}
		m = append(m, body)
		size += len(body)
		if len(m) > p.s.opts.MaxFrames {
			return fmt.Errorf("message of more than %d frames", p.s.opts.MaxFrames)
		}
		if size > p.s.opts.MaxMessage {
			return fmt.Errorf("message of more than %d bytes", p.s.opts.MaxMessage)
		}
		if flags&flagMore == 0 {
			return p.s.deliver(p, m)
		}
	}
}

// obey acts on a command. Unknown ones are ignored, as the RFC demands.
func (p *Peer) obey(body []byte) error {
	name, data, err := parseCommand(body)
	if err != nil {
		return err
	}
	switch name {
	case "PING": // two bytes of time-to-live, then up to 16 that PONG returns
		if len(data) < 2 || len(data) > 2+16 {
			return errors.New("malformed PING")
		}
		if !p.out.room() {
			return nil // what it will read first proves that we live
		}
		return p.out.put(item{frames: Message{commandBody("PONG", data[2:])}, command: true})
	case "SUBSCRIBE":
		return p.s.subscribe(p, string(data), true)
	case "CANCEL":
		return p.s.subscribe(p, string(data), false)
	case "ERROR":
		return errors.New("the peer reports an error")
	}
	return nil
}

// reserve counts n more bytes of the message that is being read. Strangers
// share one allowance for what exceeds freeBytes each.
func (p *Peer) reserve(n int) error {
	p.held += n
	if p.standing.Load() == vouched || p.held <= freeBytes {
		return nil
	}
	p.counted += n
	if p.s.strangers.Add(int64(n)) > int64(p.s.opts.MaxMessage) {
		return errors.New("messages that nobody has accepted yet take too much memory")
	}
	return nil
}

// release gives back what the last message had reserved.
func (p *Peer) release() {
	p.s.strangers.Add(int64(-p.counted))
	p.held, p.counted = 0, 0
}

// write is the goroutine that empties the queue.
func (p *Peer) write() {
	for more := true; more; {
		var batch []item
		if batch, more = p.out.take(); len(batch) == 0 {
			if more {
				<-p.out.ready
			}
			continue
		}
		bufs := encode(batch)
		if _, err := bufs.WriteTo(p.conn); err != nil {
			p.close(err)
			return
		}
		p.out.written(batch)
	}
	p.close(nil) // the queue is finished, or already closed
}

// encode returns the bytes of a batch without copying its frames.
func encode(batch []item) net.Buffers {
	n := 0
	for _, it := range batch {
		n += len(it.frames)
	}
	headers := make([]byte, 0, 9*n) // never grows, so that slices of it stay
	bufs := make(net.Buffers, 0, 2*n)
	for _, it := range batch {
		for i, f := range it.frames {
			var flags byte
			if it.command {
				flags |= flagCommand
			}
			if i < len(it.frames)-1 {
				flags |= flagMore
			}
			from := len(headers)
			headers = appendHeader(headers, flags, len(f))
			bufs = append(bufs, headers[from:len(headers):len(headers)])
			if len(f) > 0 {
				bufs = append(bufs, f)
			}
		}
	}
	return bufs
}
