//go:build !unix

package zmtp

import (
	"net"
	"sync/atomic"
)

// An arrival reads a connection and notes whether the reader rests: whether it
// waits for the first byte of a message. What the system has received and
// nobody has read cannot be known here.
type arrival struct {
	conn    net.Conn
	resting atomic.Bool
}

func newArrival(conn net.Conn) *arrival { return &arrival{conn: conn} }

func (a *arrival) rest(resting bool) { a.resting.Store(resting) }

func (a *arrival) settled() bool { return a.resting.Load() }

func (a *arrival) Read(b []byte) (int, error) {
	n, err := a.conn.Read(b)
	a.resting.Store(false)
	return n, err
}
