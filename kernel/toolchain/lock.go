//go:build unix

package toolchain

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lock takes the flock of the file at path, which is created when missing and
// never removed: a removed lock file is two locks. The kernel drops the lock
// when its holder dies, however it dies. onWait is called once if somebody
// else holds it.
func lock(ctx context.Context, path string, onWait func()) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking: %w", err)
	}
	// flock cannot be combined with a context other than by asking again.
	var tick *time.Ticker
	for {
		if tryLock(f) {
			return func() { f.Close() }, nil
		}
		if tick == nil {
			if onWait != nil {
				onWait()
			}
			tick = time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// tryLock takes the flock of an open file or folder, if nobody has it.
func tryLock(f *os.File) bool {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EINTR {
			return err == nil
		}
	}
}
