package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestFaults damages, fills and removes what a kernel works with, lets its
// programs behave badly, and starts twenty kernels at once. GOPARK_COLD=1 has
// twenty start on a cold cache, too, which takes minutes.
func TestFaults(t *testing.T) {
	b := setUp(t, "gopark")
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: it finds processes in /proc, which only Linux has")
	}
	b.script("faults.py")
}

// TestConnectionFaults starts kernels that cannot serve: they say why, in one
// line, and leave nothing behind.
func TestConnectionFaults(t *testing.T) {
	b := setUp(t, "gopark")
	dir := t.TempDir()
	write := func(name string, mode os.FileMode, change func(map[string]any)) string {
		ports := freePorts(t, 5)
		c := map[string]any{"ip": "127.0.0.1", "transport": "tcp", "signature_scheme": "hmac-sha256", "key": "k",
			"shell_port": ports[0], "iopub_port": ports[1], "stdin_port": ports[2], "control_port": ports[3], "hb_port": ports[4]}
		change(c)
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	fails := func(name, file, want string) {
		status, stdout, stderr := b.run(dir, "", "kernel", file)
		if status != 1 || stdout != "" || !strings.Contains(stderr, want) || strings.Contains(stderr, "goroutine ") {
			t.Errorf("%s: exit status %d, %q, stderr %q, want %q", name, status, stdout, stderr, want)
		}
	}
	fails("a port that is taken", write("taken.json", 0o600, func(c map[string]any) { c["control_port"] = port }),
		fmt.Sprintf("127.0.0.1:%d: bind: address already in use", port))
	fails("no file", filepath.Join(dir, "none.json"), "none.json: no such file or directory")
	fails("a folder", dir, "is a directory")
	half := filepath.Join(dir, "half.json")
	if err := os.WriteFile(half, []byte(`{"ip": "127.`), 0o600); err != nil {
		t.Fatal(err)
	}
	fails("half a file", half, "not a connection file")
	fails("the port of a stranger's address", write("address.json", 0o600, func(c map[string]any) { c["ip"] = "192.0.2.1" }), "cannot assign requested address")
	if os.Getuid() != 0 { // root reads everything
		fails("unreadable", write("unreadable.json", 0, func(map[string]any) {}), "permission denied")
	}
	if left := b.processes(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
