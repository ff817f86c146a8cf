package zmtp

import (
	"bufio"
	"bytes"
	"testing"
)

// FuzzFrame reads arbitrary bytes as frames. What was read and is written
// again reads the same; nothing panics; no frame takes more memory than about
// twice the bytes that arrived.
func FuzzFrame(f *testing.F) {
	for _, tt := range bad {
		f.Add([]byte(tt.input))
	}
	f.Add([]byte("\x01\x01a\x00\x00"))
	f.Add(append([]byte("\x02\x00\x00\x00\x00\x00\x00\x20\x00"), make([]byte, 0x2000)...))
	f.Fuzz(func(t *testing.T, input []byte) {
		const limit = 1 << 20
		r := bufio.NewReader(bytes.NewReader(input))
		for {
			reserved := 0
			flags, body, err := readFrame(r, limit, func(n int) error { reserved += n; return nil })
			if reserved > 2*len(input)+firstRead {
				t.Fatalf("reserved %d bytes for an input of %d", reserved, len(input))
			}
			if err != nil {
				return
			}
			if len(body) > limit || len(body) > len(input) {
				t.Fatalf("frame of %d bytes from %d", len(body), len(input))
			}
			if flags&flagCommand != 0 {
				if name, data, err := parseCommand(body); err == nil {
					if !bytes.Equal(commandBody(name, data), body) {
						t.Fatalf("command %q changed", body)
					}
					parseReady(data)
				}
			}
			again := append(appendHeader(nil, flags&^flagLong, len(body)), body...)
			flags2, body2, err := readFrame(bufio.NewReader(bytes.NewReader(again)), limit, nil)
			if err != nil || flags2&^flagLong != flags&^flagLong || !bytes.Equal(body, body2) {
				t.Fatalf("written again: %d %q %v, was %d %q", flags2, body2, err, flags, body)
			}
		}
	})
}

func TestReserveCanRefuse(t *testing.T) {
	input := append([]byte("\x02\x00\x00\x00\x00\x00\x10\x00\x00"), make([]byte, 1<<20)...)
	asked := 0
	_, _, err := readFrame(bufio.NewReader(bytes.NewReader(input)), 1<<20, func(n int) error {
		if asked += n; asked > 64<<10 {
			return ErrClosed
		}
		return nil
	})
	if err != ErrClosed {
		t.Errorf("got %v", err)
	}
}
