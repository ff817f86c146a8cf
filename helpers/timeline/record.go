package timeline

import (
	"bytes"
	"fmt"

	"gopark/helpers/internal/mark"
)

// Record runs f and returns the trace of it. If f panics, the trace is stopped and
// the panic goes on. It is an error if a trace is being written already.
func Record(f func()) ([]byte, error) {
	var b bytes.Buffer
	stop, err := mark.Start(&b)
	if err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	func() {
		defer stop()
		f()
	}()
	return b.Bytes(), nil
}
