package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTorture attacks all five ports of the kernel while a healthy client runs
// cells beside. The script is the server's own; its package runs it against a
// kernel that does nothing.
func TestTorture(t *testing.T) {
	b := setUp(t, "gopark")
	ports := freePorts(t, 5)
	connection := filepath.Join(b.tmp, "kernel.json")
	file, err := json.Marshal(map[string]any{
		"ip": "127.0.0.1", "transport": "tcp", "signature_scheme": "hmac-sha256", "key": "e2e-torture", "kernel_name": "gopark",
		"shell_port": ports[0], "iopub_port": ports[1], "stdin_port": ports[2], "control_port": ports[3], "hb_port": ports[4],
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(connection, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var log syncBuffer
	kernel := exec.CommandContext(t.Context(), b.gopark, "kernel", connection)
	kernel.Env, kernel.Stderr, kernel.WaitDelay = b.env, &log, 5*time.Second
	if err := kernel.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- kernel.Wait() }()
	t.Cleanup(func() { kernel.Process.Kill() }) // if it still runs
	awaitPort(t, ports[4])

	script := exec.CommandContext(t.Context(), b.python, filepath.Join(root, "kernel", "jupyter", "testdata", "torture.py"), connection,
		"--hello", "%%\nfmt.Println(\"hello, world\")", "--flood", "%%\nfor i := range 20000 { fmt.Println(i) }",
		"--seconds", "0.05", "--slack", "2", "--pid", strconv.Itoa(kernel.Process.Pid))
	script.Env = b.env
	out, err := script.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("%v\nlog of the kernel:\n%s", err, log.String())
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	summary := map[string]float64{}
	if err := json.Unmarshal(lines[len(lines)-1], &summary); err != nil || summary["cells"] < 100 {
		t.Errorf("no summary, or too few cells: %v", err)
	}
	if n := strings.Count(log.String(), "\n"); n > 200 {
		t.Errorf("%d lines in the kernel's log", n)
	}

	select {
	case err := <-exited:
		t.Fatalf("the kernel died: %v\n%s", err, log.String())
	default:
	}
	if err := kernel.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	select {
	case err := <-exited:
		if err != nil {
			t.Errorf("the kernel ended with %v\n%s", err, log.String())
		}
	case <-time.After(5 * time.Second):
		t.Error("the kernel does not end")
	}
}

// freePorts returns ports that were free a moment ago.
func freePorts(t *testing.T, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// awaitPort waits until a process listens.
func awaitPort(t *testing.T, port int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			conn.Close()
			return
		}
		<-tick.C
	}
	t.Fatal("the kernel does not listen")
}
