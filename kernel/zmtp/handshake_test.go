package zmtp

import (
	"bufio"
	"bytes"
	"io"
	"testing"
)

// FuzzHandshake: whatever a stranger says first, the handshake ends with its
// end, reads no further than it must, and what it accepts is well-formed.
func FuzzHandshake(f *testing.F) {
	ready := func(kind, identity string) []byte {
		body := commandBody("READY", property(property(nil, "Socket-Type", kind), "Identity", identity))
		return append(appendHeader(nil, flagCommand, len(body)), body...)
	}
	f.Add(append(greeting(), ready("DEALER", "me")...))
	f.Add(append(greeting(), ready("SUB", "")...))
	f.Add(append(greeting(), 4, 6, 5, 'E', 'R', 'R', 'O', 'R'))
	f.Add(greeting()[:31])
	f.Add([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	f.Add(append(greeting(), 6, 0x10, 0, 0, 0, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, said []byte) {
		var answer bytes.Buffer
		kind, identity, err := handshake(&answer, bufio.NewReader(bytes.NewReader(said)), kindRouter)
		if answer.Len() < 64 || answer.Len() > 64+maxReady {
			t.Errorf("answered with %d bytes", answer.Len())
		}
		if err != nil {
			return
		}
		if len(identity) > 255 || len(said) < 64+2 {
			t.Errorf("accepted %q as %q", identity, kind)
		}
		// What was accepted is accepted again when it is said in our words.
		again := append(greeting(), ready(kind, identity)...)
		if len(kind) > 255 {
			return // no socket has such a type; compatible refuses it
		}
		if k, i, err := handshake(io.Discard, bufio.NewReader(bytes.NewReader(again)), kindRouter); err != nil || k != kind || i != identity {
			t.Errorf("%q as %q, and then %q as %q (%v)", identity, kind, i, k, err)
		}
	})
}
