package e2e

import (
	"cmp"
	"os"
	"runtime"
	"testing"
)

// TestSoak runs a thousand cells of all kinds in one kernel: none may lose an
// output, and nothing may pile up. GOPARK_SOAK is another number.
func TestSoak(t *testing.T) {
	b := setUp(t, "gopark")
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: it reads memory and descriptors in /proc, which only Linux has")
	}
	b.script("soak.py", cmp.Or(os.Getenv("GOPARK_SOAK"), "1000"))
}
