package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// playKernel is a kernel that runs a child with a grandchild until it is
// killed. Its arguments: the folder for temporary files, the program, and
// whether it has a guard.
func playKernel(args []string) {
	o := Options{TempDir: args[0]}
	if args[2] == "guard" {
		path, err := os.Executable()
		if err != nil {
			panic(err)
		}
		o.GuardCommand = []string{path, roleGuard}
	}
	s, err := NewSupervisor(o)
	if err != nil {
		panic(err)
	}
	if s.guard != nil {
		fmt.Println("pid", s.guard.cmd.Process.Pid)
	}
	// Something that a session may have put there.
	if err := os.WriteFile(filepath.Join(s.Dir(), "file"), nil, 0o600); err != nil {
		panic(err)
	}
	_, err = s.Run(context.Background(), Command{Path: args[1], Args: []string{"family"}, Display: true, Asks: true}, printer{})
	panic(err) // it is killed before that
}

// A printer passes on what the child says.
type printer struct{}

func (printer) Write(_ string, p []byte)              { os.Stdout.Write(p) }
func (printer) Display(_, _ map[string]any, _ string) {}
func (printer) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("no input")
}

func TestKernelIsKilled(t *testing.T) {
	for _, test := range []struct {
		guard string
		pids  int
	}{{"guard", 3}, {"no guard", 2}} {
		t.Run(test.guard, func(t *testing.T) {
			temp := t.TempDir()
			path, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			kernel := exec.Command(path, roleKernel, temp, filepath.Join(programs, "child"), test.guard)
			kernel.Stderr = os.Stderr
			out, err := kernel.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := kernel.Start(); err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			lines := bufio.NewScanner(out)
			for strings.Count(said.String(), "pid") < test.pids && lines.Scan() {
				said.WriteString(lines.Text() + "\n")
			}
			family := pids(t, said.String(), test.pids)
			grandchild := family[len(family)-1]
			defer syscall.Kill(grandchild, syscall.SIGKILL)
			if left, _ := os.ReadDir(temp); len(left) != 1 {
				t.Errorf("the kernel's folder: %v", left)
			}
			for _, pid := range family {
				if !running(pid) {
					t.Fatalf("%d doesn't run before the kernel is killed", pid)
				}
			}
			if test.guard == "guard" {
				// What the end of a login sends to everybody. The guard ignores
				// it from when it has started up, which nobody waits for.
				guard := family[0]
				eventually(t, "the guard ignores SIGTERM", func() bool { return ignores(guard, syscall.SIGTERM) })
				syscall.Kill(guard, syscall.SIGINT)
				syscall.Kill(guard, syscall.SIGTERM)
			}
			if err := kernel.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			kernel.Wait()

			if test.guard == "no guard" {
				// Pdeathsig takes the child alone, which is why there is a guard.
				eventually(t, "the child is gone", func() bool { return !running(family[0]) })
				if !running(grandchild) {
					t.Error("the grandchild is gone without a guard: the other test shows nothing")
				}
				return
			}
			for _, pid := range family {
				eventually(t, fmt.Sprintf("%d of %v is gone", pid, family), func() bool { return !running(pid) })
			}
			if left, _ := os.ReadDir(temp); len(left) > 0 {
				t.Errorf("left in the folder: %v", left)
			}
		})
	}
}

// TestGuard gives lines to a ward: Guard itself would change how this process
// handles signals.
func TestGuard(t *testing.T) {
	begin := func() *exec.Cmd {
		cmd := exec.Command(filepath.Join(programs, "child"), "deaf")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	kept, killed, stranger := begin(), begin(), begin()
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	if err := os.MkdirAll(filepath.Join(sub, "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	number := func(cmd *exec.Cmd) string { return strconv.Itoa(cmd.Process.Pid) }
	w := ward{groups: make(map[int]string)}
	for _, line := range []string{
		"dir " + sub, "dir relative", "dir /", "dir", "", "dance", "add x", "add 0", "add 1", "add -1", "del 7",
		"add " + number(kept), "add " + number(killed), "add " + number(stranger), "del " + number(kept),
	} {
		w.note(line)
	}
	if len(w.groups) != 2 || len(w.dirs) != 1 {
		t.Fatalf("the ward is %+v", w)
	}
	// The number was given out again: this leader isn't the one of then.
	w.groups[stranger.Process.Pid] = "1"
	if err := w.clean(); err != nil {
		t.Error(err)
	}
	if !running(kept.Process.Pid) || !running(stranger.Process.Pid) {
		t.Error("killed what it should not")
	}
	if running(killed.Process.Pid) {
		t.Error("not killed")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestLostGuard(t *testing.T) {
	s, log := loggingSupervisor(t)
	guard, err := startGuard([]string{"/bin/true"}, s.Dir(), s.log)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the guard is dead", func() bool { return !running(guard.cmd.Process.Pid) })
	s.guard = guard
	for range 2 {
		if result := run(t, s, t.Context(), program("child", "nothing"), &recorder{}); result.Code != 0 {
			t.Errorf("ended as %+v", result)
		}
	}
	if n := strings.Count(log.String(), "the guard is lost"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log)
	}
}

func TestGuardThatDoesNotStart(t *testing.T) {
	temp := t.TempDir()
	if _, err := NewSupervisor(Options{TempDir: temp, GuardCommand: []string{"/no/such/guard"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// ignores reports whether a process ignores a signal.
func ignores(pid int, signal syscall.Signal) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(status), "SigIgn:")
	mask, err := strconv.ParseUint(strings.Fields(after + " 0")[0], 16, 64)
	return err == nil && mask&(1<<(signal-1)) != 0
}
