package e2e

import (
	"runtime"
	"testing"
)

// TestSoak runs a thousand cells of all kinds in one kernel: none may lose an
// output, and nothing may pile up.
func TestSoak(t *testing.T) {
	b := setUp(t, "gopark")
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: it reads memory and descriptors in /proc, which only Linux has")
	}
	b.script("soak.py", "1000")
}
