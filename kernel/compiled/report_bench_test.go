package compiled

import (
	"context"
	"fmt"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	"gopark/kernel/cell"
	"gopark/kernel/session"
)

// BenchmarkReport runs the same cells with the files that count goroutines and
// without them, in turn, and reports what they cost: the medians of the
// differences within each round, built anew and built before.
//
//	go test -bench=Report -benchtime=40x -run=- ./kernel/compiled
func BenchmarkReport(b *testing.B) {
	for name, text := range map[string]string{
		"fmt":     "import (\"fmt\"; \"sync\")\nfunc main() {\n\tvar wg sync.WaitGroup\n\tfor range 100 { wg.Go(func() {}) }\n\twg.Wait()\n\tfmt.Println(%d)\n}",
		"left":    "import (\"fmt\"; \"time\")\nfunc main() {\n\tc := make(chan int)\n\tfor range 100 { go func() { <-c }() }\n\ttime.Sleep(time.Millisecond)\n\tfmt.Println(%d)\n}",
		"nethttp": "import (\"fmt\"; \"net/http\")\nfunc main() {\n\tgo func() {}()\n\tfmt.Println(http.StatusOK, %d)\n}",
	} {
		b.Run(name, func(b *testing.B) {
			var engine *Engine
			newSessionWith(b, b.TempDir(), func(_ *session.Options, e *Engine) { engine = e })
			var builds, runs, cpu []float64
			for i := range b.N {
				var took [2][3]time.Duration // without and with: build, run, processor of both
				for j := range 2 {
					with := (i + j) % 2
					engine.uncounted = with == 0
					took[with] = buildAndRun(b, engine, fmt.Sprintf(text, time.Now().UnixNano()))
				}
				builds = append(builds, float64((took[1][0]-took[0][0]).Microseconds())/1000)
				cpu = append(cpu, float64((took[1][2]-took[0][2]).Microseconds())/1000)
				runs = append(runs, float64((took[1][1]-took[0][1]).Microseconds())/1000)
			}
			slices.Sort(builds)
			slices.Sort(cpu)
			b.ReportMetric(cpu[len(cpu)/2], "cpu-ms")
			slices.Sort(runs)
			b.ReportMetric(builds[len(builds)/2], "build-ms")
			b.ReportMetric(runs[len(runs)/2], "run-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

type silent struct{}

func (silent) Write(string, []byte)                                {}
func (silent) Display(_, _ map[string]any, _ string)               {}
func (silent) Input(context.Context, string, bool) (string, error) { return "", io.EOF }

// childrenCPU is the processor time of all processes that this one waited for.
// It says more than the clock on a busy machine.
func childrenCPU(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func buildAndRun(b *testing.B, e *Engine, text string) (took [3]time.Duration) {
	b.Helper()
	before := childrenCPU(b)
	var memory cell.Memory
	packages, err := e.Packages(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	p, err := memory.Check(cell.Parse(1, text), packages, false)
	if err != nil {
		b.Fatal(err)
	}
	begin := time.Now()
	built, err := e.Build(b.Context(), p, session.BuildConfig{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	took[0] = time.Since(begin)
	exit, err := e.Run(b.Context(), session.Invocation{Path: built.Path, Dir: b.TempDir()}, silent{})
	if err != nil || exit.Code != 0 {
		b.Fatalf("%v, status %d", err, exit.Code)
	}
	took[1] = exit.Wall
	took[2] = childrenCPU(b) - before
	if (exit.Goroutines.Created > 0) == e.uncounted {
		b.Fatalf("counted: %+v", exit.Goroutines)
	}
	return took
}
