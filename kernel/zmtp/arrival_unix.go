//go:build unix

package zmtp

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// An arrival reads a connection and can tell whether all that has arrived was
// handed on. The reader says when it rests: when it is about to wait for the
// first byte of a message.
//
// The read itself happens under a lock, so that no byte is ever neither in the
// system's buffer nor known to be in ours.
type arrival struct {
	conn net.Conn
	raw  syscall.RawConn // nil: the connection has no descriptor

	mu      sync.Mutex
	resting bool
}

func newArrival(conn net.Conn) *arrival {
	a := &arrival{conn: conn}
	if sc, ok := conn.(syscall.Conn); ok {
		a.raw, _ = sc.SyscallConn()
	}
	return a
}

// rest notes whether the reader rests when it reads next.
func (a *arrival) rest(resting bool) {
	a.mu.Lock()
	a.resting = resting
	a.mu.Unlock()
}

func (a *arrival) Read(b []byte) (n int, err error) {
	if a.raw == nil || len(b) == 0 {
		n, err = a.conn.Read(b)
		a.rest(false)
		return n, err
	}
	ready := a.raw.Read(func(fd uintptr) (done bool) {
		a.mu.Lock()
		defer a.mu.Unlock()
		for {
			if n, err = syscall.Read(int(fd), b); !errors.Is(err, syscall.EINTR) {
				break
			}
		}
		if errors.Is(err, syscall.EAGAIN) {
			return false
		}
		a.resting = false
		return true
	})
	switch {
	case ready != nil: // closed, or past its deadline
		return 0, ready
	case err != nil:
		return 0, os.NewSyscallError("read", err)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// settled reports whether the reader rests and nothing has arrived meanwhile.
func (a *arrival) settled() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.resting || a.raw == nil {
		return a.resting
	}
	n := 0
	err := a.raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, _ = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err != nil || n <= 0
}
