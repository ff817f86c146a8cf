package process

import (
	"errors"
	"fmt"
)

// DisplayLimit is the size of the largest display, in bytes on the pipe.
const DisplayLimit = 16 << 20

var errStream = errors.New("not a gob stream")

// A filter takes the oversized blocks out of a gob stream as it passes by, so
// that no decoder has to hold them. A gob stream is a row of blocks: a length
// and so many bytes (encoding/gob, "Encoding Details"). A block is not a
// value: where a value holds another of a type not seen before, the type's
// definition goes between its two halves.
type filter struct {
	head []byte // the beginning of a length
	left int    // bytes still to come of the block
	skip bool   // the block is oversized
}

// next cuts the first piece off p, which is not empty. A piece is either bytes
// to pass on, or the discovery of a block of over bytes that is left out; or
// nothing yet. After an error the stream is of no further use.
func (f *filter) next(p []byte) (pass []byte, over int, rest []byte, err error) {
	if f.left > 0 {
		n := min(f.left, len(p))
		f.left -= n
		if f.skip {
			return nil, 0, p[n:], nil
		}
		return p[:n], 0, p[n:], nil
	}
	f.head = append(f.head, p[0])
	size, whole, err := gobLength(f.head)
	if err != nil || !whole {
		return nil, 0, p[1:], err
	}
	pass = f.head
	f.head = nil
	f.left, f.skip = size, size > DisplayLimit
	if f.skip {
		return nil, size, p[1:], nil
	}
	return pass, 0, p[1:], nil
}

// gobLength reads gob's unsigned number, as long as it isn't 0: one byte below
// 128, or a byte with the negated count of the bytes that follow, big-endian.
func gobLength(p []byte) (size int, whole bool, err error) {
	if p[0] < 0x80 {
		if p[0] == 0 {
			return 0, false, fmt.Errorf("%w: an empty block", errStream)
		}
		return int(p[0]), true, nil
	}
	count := -int(int8(p[0]))
	// 5 bytes are a length of a terabyte: nobody means that.
	if count > 5 {
		return 0, false, fmt.Errorf("%w: a length of %d bytes", errStream, count)
	}
	if len(p) < 1+count {
		return 0, false, nil
	}
	for _, b := range p[1:] {
		size = size<<8 | int(b)
	}
	if size == 0 {
		return 0, false, fmt.Errorf("%w: an empty block", errStream)
	}
	return size, true, nil
}
