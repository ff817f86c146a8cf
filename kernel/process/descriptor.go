package process

import (
	"errors"

	"golang.org/x/sys/unix"
)

// closeFD closes a descriptor once.
func closeFD(fd *int) {
	if *fd >= 0 {
		unix.Close(*fd)
		*fd = -1
	}
}

// retry repeats a system call that a signal cut short.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// An outbox is what still has to be written to a descriptor that doesn't
// block. Its zero value is closed.
type outbox struct {
	fd      int
	open    bool
	pending []byte
	limit   int // the most that may be pending
}

// Write queues p, and never blocks. It fails when the reader is too far
// behind.
func (o *outbox) Write(p []byte) (int, error) {
	if !o.open {
		return 0, unix.EPIPE
	}
	if len(o.pending)+len(p) > o.limit {
		return 0, unix.ENOBUFS
	}
	o.pending = append(o.pending, p...)
	return len(p), nil
}

// flush writes as much as there is room for. The outbox closes when there is
// nobody to read.
func (o *outbox) flush() {
	for o.open && len(o.pending) > 0 {
		n, err := retry(func() (int, error) { return unix.Write(o.fd, o.pending) })
		if errors.Is(err, unix.EAGAIN) {
			return
		}
		if err != nil {
			o.close()
			return
		}
		o.pending = o.pending[n:]
	}
	o.pending = nil
}

// waiting is the descriptor to wait for, for poll: -1 if nothing is pending.
func (o *outbox) waiting() int32 {
	if !o.open || len(o.pending) == 0 {
		return -1
	}
	return int32(o.fd)
}

// close closes the descriptor once.
func (o *outbox) close() {
	if o.open {
		unix.Close(o.fd)
	}
	o.open, o.pending = false, nil
}
