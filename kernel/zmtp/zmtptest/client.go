// Package zmtptest has a ZMTP client for tests of what binds sockets with
// package zmtp. It shares no code with that package, and because it writes
// what it is told, it can also misbehave.
package zmtptest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

// A Client is one connection. Its methods end the test when something fails.
type Client struct {
	net.Conn
	T testing.TB
	R *bufio.Reader
}

// Connect opens a connection without a handshake, closed when the test ends.
func Connect(t testing.TB, addr net.Addr) *Client {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &Client{Conn: conn, T: t, R: bufio.NewReader(conn)}
}

// Dial connects as a socket of the given type ("DEALER", "SUB") and identity.
func Dial(t testing.TB, addr net.Addr, kind, identity string) *Client {
	t.Helper()
	c := Connect(t, addr)
	c.Raw(Greeting())
	ready := "\x05READY\x0bSocket-Type" + string(binary.BigEndian.AppendUint32(nil, uint32(len(kind)))) + kind
	if identity != "" {
		ready += "\x08Identity" + string(binary.BigEndian.AppendUint32(nil, uint32(len(identity)))) + identity
	}
	c.Raw([]byte{4, byte(len(ready))}, []byte(ready))
	if _, err := io.ReadFull(c.R, make([]byte, 64)); err != nil {
		t.Fatalf("greeting: %v", err)
	}
	if flags, body := c.Frame(); flags != 4 || string(body[:6]) != "\x05READY" {
		t.Fatalf("want READY, got %d %q", flags, body)
	}
	return c
}

// Greeting returns what opens a connection.
func Greeting() []byte {
	g := make([]byte, 64)
	copy(g, "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x01NULL")
	return g
}

// Raw writes bytes as they are.
func (c *Client) Raw(parts ...[]byte) {
	c.T.Helper()
	for _, b := range parts {
		if _, err := c.Write(b); err != nil {
			c.T.Fatal(err)
		}
	}
}

// Command writes a command frame.
func (c *Client) Command(name, data string) {
	c.T.Helper()
	body := string(byte(len(name))) + name + data
	c.Raw([]byte{4, byte(len(body))}, []byte(body))
}

// Send writes one message.
func (c *Client) Send(frames ...string) {
	c.T.Helper()
	c.Raw(Encode(frames...))
}

// Encode returns the bytes of one message.
func Encode(frames ...string) (b []byte) {
	for i, f := range frames {
		flags := byte(0)
		if i < len(frames)-1 {
			flags = 1
		}
		if len(f) > 255 {
			b = binary.BigEndian.AppendUint64(append(b, flags|2), uint64(len(f)))
		} else {
			b = append(b, flags, byte(len(f)))
		}
		b = append(b, f...)
	}
	return b
}

// Frame reads one frame.
func (c *Client) Frame() (flags byte, body []byte) {
	c.T.Helper()
	flags, body, err := c.frame()
	if err != nil {
		c.T.Fatalf("no frame: %v", err)
	}
	return flags, body
}

func (c *Client) frame() (flags byte, body []byte, err error) {
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if flags, err = c.R.ReadByte(); err != nil {
		return
	}
	var size [8]byte
	part := size[7:]
	if flags&2 != 0 {
		part = size[:]
	}
	if _, err = io.ReadFull(c.R, part); err != nil {
		return
	}
	n := binary.BigEndian.Uint64(size[:])
	if n > 1<<30 {
		return flags, nil, fmt.Errorf("frame of %d bytes", n)
	}
	body = make([]byte, n)
	_, err = io.ReadFull(c.R, body)
	return flags &^ 2, body, err
}

// Recv reads one message.
func (c *Client) Recv() []string {
	c.T.Helper()
	var m []string
	for {
		flags, body := c.Frame()
		if flags&4 != 0 {
			c.T.Fatalf("a command where a message was due: %q", body)
		}
		m = append(m, string(body))
		if flags&1 == 0 {
			return m
		}
	}
}

// Closed waits until the other side has closed the connection.
func (c *Client) Closed() {
	c.T.Helper()
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, c.R); err != nil {
		if ne, ok := err.(net.Error); ok && ne.Timeout() {
			c.T.Fatal("still open after 10 s")
		}
	}
}
