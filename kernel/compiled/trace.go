package compiled

import (
	"fmt"
	"io"
	"os"

	"gopark/kernel/session"
	"gopark/kernel/toolchain"
)

// traceFile adds the package that writes an execution trace.
var traceFile = toolchain.Source{Name: "gopark_trace.go", Text: []byte("package main\n\nimport _ \"gopark/helpers/internal/tracing\"\n")}

// maxTrace is how much of a trace is read, in bytes: the picture of more would
// take seconds, and the reader twenty times as much memory.
const maxTrace = 64 << 20

// traceInto gives a program that is to be traced a file for it. The function
// returned reads and removes the file; it is nil when nothing is to be traced.
func (e *Engine) traceInto(inv *session.Invocation) (read func() ([]byte, error), err error) {
	if !inv.Trace {
		return nil, nil
	}
	f, err := os.CreateTemp(e.bin, "trace-")
	if err != nil {
		return nil, fmt.Errorf("make a file for the trace: %w", err)
	}
	inv.Env = append(inv.Env, "GOPARK_TRACE="+f.Name())
	return func() ([]byte, error) {
		defer os.Remove(f.Name())
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, maxTrace))
		if err != nil {
			return nil, fmt.Errorf("read the trace: %w", err)
		}
		return data, nil
	}, nil
}
