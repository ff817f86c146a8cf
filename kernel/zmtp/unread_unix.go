//go:build unix

package zmtp

import (
	"net"
	"syscall"
)

// arrivedUnread reports whether the system holds bytes of conn that nobody
// has read. It does not disturb a goroutine that waits in Read.
func arrivedUnread(conn net.Conn) bool {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	n := 0
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, _ = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err == nil && n > 0
}
