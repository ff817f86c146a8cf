package timeline

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/trace"
	"time"
)

// MaxTrace is where a trace is closed, in bytes: a program that talks without a
// pause writes a few megabytes a second, and a reader needs twenty times that in
// memory.
const MaxTrace = 32 << 20

// Record runs f and returns the trace of it. If f panics, the trace is stopped and
// the panic goes on. It is an error if a trace is being written already.
func Record(f func()) ([]byte, error) {
	var b bytes.Buffer
	before := runtime.NumGoroutine()
	if err := trace.Start(&b); err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	stop := func() {
		trace.Log(context.Background(), Category, End)
		Settle(before)
		trace.Stop()
	}
	returned := false
	defer func() {
		if !returned {
			stop()
		}
	}()
	trace.Log(context.Background(), Category, Begin)
	f()
	returned = true
	stop()
	return b.Bytes(), nil
}

// settleTime is how long goroutines that are about to end are given to do so.
const settleTime = 2 * time.Millisecond

// Settle waits until no more than n goroutines are left, 2 ms at most: one that
// has called wg.Done is not gone yet, and should not be called left behind.
func Settle(n int) {
	for end := time.Now().Add(settleTime); runtime.NumGoroutine() > n && time.Now().Before(end); {
		runtime.Gosched()
	}
}
