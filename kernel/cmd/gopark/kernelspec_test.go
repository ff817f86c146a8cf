package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// jupyter_client reads what install wrote, and finds in it what it looks for.
func TestKernelspecForJupyter(t *testing.T) {
	venv := os.Getenv("GOPARK_VENV")
	if venv == "" {
		venv = filepath.Join("..", "..", "..", ".venv")
	}
	py := filepath.Join(venv, "bin", "python")
	if err := exec.Command(py, "-c", "import jupyter_client").Run(); err != nil {
		t.Skipf("NOT READ by jupyter_client: %s cannot import it (%v). Set GOPARK_VENV to a virtual environment that has it.", py, err)
	}
	env, err := ofPrefix(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writeKernelspec(env.kernelspec()); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), py, "-W", "error", "-c", `
import json
from jupyter_client.kernelspec import KernelSpecManager
spec = KernelSpecManager().get_kernel_spec("gopark")
print(json.dumps(spec.to_dict() | {"dir": spec.resource_dir}))`)
	cmd.Env = append(cmd.Environ(), "JUPYTER_PATH="+env.data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"argv":                    []any{self, "kernel", "{connection_file}"},
		"display_name":            "Go (gopark)",
		"language":                "go",
		"interrupt_mode":          "message",
		"kernel_protocol_version": "5.5",
		"metadata":                map[string]any{"kernel_protocol_version": "5.5", "debugger": false},
		"env":                     map[string]any{},
		"dir":                     env.kernelspec(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLogoSizes(t *testing.T) {
	for name, size := range map[string]byte{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		data, err := logos.ReadFile("logo/" + name)
		if err != nil {
			t.Fatal(err)
		}
		// Width and height are the first two numbers of a PNG's header.
		if string(data[1:4]) != "PNG" || data[19] != size || data[23] != size {
			t.Errorf("%s is not a PNG of %d pixels", name, size)
		}
	}
}
