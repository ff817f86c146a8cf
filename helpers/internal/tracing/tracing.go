// Package tracing writes an execution trace of a whole program into the file that
// GOPARK_TRACE names. The kernel adds it to the programs that %trace asks for; to
// import it otherwise does nothing.
//
// The trace begins before main, and ends when main returns or somebody calls
// os.Exit, by the runtime's own hook for that. Of a program that panics or is
// killed, what the runtime had written until then is left: it writes once a
// second. The trace adds goroutines of the runtime's, and a timer, so that the
// runtime does not notice a deadlock while it lasts.
package tracing

import (
	"syscall"

	"gopark/helpers/internal/exit"
	"gopark/helpers/internal/mark"
)

// A file is a descriptor. Package os is not wanted here: the program may do
// without it.
type file int

func (f file) Write(p []byte) (n int, err error) {
	for n < len(p) {
		m, err := syscall.Write(int(f), p[n:])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return n, err
		}
		n += m
	}
	return n, nil
}

func init() {
	path, ok := syscall.Getenv("GOPARK_TRACE")
	if !ok {
		return
	}
	syscall.Unsetenv("GOPARK_TRACE")
	fd, err := syscall.Open(path, syscall.O_WRONLY|syscall.O_TRUNC|syscall.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	stop, err := mark.Start(file(fd))
	if err != nil {
		return
	}
	// The hook of package exit was there first and so runs last: it counts the
	// goroutines when those of the trace are gone.
	exit.Hook(func() {
		stop()
		syscall.Close(fd)
	})
}
