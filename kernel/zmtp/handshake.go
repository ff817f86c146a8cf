package zmtp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxReady bounds the READY command of a peer, in bytes: it holds a socket
// type and an identity of at most 255 bytes each.
const maxReady = 4 << 10

// greeting returns the 64 bytes that open a connection: signature, version
// 3.1, mechanism NULL, as-server 0, and zeros (RFC 37, "greeting").
func greeting() []byte {
	g := make([]byte, 64)
	g[0], g[9] = 0xff, 0x7f
	g[10], g[11] = 3, 1
	copy(g[12:32], "NULL")
	return g
}

// handshake opens a connection as a socket of type self and returns what the
// peer's READY says: its socket type and the identity that it asks for, which
// may be empty. The caller sets the deadline.
func handshake(w io.Writer, r *bufio.Reader, self string) (kind, identity string, err error) {
	// libzmq sends its greeting piecewise, each piece an answer to one of
	// ours, so all of ours goes first.
	if _, err := w.Write(greeting()); err != nil {
		return "", "", err
	}
	var g [64]byte
	if _, err := io.ReadFull(r, g[:10]); err != nil {
		return "", "", err
	}
	if g[0] != 0xff || g[9]&1 == 0 {
		return "", "", errors.New("not ZMTP")
	}
	if _, err := io.ReadFull(r, g[10:]); err != nil {
		return "", "", noEOF(err)
	}
	if g[10] < 3 {
		return "", "", fmt.Errorf("ZMTP version %d, older than 3", g[10])
	}
	if mechanism := string(bytes.TrimRight(g[12:32], "\x00")); mechanism != "NULL" {
		return "", "", fmt.Errorf("security mechanism %q, not NULL", mechanism)
	}

	body := commandBody("READY", property(nil, "Socket-Type", self))
	if _, err := w.Write(append(appendHeader(nil, flagCommand, len(body)), body...)); err != nil {
		return "", "", err
	}
	flags, body, err := readFrame(r, maxReady, nil)
	if err != nil {
		return "", "", noEOF(err)
	}
	if flags&flagCommand == 0 || flags&flagMore != 0 {
		return "", "", errors.New("a message before READY")
	}
	name, data, err := parseCommand(body)
	if err != nil {
		return "", "", err
	}
	if name != "READY" {
		return "", "", fmt.Errorf("command %q before READY", name)
	}
	return parseReady(data)
}

// parseReady reads the properties of a READY command. Names are compared
// without case, unknown ones ignored, as the RFC demands.
func parseReady(data []byte) (kind, identity string, err error) {
	for len(data) > 0 {
		n := int(data[0])
		if len(data) < 1+n+4 {
			return "", "", errors.New("READY with a cut property")
		}
		name := string(data[1 : 1+n])
		size := binary.BigEndian.Uint32(data[1+n:])
		data = data[1+n+4:]
		if uint64(size) > uint64(len(data)) {
			return "", "", errors.New("READY with a cut property")
		}
		value := string(data[:size])
		data = data[size:]
		switch {
		case strings.EqualFold(name, "Socket-Type"):
			kind = value
		case strings.EqualFold(name, "Identity"):
			identity = value
		}
	}
	if len(identity) > 255 {
		return "", "", fmt.Errorf("identity of %d bytes", len(identity))
	}
	return kind, identity, nil
}

// property appends one READY property to b.
func property(b []byte, name, value string) []byte {
	b = append(append(b, byte(len(name))), name...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
	return append(b, value...)
}

// compatible reports whether a socket of type self may talk to one of type
// peer (RFC 28).
func compatible(self, peer string) bool {
	if self == kindXPub {
		return slices.Contains([]string{"SUB", "XSUB"}, peer)
	}
	return slices.Contains([]string{"DEALER", "REQ", "ROUTER"}, peer)
}
