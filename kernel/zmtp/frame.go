package zmtp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A Message is a sequence of frames. Whoever passes one on gives it away: its
// bytes are shared between queues and must not change afterwards.
type Message [][]byte

// The bits of a frame's first byte. The others are reserved and must be zero.
const (
	flagMore    = 1 << iota // another frame of the same message follows
	flagLong                // the size takes eight bytes, not one
	flagCommand             // the frame speaks to the library, not to the application
)

// firstRead is how much is allocated for a frame before any of it has come.
const firstRead = 4 << 10

// readFrame reads one frame of at most max bytes. Its memory grows with what
// has arrived, so that an announced size alone costs nothing; reserve, when
// not nil, is asked before each further allocation of n bytes.
func readFrame(r *bufio.Reader, max int, reserve func(n int) error) (flags byte, body []byte, err error) {
	if flags, err = r.ReadByte(); err != nil {
		return 0, nil, err
	}
	if flags&^(flagMore|flagLong|flagCommand) != 0 {
		return 0, nil, fmt.Errorf("frame with reserved flags %#02x", flags)
	}
	var header [8]byte
	size := header[7:]
	if flags&flagLong != 0 {
		size = header[:]
	}
	if _, err := io.ReadFull(r, size); err != nil {
		return 0, nil, noEOF(err)
	}
	announced := binary.BigEndian.Uint64(header[:])
	if announced > uint64(max) {
		return 0, nil, fmt.Errorf("frame of %d bytes, more than %d", announced, max)
	}
	n := int(announced)
	for step := firstRead; len(body) < n; step = len(body) {
		step = min(step, n-len(body))
		if reserve != nil {
			if err := reserve(step); err != nil {
				return 0, nil, err
			}
		}
		body = slices.Grow(body, step)
		got, err := io.ReadFull(r, body[len(body):len(body)+step])
		body = body[:len(body)+got]
		if err != nil {
			return 0, nil, noEOF(err)
		}
	}
	return flags, body, nil
}

// noEOF says that a stream which ends here ends too early.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// appendHeader appends the header of a frame of size bytes to b.
func appendHeader(b []byte, flags byte, size int) []byte {
	if size > 255 {
		return binary.BigEndian.AppendUint64(append(b, flags|flagLong), uint64(size))
	}
	return append(b, flags, byte(size))
}

// parseCommand splits the body of a command frame into name and data.
func parseCommand(body []byte) (name string, data []byte, err error) {
	if len(body) == 0 || body[0] == 0 || int(body[0]) > len(body)-1 {
		return "", nil, errors.New("malformed command")
	}
	n := 1 + int(body[0])
	return string(body[1:n]), body[n:], nil
}

// commandBody returns the body of a command frame.
func commandBody(name string, data []byte) []byte {
	b := append(make([]byte, 0, 1+len(name)+len(data)), byte(len(name)))
	return append(append(b, name...), data...)
}
