// Package mark writes the trace of a run between two marks, by which package
// timeline knows it. It is apart from that package because a traced program
// should not link the reader of traces, too.
package mark

import (
	"context"
	"io"
	"runtime"
	"runtime/trace"
	"time"
)

// The marks are events of trace.Log, of this category.
const (
	Category = "gopark.timeline"
	Begin    = "begin"
	End      = "end"
)

// settleTime is how long goroutines that are about to end are given to do so.
const settleTime = 2 * time.Millisecond

// Start begins a trace and a run. The function returned ends both; it must be
// called once. It is an error if a trace is being written already.
//
// At the end, goroutines beyond those of the start get settleTime: one that has
// called wg.Done is not gone yet, and should not be called left behind.
func Start(w io.Writer) (stop func(), err error) {
	if err := trace.Start(w); err != nil {
		return nil, err
	}
	before := runtime.NumGoroutine() // the trace's own among them
	trace.Log(context.Background(), Category, Begin)
	return func() {
		trace.Log(context.Background(), Category, End)
		for end := time.Now().Add(settleTime); runtime.NumGoroutine() > before && time.Now().Before(end); {
			runtime.Gosched()
		}
		trace.Stop()
	}, nil
}
