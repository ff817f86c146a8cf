package e2e

import (
	"regexp"
	"strings"
	"testing"
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
