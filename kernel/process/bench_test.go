package process

import (
	"bytes"
	"context"
	"os/exec"
	"testing"
)

// The overhead of this package is the difference to BenchmarkOSExec.

type nobody struct{}

func (nobody) Write(string, []byte)                  {}
func (nobody) Display(_, _ map[string]any, _ string) {}
func (nobody) Input(context.Context, string, bool) (string, error) {
	return "", nil
}

func BenchmarkRun(b *testing.B) {
	for _, bench := range []struct {
		name string
		c    Command
	}{
		{"plain", program("child", "hello", "0")},
		{"display offered", display("child", "hello", "0")},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s := newSupervisor(b)
			for b.Loop() {
				if _, err := s.Run(b.Context(), bench.c, nobody{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOSExec(b *testing.B) {
	c := program("child", "hello", "0")
	for b.Loop() {
		cmd := exec.Command(c.Path, c.Args...)
		cmd.Env = c.Env
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDisplay is one display with its acknowledgement.
func BenchmarkDisplay(b *testing.B) {
	s := newSupervisor(b)
	const n = 1000
	for b.Loop() {
		if _, err := s.Run(b.Context(), display("pipe", "interleave", "1", "1000", "wait"), nobody{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/op(text|display)")
}

// BenchmarkFlood is 100 MB of output.
func BenchmarkFlood(b *testing.B) {
	s := newSupervisor(b)
	b.SetBytes(100 << 20)
	for b.Loop() {
		if _, err := s.Run(b.Context(), program("child", "flood", "50"), nobody{}); err != nil {
			b.Fatal(err)
		}
	}
}
