package process

import (
	"bytes"
	"encoding/gob"
	"fmt"

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

// A decoder turns the bytes of a display pipe into messages. It never blocks.
type decoder struct {
	split splitter
	feed  bytes.Buffer // what gob reads
	gob   *gob.Decoder
}

// A message is one thing that came through the display pipe.
type message struct {
	data    protocol.DisplayData
	over    int  // if positive, an oversized message of so many bytes was dropped
	spoiled bool // the stream cannot be read any further
}

func newDecoder() *decoder {
	d := &decoder{}
	d.gob = gob.NewDecoder(&d.feed)
	return d
}

// decode returns the messages that p completes. After an error there are no
// more to be had.
//
// A dropped message may have defined types that later ones use (gob puts the
// definitions for values inside of values there); these then fail.
func (d *decoder) decode(p []byte) ([]message, error) {
	frames, splitErr := d.split.split(p)
	var messages []message
	for _, f := range frames {
		if f.over > 0 {
			messages = append(messages, message{over: f.over})
			continue
		}
		d.feed.Write(f.bytes)
		if !f.value {
			continue
		}
		m, err := d.value()
		if err != nil {
			return messages, err
		}
		messages = append(messages, m)
	}
	if d.feed.Cap() > 1<<20 && d.feed.Len() == 0 {
		d.feed = bytes.Buffer{} // give back the memory of a big picture
	}
	return messages, splitErr
}

// value decodes the message that feed holds. gob turns bad input into errors,
// all that it foresees; the kernel doesn't stake its life on the rest.
func (d *decoder) value() (m message, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errFrame, p)
		}
	}()
	if err := d.gob.Decode(&m.data); err != nil {
		return message{}, fmt.Errorf("decode a display: %w", err)
	}
	return m, nil
}
