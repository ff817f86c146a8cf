package jupyter

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"
)

// ErrParentGone is the cause with which a context of WithParent ends.
var ErrParentGone = errors.New("the process that started the kernel has gone")

// ParentPID returns the process that started this one as a kernel, as Jupyter
// says in the environment variable JPY_PARENT_PID; 0 if it does not say, or
// says what is no process id.
func ParentPID() int {
	pid, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || pid < 1 {
		return 0
	}
	return pid
}

// parentEvery is how often a parent is looked for: a kernel outlives its
// server by about a second.
const parentEvery = time.Second

// WithParent returns a context that also ends, with the cause ErrParentGone,
// when process pid does. With pid 0, or where that cannot be known, it ends
// with ctx or stop only. The returned function ends the context and waits for
// the goroutine that watches.
func WithParent(ctx context.Context, pid int) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	if pid == 0 {
		return ctx, func() { cancel(nil) }
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		ours := os.Getppid() == pid
		tick := time.NewTicker(parentEvery)
		defer tick.Stop()
		for {
			// A child is adopted by another process at once when its parent
			// dies; the number itself could be taken again. A parent further
			// up can only be asked for.
			if ours && os.Getppid() != pid || !ours && !alive(pid) {
				cancel(ErrParentGone)
				return
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, func() { cancel(nil); <-done }
}
