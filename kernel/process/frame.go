package process

import (
	"errors"
	"fmt"
)

// DisplayLimit is the size of the largest display, in bytes on the pipe.
const DisplayLimit = 16 << 20

var errFrame = errors.New("not a gob stream")

// A splitter cuts a gob stream into its messages, so that a decoder is only
// ever given whole ones and never waits. The format is that of encoding/gob's
// documentation: each message is a length, then as many bytes, which begin
// with a type number, negative where the message defines a type.
//
// A message longer than DisplayLimit is passed over without being kept.
type splitter struct {
	held []byte // the beginning of a message
	skip int    // bytes of an oversized message still to come
}

// A frame is one message with its length.
type frame struct {
	bytes []byte // valid until the next call of split
	value bool   // a value, no definition
	over  int    // if positive: an oversized message's length; no bytes
}

// split returns the messages that p completes. After an error the stream is
// of no further use.
func (s *splitter) split(p []byte) ([]frame, error) {
	var frames []frame
	if n := min(s.skip, len(p)); n > 0 {
		s.skip -= n
		p = p[n:]
	}
	s.held = append(s.held, p...)
	rest := s.held
	for len(rest) > 0 {
		size, width, err := gobUint(rest)
		if err != nil {
			return frames, err
		}
		if width == 0 {
			break // the length itself is cut
		}
		if size == 0 || size > 1<<40 {
			return frames, fmt.Errorf("%w: a message of %d bytes", errFrame, size)
		}
		if size > DisplayLimit {
			frames = append(frames, frame{value: true, over: int(size)})
			have := min(int(size), len(rest)-width)
			s.skip = int(size) - have
			rest = rest[width+have:]
			continue
		}
		whole := width + int(size)
		if len(rest) < whole {
			break
		}
		kind, n, err := gobUint(rest[width:whole])
		if err != nil || n == 0 {
			return frames, fmt.Errorf("%w: a message without a type", errFrame)
		}
		// A signed number has its sign in the lowest bit.
		frames = append(frames, frame{bytes: rest[:whole:whole], value: kind&1 == 0})
		rest = rest[whole:]
	}
	s.keep(rest)
	return frames, nil
}

// keep holds the beginning of a message for the next call. The frames just
// returned still point into the old memory, hence the copy.
func (s *splitter) keep(rest []byte) {
	if len(rest) == len(s.held) {
		return // nothing was cut off: go on growing in place
	}
	s.held = append([]byte(nil), rest...)
}

// gobUint reads gob's unsigned number: one byte below 128, or a byte with the
// negated count of the bytes that follow, big-endian. Width 0 means that more
// bytes are needed.
func gobUint(p []byte) (value uint64, width int, err error) {
	if len(p) == 0 {
		return 0, 0, nil
	}
	if p[0] < 0x80 {
		return uint64(p[0]), 1, nil
	}
	count := -int(int8(p[0]))
	if count > 8 {
		return 0, 0, fmt.Errorf("%w: a number of %d bytes", errFrame, count)
	}
	if len(p) < 1+count {
		return 0, 0, nil
	}
	for _, b := range p[1 : 1+count] {
		value = value<<8 | uint64(b)
	}
	return value, 1 + count, nil
}
