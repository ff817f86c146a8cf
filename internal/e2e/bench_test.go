package e2e

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestBenchRuns measures little, on real kernels: each row is there, and has
// figures and ratios. What they say is nothing that a test could judge.
func TestBenchRuns(t *testing.T) {
	b := setUp(t, "gopark", "gonb")
	if _, err := b.ipykernel(); err != nil {
		t.Logf("ipykernel SKIPPED: %v", err)
	}
	status, stdout, stderr := b.run(t.TempDir(), "", "bench", "--python", b.python, "--rounds", "6", "--lines", "500", "--megabytes", "1", "--crowd", "2",
		"--only", "unchanged", "--only", "output", "--only", "many at once")
	if status != 0 {
		t.Fatalf("status %d\n%s\n%s", status, stdout, stderr)
	}
	rows := regexp.MustCompile(`(?m)^(unchanged cell|output[, ]|many at once).*$`).FindAllString(stdout, -1)
	if len(rows) != 8 {
		t.Errorf("%d rows, want 8:\n%s", len(rows), stdout)
	}
	for _, row := range rows {
		if strings.Contains(row, "not measured") || !regexp.MustCompile(`\d\.\d{3} \[\d+\.\d{3}, \d+\.\d{3}\]`).MatchString(row) {
			t.Errorf("no ratio: %s", row)
		}
	}
	if strings.Contains(stderr, "arrived") {
		t.Errorf("output was lost:\n%s", stderr)
	}
}

// TestBenchStops presses Ctrl-C in the middle: it ends its kernels, removes what
// they wrote, and says no more than that.
func TestBenchStops(t *testing.T) {
	b := setUp(t, "gopark", "gonb")
	cmd := exec.CommandContext(t.Context(), b.gopark, "bench", "--python", b.python, "--rounds", "1000", "--only", "unchanged")
	cmd.Env = b.env
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(pipe)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("it ended by itself: %v", err)
		}
		if strings.HasPrefix(line, "rounds: 2 ") {
			break
		}
	}
	begin := time.Now()
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(lines)
	cmd.Wait()
	took := time.Since(begin)
	said := regexp.MustCompile(`(?m)^rounds: .*\n`).ReplaceAllString(string(rest), "")
	if status := cmd.ProcessState.ExitCode(); status != 130 || said != "gopark: stopped\n" {
		t.Errorf("status %d, and it said:\n%s", status, said)
	}
	t.Logf("stopped after %v", took)
	if took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if left, _ := filepath.Glob(filepath.Join(b.tmp, "gopark-bench-*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if left := b.processes(); len(left) > 0 {
		t.Errorf("processes left behind: %v", left)
	}
}
