package labextension

import (
	"os"
	"os/exec"
	"testing"
)

// The unit tests of the TypeScript run under Node's own runner.
func TestTypeScript(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: node is not installed")
	}
	if _, err := os.Stat("node_modules/esbuild"); err != nil {
		t.Skip("SKIPPED: the build tools are not installed; run kernel/labextension/build.sh")
	}
	out, err := exec.CommandContext(t.Context(), node, "test/run.mjs").CombinedOutput()
	if err != nil {
		t.Fatalf("node test/run.mjs: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}
