package jupyter

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const goodFile = `{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5,"key":"secret","signature_scheme":"hmac-sha256","kernel_name":"gopark","jupyter_session":"x"}`

func TestReadConnection(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"good", "", "", ""},
		{"no scheme", `"signature_scheme":"hmac-sha256",`, ``, ""},
		{"ipc", `"tcp"`, `"ipc"`, ""},
		{"no key", `"key":"secret",`, ``, ""},
		{"transport", `"tcp"`, `"udp"`, `transport is "udp", want tcp or ipc`},
		{"ip", `"127.0.0.1"`, `""`, "ip is missing"},
		{"scheme", "hmac-sha256", "hmac-md5", `signature_scheme is "hmac-md5", want hmac-sha256`},
		{"port", `"shell_port":1`, `"shell_port":99999`, "shell_port is 99999, which is not a port"},
		{"ports", `"shell_port":1,"iopub_port":2`, `"iopub_port":4`, "shell_port is missing; iopub_port and control_port are both 4"},
		{"curve", `"key"`, `"curve_publickey":"x","key"`, "CURVE"},
		{"json", goodFile, `{"ip"`, "not a connection file: unexpected EOF"},
		{"type", `"shell_port":1`, `"shell_port":"1"`, "not a connection file: json: cannot unmarshal string"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kernel.json")
			if err := os.WriteFile(path, []byte(strings.Replace(goodFile, tt.old, tt.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := ReadConnection(path)
			if tt.want == "" {
				if err != nil || c.Shell != 1 || c.Heartbeat != 5 || c.Scheme != "hmac-sha256" {
					t.Errorf("%+v, %v", c, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Error("the error shows the key")
			}
		})
	}
	if _, err := ReadConnection("missing.json"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestConnectionAddress(t *testing.T) {
	for _, tt := range []struct{ transport, ip, want string }{
		{"tcp", "127.0.0.1", "tcp 127.0.0.1:7"},
		{"tcp", "::1", "tcp [::1]:7"},
		{"tcp", "*", "tcp :7"},
		{"ipc", "/run/user/kernel", "unix /run/user/kernel-7"},
	} {
		c := Connection{Transport: tt.transport, IP: tt.ip}
		if network, address := c.address(7); network+" "+address != tt.want {
			t.Errorf("%+v: %s %s, want %s", c, network, address, tt.want)
		}
	}
}

// TestExposedConnectionFile is warned about, without showing the key.
func TestExposedConnectionFile(t *testing.T) {
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o640: true, 0o644: true} {
		path := filepath.Join(t.TempDir(), "kernel.json")
		if err := os.WriteFile(path, []byte(goodFile), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
		c, err := ReadConnection(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range c.channels() {
			*ch.port = 0
		}
		var log bytes.Buffer
		s, err := Listen(c, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		if got := strings.Contains(log.String(), "can be read by others"); got != want {
			t.Errorf("mode %v: log %q", mode, log.String())
		}
		if strings.Contains(log.String(), "secret") {
			t.Error("the log shows the key")
		}
	}
}

// TestWithParent watches a process that has ended, and one that lives.
func TestWithParent(t *testing.T) {
	gone := exec.Command(os.Args[0], "-test.run=^$")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := WithParent(t.Context(), gone.Process.Pid)
	defer stop()
	select {
	case <-ctx.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("a dead parent was not noticed")
	}
	if err := context.Cause(ctx); err != ErrParentGone {
		t.Errorf("got %v", err)
	}

	for _, pid := range []int{0, os.Getppid(), os.Getpid()} {
		ctx, stop := WithParent(t.Context(), pid)
		select {
		case <-ctx.Done():
			t.Errorf("%d: %v", pid, context.Cause(ctx))
		default:
		}
		stop()
		if err := context.Cause(ctx); err != context.Canceled {
			t.Errorf("after stop: %v", err)
		}
	}
	for value, want := range map[string]int{"": 0, "x": 0, "-3": 0, "42": 42} {
		t.Setenv("JPY_PARENT_PID", value)
		if got := ParentPID(); got != want {
			t.Errorf("%q: %d", value, got)
		}
	}
}

func TestQuiet(t *testing.T) {
	var b strings.Builder
	h := newQuiet(slog.NewTextHandler(&b, nil))
	now := time.Now()
	record := func(at time.Duration, message string) {
		h.WithAttrs([]slog.Attr{slog.String("channel", "x")}).Handle(t.Context(), slog.NewRecord(now.Add(at), slog.LevelWarn, message, 0))
	}
	for range 100 {
		record(0, "flood")
	}
	record(0, "other")
	record(quietFor, "flood")
	if n := strings.Count(b.String(), "msg=flood"); n != quietBurst+1 {
		t.Errorf("%d lines:\n%s", n, b.String())
	}
	if !strings.Contains(b.String(), "msg=other") || !strings.Contains(b.String(), `"left out before"=95`) {
		t.Errorf("got:\n%s", b.String())
	}
}
