package zmtp

import (
	"errors"
	"sync"
	"time"
)

// Errors that end a connection whose peer does not read.
var (
	errBehind = errors.New("too far behind for too long")
	errFull   = errors.New("too far behind")
)

// overhead is what one queued frame costs beside its bytes. It keeps a peer
// from filling the memory with empty frames.
const overhead = 64

// batchBytes is about how much one write takes off a queue. Smaller batches
// let the queue shrink, as it is counted, while a slow peer reads.
const batchBytes = 256 << 10

// maxAnswers is how far behind, in bytes, a peer may be and still be answered
// what anyone may ask for without being known: a PONG, a welcome. It keeps one
// that asks and never reads from filling its queue.
const maxAnswers = 256 << 10

// compactFrom is the number of waiting messages from which a queue is
// compacted; it doubles with what compaction leaves.
const compactFrom = 256

// An item is a message, or a command, that waits for its peer.
type item struct {
	frames  Message
	command bool
}

func (it item) size() int {
	n := overhead
	for _, f := range it.frames {
		n += len(f) + overhead
	}
	return n
}

// A queue holds what one peer has not taken yet. Any goroutine puts; the
// peer's writer takes. What has been taken counts until it is written.
type queue struct {
	soft, hard int
	patience   time.Duration
	compact    func([]Message) []Message // merges neighbours; nil: nothing may be merged
	overdue    func(error)               // called once when the peer must go; may run under mu

	ready chan struct{} // holds a token when the writer should look

	mu        sync.Mutex
	items     []item
	bytes     int // waiting or being written
	compactAt int
	late      *time.Timer // runs while bytes > soft
	finishing bool        // nothing more will be put
	closed    bool
}

// put adds an item, or fails when the queue has ended.
func (q *queue) put(it item) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.finishing {
		return ErrClosed
	}
	if q.bytes > q.hard {
		q.overdue(errFull)
		return errFull
	}
	q.items = append(q.items, it)
	q.bytes += it.size()
	if q.compact != nil && len(q.items) >= max(q.compactAt, compactFrom) {
		q.merge()
	}
	if q.bytes > q.soft && q.late == nil {
		q.late = time.AfterFunc(q.patience, q.tooLate)
	}
	q.wake()
	return nil
}

// room reports whether the peer takes what it asks for.
func (q *queue) room() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes < maxAnswers
}

// merge lets compact shorten the queue. Commands go first: they have no place
// in the order of messages.
func (q *queue) merge() {
	var items []item
	var waiting []Message
	for _, it := range q.items {
		q.bytes -= it.size()
		if it.command {
			items = append(items, it)
		} else {
			waiting = append(waiting, it.frames)
		}
	}
	for _, m := range q.compact(waiting) {
		items = append(items, item{frames: m})
	}
	for _, it := range items {
		q.bytes += it.size()
	}
	q.items, q.compactAt = items, 2*len(items)
}

// take removes the next batch. It reports whether the writer should go on
// after having written it.
func (q *queue) take() (batch []item, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, false
	}
	n, size := 0, 0
	for n < len(q.items) && size < batchBytes {
		size += q.items[n].size()
		n++
	}
	batch = append(batch, q.items[:n]...)
	clear(q.items[:n]) // or the array would keep the frames alive
	if q.items = q.items[n:]; len(q.items) == 0 {
		q.items, q.compactAt = nil, 0
	}
	return batch, n > 0 || !q.finishing
}

// written takes a batch off the count.
func (q *queue) written(batch []item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, it := range batch {
		q.bytes -= it.size()
	}
	if q.bytes <= q.soft && q.late != nil {
		q.late.Stop()
		q.late = nil
	}
}

// tooLate runs when the queue has been long for patience. A timer that was
// stopped in vain finds a short queue and leaves it.
func (q *queue) tooLate() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed && q.bytes > q.soft {
		q.overdue(errBehind)
	}
}

// finish lets the writer end as soon as the queue is empty.
func (q *queue) finish() {
	q.mu.Lock()
	q.finishing = true
	q.mu.Unlock()
	q.wake()
}

// close drops what waits and lets the writer end.
func (q *queue) close() {
	q.mu.Lock()
	q.closed, q.items = true, nil
	if q.late != nil {
		q.late.Stop()
		q.late = nil
	}
	q.mu.Unlock()
	q.wake()
}

func (q *queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}
