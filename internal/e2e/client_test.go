package e2e

import (
	"runtime"
	"testing"
)

// TestClient drives the kernel through jupyter_client, the library behind
// JupyterLab, with all that jupyter_kernel_test leaves out.
func TestClient(t *testing.T) {
	b := setUp(t, "gopark")
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: it looks for what is left behind in /proc, which only Linux has")
	}
	b.script("client.py")
}

// TestSubshells runs cells of several subshells in one kernel.
func TestSubshells(t *testing.T) {
	b := setUp(t, "gopark")
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: it looks for what is left behind in /proc, which only Linux has")
	}
	b.script("subshells.py")
}

// TestVSCode starts and uses the kernel in the order in which VS Code does, and
// leaves it as front ends do that are killed.
func TestVSCode(t *testing.T) {
	b := setUp(t, "gopark")
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: it looks for what is left behind in /proc, which only Linux has")
	}
	b.script("vscode.py")
}
