package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// root is that of the module, seen from here.
const root = "../.."

// A bench is what one test works with.
type bench struct {
	t      *testing.T
	venv   string
	python string
	gopark string // the command whose kernelspec is installed
	tmp    string // TMPDIR of all that the test starts
	env    []string
}

// setUp skips the test unless it is wanted, and fails it when something that it
// needs is missing. Its kernels are those with the given names.
func setUp(t *testing.T, kernels ...string) *bench {
	t.Helper()
	if os.Getenv("GOPARK_E2E") != "1" {
		t.Skip("SKIPPED: it drives the installed kernel. Run `make test`, or `make install` and then GOPARK_E2E=1 go test ./internal/e2e")
	}
	// go test knows what this process looks at, and runs it again when that has
	// changed. It has to look at what only Python reads.
	for _, pattern := range []string{"testdata/*", root + "/kernel/jupyter/testdata/*.py", root + "/lab/requirements*.txt"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			if _, err := os.Stat(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := &bench{t: t, venv: os.Getenv("GOPARK_VENV")}
	if b.venv == "" {
		b.venv = filepath.Join(root, ".venv")
	}
	var err error
	if b.venv, err = filepath.Abs(b.venv); err != nil {
		t.Fatal(err)
	}
	b.python = filepath.Join(b.venv, "bin", "python")
	for _, name := range kernels {
		program := kernelProgram(t, b.venv, name)
		if name == "gopark" {
			b.gopark = program
		}
	}
	// A short name: a socket's may not be longer than 107 bytes.
	if b.tmp, err = os.MkdirTemp("", "e2e-"); err != nil {
		t.Fatal(err)
	}
	b.env = append(os.Environ(),
		"TMPDIR="+b.tmp,
		"JUPYTER_RUNTIME_DIR="+filepath.Join(b.tmp, "runtime"),
		// No kernelspec or setting of the person who runs the tests.
		"JUPYTER_DATA_DIR="+filepath.Join(b.tmp, "data"),
		"JUPYTER_CONFIG_DIR="+filepath.Join(b.tmp, "config"),
		"JUPYTER_PATH=", "JUPYTER_NO_CONFIG=1", "PYTHONDONTWRITEBYTECODE=1")
	if b.gopark != "" {
		if err := warm(b.gopark); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		b.killAll()
		if err := os.RemoveAll(b.tmp); err != nil {
			t.Error(err)
		}
	})
	return b
}

// warm prepares Go's packages, which takes half a minute after an update of Go
// or of helpers. The first cell of a test would show that it waits.
var warm = func() func(gopark string) error {
	var once sync.Once
	var err error
	return func(gopark string) error {
		once.Do(func() {
			cmd := exec.Command(gopark, "exec")
			cmd.Stdin = strings.NewReader("%race\nimport \"gopark/helpers\"\n%%\nhelpers.Markdown(\"warm\")")
			if out, failed := cmd.CombinedOutput(); failed != nil {
				err = fmt.Errorf("%s exec: %v\n%s", gopark, failed, out)
			}
		})
		return err
	}
}()

// kernelProgram returns the program of an installed kernelspec.
func kernelProgram(t *testing.T, venv, name string) string {
	t.Helper()
	const mend = "run `make install`"
	file := filepath.Join(venv, "share", "jupyter", "kernels", name, "kernel.json")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("the kernel %s is not installed: %v: %s", name, err, mend)
	}
	var spec struct{ Argv []string }
	if err := json.Unmarshal(data, &spec); err != nil || len(spec.Argv) == 0 {
		t.Fatalf("%s names no program: %v: %s", file, err, mend)
	}
	if _, err := os.Stat(spec.Argv[0]); err != nil {
		t.Fatalf("the kernelspec %s names a program that is not there: %v: %s", name, err, mend)
	}
	return spec.Argv[0]
}

// processes returns those that were started with the test's TMPDIR, but for
// this one. It knows how to look on Linux only.
func (b *bench) processes() (found []int) {
	mark := []byte("TMPDIR=" + b.tmp + "\x00")
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(append(env, 0), mark) {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(file, "/proc/%d/", &pid); err == nil && pid != os.Getpid() {
			found = append(found, pid)
		}
	}
	return found
}

// killAll ends what the test has started and nothing has ended: GoNB leaves a
// gopls behind.
func (b *bench) killAll() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 200 {
		pids := b.processes()
		if len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		<-tick.C
	}
	b.t.Error("processes of this test live on")
}

// A check is what a script says of one thing that it has looked at.
type check struct {
	Check   string
	Status  string // "ok", "failed" or "skipped"
	Seconds float64
	Detail  string
	Note    string // numbers worth reading
	Group   string // of table.py's cases
}

// script runs a Python script of testdata and makes a subtest of each check.
// It returns the number of those that went well.
func (b *bench) script(name string, args ...string) (passed int) {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), b.python, append([]string{filepath.Join("testdata", name)}, args...)...)
	cmd.Env = b.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	var log syncBuffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.t.Fatalf("%v: run `make install`", err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	checks := 0
	for lines.Scan() {
		var c check
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil || c.Check == "" {
			b.t.Logf("%s: %s", name, lines.Text())
			continue
		}
		checks++
		b.t.Run(c.Check, func(t *testing.T) {
			t.Logf("%.2f s %s", c.Seconds, c.Note)
			switch c.Status {
			case "ok":
				passed++
			case "skipped":
				t.Skip("SKIPPED: " + c.Detail)
			default:
				t.Error(c.Detail)
			}
		})
	}
	if err := cmd.Wait(); err != nil || checks == 0 {
		b.t.Errorf("%s: %v after %d checks", name, err, checks)
	}
	if text := strings.TrimSpace(log.String()); text != "" {
		b.t.Logf("%s and its kernels wrote to stderr:\n%s", name, text)
	}
	return passed
}

// A syncBuffer can be written by processes that outlive the one waited for.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
