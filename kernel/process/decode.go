package process

import (
	"encoding/gob"
	"fmt"
	"io"
	"iter"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// registerValues tells gob the types that a bundle's JSON is made of. The
// types of the protocol itself are registered by its own package, which is why
// that package is used and not a copy of its structs: gob takes each name only
// once in a process, and panics at the second.
func registerValues() {
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

// A message is one thing that came through the display pipe, or one thing to
// say about it.
type message struct {
	data    protocol.DisplayData
	over    int   // if positive: a display of so many bytes was left out
	spoiled error // the stream cannot be read any further
}

// A decoder turns the bytes of a display pipe into messages. gob's own decoder
// wants a reader that blocks until there is more; so it runs as a coroutine,
// which is left where it asks for bytes that have not come yet and resumed
// when they have. It never runs at the same time as its caller.
type decoder struct {
	filter  filter
	feed    []byte // what the coroutine reads next
	partial bool   // a message has begun
	resume  func() (decoded, bool)
	stop    func()
}

// decoded is what the coroutine comes back with: a message, an error, or
// neither, when it needs more bytes.
type decoded struct {
	data *protocol.DisplayData
	err  error
}

// newDecoder returns a decoder that must be stopped in the end.
func newDecoder() *decoder {
	d := &decoder{}
	d.resume, d.stop = iter.Pull(d.run)
	return d
}

// decode returns the messages that p completes. One that is spoiled is the
// last; decode must not be called after it.
//
// A display that is left out may have held the definition of a type that later
// ones use, or have had a second half. The stream is then spoiled.
func (d *decoder) decode(p []byte) []message {
	var messages []message
	for len(p) > 0 {
		pass, over, rest, err := d.filter.next(p)
		p = rest
		if over > 0 {
			messages = append(messages, message{over: over})
		}
		if err == nil && len(pass) > 0 {
			d.feed = pass
			messages, err = d.drain(messages)
		}
		if err != nil {
			return append(messages, message{spoiled: err})
		}
	}
	return messages
}

// drain runs the coroutine until it has used up the feed. gob turns bad input
// into errors, all that it foresees; the kernel doesn't stake its life on the
// rest.
func (d *decoder) drain(messages []message) (all []message, err error) {
	defer func() {
		if p := recover(); p != nil {
			all, err = messages, fmt.Errorf("%w: %v", errStream, p)
		}
	}()
	for {
		next, ok := d.resume()
		switch {
		case !ok:
			return messages, errStream
		case next.err != nil:
			return messages, fmt.Errorf("decode a display: %w", next.err)
		case next.data == nil:
			return messages, nil
		}
		messages = append(messages, message{data: *next.data})
		d.partial = false
	}
}

// run is the coroutine.
func (d *decoder) run(yield func(decoded) bool) {
	r := &feedReader{d: d, yield: yield}
	dec := gob.NewDecoder(r)
	for {
		data := new(protocol.DisplayData)
		err := dec.Decode(data)
		if r.stopped {
			return
		}
		if !yield(decoded{data, err}) || err != nil {
			return
		}
	}
}

// A feedReader reads the feed, and leaves the coroutine when that is empty.
type feedReader struct {
	d       *decoder
	yield   func(decoded) bool
	stopped bool
}

func (r *feedReader) Read(p []byte) (int, error) {
	for len(r.d.feed) == 0 {
		if r.stopped || !r.yield(decoded{}) {
			r.stopped = true
			return 0, io.EOF
		}
	}
	r.d.partial = true
	n := copy(p, r.d.feed)
	r.d.feed = r.d.feed[n:]
	return n, nil
}

// ReadByte keeps gob from putting a buffer of its own in between.
func (r *feedReader) ReadByte() (byte, error) {
	var b [1]byte
	_, err := r.Read(b[:])
	return b[0], err
}
