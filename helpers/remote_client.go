package helpers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A remoteClient asks one server. It keeps every connection for reuse, so that
// the connections follow from how many requests are under way at once. It has no
// goroutines.
type remoteClient struct {
	address string

	mu     sync.Mutex
	closed bool
	idle   []*remoteConn // the latest used last
}

type remoteConn struct {
	net.Conn
	r *bufio.Reader
}

var errRemoteClosed = errors.New("the remote is closed")

func (c *remoteClient) get(ctx context.Context, i int) (string, error) {
	conn, err := c.take(ctx)
	if err != nil {
		return "", err
	}
	// When ctx ends, a deadline in the past wakes whoever reads or writes.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	answer, reusable, err := conn.ask(c.address, i)
	if !stop() { // The deadline is set, or being set: the connection is spoilt.
		conn.Close()
		if err != nil {
			return "", context.Cause(ctx)
		}
		return answer, nil // It came just in time.
	}
	if !reusable {
		conn.Close()
		return answer, err
	}
	c.put(conn)
	return answer, err
}

func (c *remoteClient) take(ctx context.Context) (*remoteConn, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, errRemoteClosed
	}
	if n := len(c.idle); n > 0 {
		conn := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.mu.Unlock()
		return conn, nil
	}
	c.mu.Unlock()
	dialer := net.Dialer{KeepAlive: -1}
	conn, err := dialer.DialContext(ctx, "tcp", c.address)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("connecting: %w", err)
	}
	return &remoteConn{conn, bufio.NewReaderSize(conn, 512)}, nil
}

func (c *remoteClient) put(conn *remoteConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		conn.Close()
		return
	}
	c.idle = append(c.idle, conn)
}

func (c *remoteClient) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, conn := range c.idle {
		conn.Close()
	}
	c.idle = nil
}

// ask sends one request and reads its answer. A connection whose answer was read
// to the end is reusable, also if the answer is an error.
func (c *remoteConn) ask(host string, i int) (answer string, reusable bool, err error) {
	if _, err := io.WriteString(c, "GET /"+strconv.Itoa(i)+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); err != nil {
		return "", false, err
	}
	line, header, err := readHead(c.r)
	if err != nil {
		return "", false, err
	}
	body, err := readBody(c.r, header)
	if err != nil {
		return "", false, err
	}
	_, status, _ := strings.Cut(line, " ")
	if !strings.HasPrefix(status, "200 ") {
		return "", true, errors.New(status)
	}
	return body, true, nil
}
