package jupyter

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gopark/kernel/zmtp/zmtptest"
)

// kernelVariable, when set, makes the test binary a kernel for Python's tests.
const kernelVariable = "GOPARK_TEST_KERNEL"

func TestMain(m *testing.M) {
	if os.Getenv(kernelVariable) != "" {
		if err := actAsKernel(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func actAsKernel(path string) error {
	return Run(context.Background(), path, &fake{cells: conformanceCells}, nil)
}

// conformanceCells do what testdata/conformance.py asks for.
var conformanceCells = map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
	"stderr": func(_ context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
		out.Stream("stderr", "oh\n")
		return ExecuteReply{}
	},
	"fail": fail,
	"1+2+3": func(_ context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
		out.Result(map[string]any{"text/plain": "6"}, nil)
		return ExecuteReply{}
	},
	"display": func(_ context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
		out.Display(map[string]any{"text/html": "<b>x</b>", "text/plain": "x"}, nil, "")
		return ExecuteReply{}
	},
	"page": func(context.Context, ExecuteRequest, Publisher) ExecuteReply {
		return ExecuteReply{Payload: []map[string]any{{"source": "page", "start": 0, "data": object{"text/plain": "doc"}}}}
	},
	"clear": func(_ context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
		out.Clear(false)
		return ExecuteReply{}
	},
	"wait": func(ctx context.Context, req ExecuteRequest, out Publisher) ExecuteReply {
		out.Stream("stdout", "waiting\n")
		<-ctx.Done()
		f := &Failure{"Interrupted", context.Cause(ctx).Error(), nil}
		out.Error(f.Name, f.Value, f.Traceback)
		return ExecuteReply{Failure: f}
	},
	"ask": func(ctx context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
		value, err := out.Input(ctx, "? ", true)
		if err != nil {
			value = err.Error()
		}
		out.Stream("stdout", value)
		return ExecuteReply{}
	},
	"fail when answered": func(ctx context.Context, req ExecuteRequest, out Publisher) ExecuteReply {
		if _, err := out.Input(ctx, "? ", false); err != nil {
			return ExecuteReply{}
		}
		return fail(ctx, req, out)
	},
	"expressions": func(_ context.Context, req ExecuteRequest, _ Publisher) ExecuteReply {
		values := object{}
		for key, e := range req.UserExpressions {
			values[key] = object{"status": "ok", "data": object{"text/plain": e}, "metadata": object{}}
		}
		return ExecuteReply{UserExpressions: values}
	},
}

// TestConformance runs jupyter_kernel_test, and what it leaves out, through
// jupyter_client, over TCP and over files.
func TestConformance(t *testing.T) {
	python := zmtptest.Python(t, "jupyter_client", "jupyter_kernel_test")
	out := runWithKernel(t, python, "testdata/conformance.py", "gopark-test", os.Args[0], map[string]string{kernelVariable: "1"})
	t.Logf("%s", out)
}

// TestExample runs jupyter_kernel_test against examples/calc: what it says of a
// kernel that somebody else would write.
func TestExample(t *testing.T) {
	python := zmtptest.Python(t, "jupyter_client", "jupyter_kernel_test")
	source, err := os.ReadFile("examples/calc/main.go")
	if n := bytes.Count(source, []byte("\n")); err != nil || n >= 60 {
		t.Errorf("the example has %d lines, and shall have under 60 (%v)", n, err)
	}
	calc := filepath.Join(t.TempDir(), "calc")
	if out, err := exec.Command("go", "build", "-o", calc, "./examples/calc").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out := runWithKernel(t, python, "testdata/example.py", "calc-test", calc, nil)
	// kernel_info, stdout, is_complete, error, execute_result, history, welcome.
	if !bytes.Contains(out, []byte("passed: 7\n")) {
		t.Errorf("not all of its checks passed:\n%s", out)
	}
}

// runWithKernel runs a Python script that finds a program installed as a kernel.
func runWithKernel(t *testing.T, python, script, name, program string, env map[string]string) []byte {
	t.Helper()
	data := t.TempDir()
	kernels := filepath.Join(data, "kernels", name)
	if err := os.MkdirAll(kernels, 0o777); err != nil {
		t.Fatal(err)
	}
	if env == nil {
		env = map[string]string{}
	}
	spec, err := json.Marshal(map[string]any{
		"argv": []string{program, "{connection_file}"}, "env": env, "display_name": name, "language": "test", "interrupt_mode": "message",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(kernels, "kernel.json"), spec, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, script)
	cmd.Env = append(os.Environ(), "JUPYTER_PATH="+data, "JUPYTER_RUNTIME_DIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

// TestTorture runs testdata/torture.py against the echo kernel.
func TestTorture(t *testing.T) {
	python := zmtptest.Python(t, "jupyter_client", "zmq")
	dir := t.TempDir()
	echo := filepath.Join(dir, "echo")
	if out, err := exec.Command("go", "build", "-o", echo, "./examples/echo").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	conn := testConnection
	s, err := Listen(conn, nil) // finds five free ports
	if err != nil {
		t.Fatal(err)
	}
	conn = s.Connection()
	s.Close()
	file, err := json.Marshal(conn)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "kernel.json")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var log logged
	kernel := exec.Command(echo, path)
	kernel.Stderr = &log
	if err := kernel.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- kernel.Wait() }()
	defer func() { kernel.Process.Kill(); <-exited }()
	awaitPort(t, (&kernelProcess{}).addr(conn.Heartbeat)) // the last to be bound

	cmd := exec.CommandContext(t.Context(), python, "testdata/torture.py", path, "--hello", "hello, world",
		"--flood", "flood 20000", "--seconds", "0.02", "--slack", "3", "--pid", strconv.Itoa(kernel.Process.Pid))
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("%v\nlog of the kernel:\n%s", err, log.String())
	}
	select {
	case err := <-exited:
		t.Fatalf("the kernel died: %v\n%s", err, log.String())
	default:
	}
	if lines := strings.Count(log.String(), "\n"); lines > 200 {
		t.Errorf("%d lines in the log", lines)
	}
}

// awaitPort waits until a process listens.
func awaitPort(t *testing.T, addr net.Addr) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if conn, err := net.Dial(addr.Network(), addr.String()); err == nil {
			conn.Close()
			return
		}
		<-tick.C
	}
	t.Fatal("the kernel does not listen")
}
