//go:build linux

package procfs

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// eventually polls: what another process does has no end to wait for.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for begin := time.Now(); !condition(); {
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("it never came: %s", what)
		}
	}
}

// TestWaitsFor sees readers in a child and a grandchild, by whatever number
// they know the pipe, and no others.
func TestWaitsFor(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		want         bool
	}{
		{"the child itself", "exec cat", true},
		{"a grandchild", "cat; :", true},
		{"another descriptor", "exec 7<&0 </dev/null; cat <&7", true},
		{"opened again", "exec 7</dev/stdin </dev/null; cat <&7; :", true},
		{"the shell's own read", "read line", true},
		{"another pipe", "sleep 1000 | cat", false},
		{"asleep", "exec sleep 1000", false},
		{"busy", "while :; do :; done", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			defer w.Close()
			cmd := exec.Command("bash", "-c", "echo on >&2; "+tt.script)
			cmd.Stdin = r
			out, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Wait()
			defer func() {
				for _, pid := range Descendants(cmd.Process.Pid) {
					if p, err := os.FindProcess(pid); err == nil {
						p.Kill()
					}
				}
			}()
			if _, err := out.Read(make([]byte, 8)); err != nil {
				t.Fatal(err)
			}
			pipe, err := PipeOf(int(w.Fd()))
			if err != nil {
				t.Fatal(err)
			}
			waits := func() bool {
				waits, err := pipe.WaitsFor(cmd.Process.Pid)
				if err != nil {
					t.Fatal(err)
				}
				return waits
			}
			if tt.want {
				eventually(t, "a reader", waits)
				if n := Unread(int(w.Fd())); n != 0 {
					t.Errorf("%d bytes unread", n)
				}
				return
			}
			for range 20 {
				if waits() {
					t.Fatal("a reader, where there is none")
				}
			}
			w.Write([]byte("unread"))
			if n := Unread(int(w.Fd())); n != 6 {
				t.Errorf("%d bytes unread, want 6", n)
			}
		})
	}
}

func TestReadsFrom(t *testing.T) {
	read := strconv.Itoa(unix.SYS_READ)
	for text, want := range map[string]bool{
		"": false, "running\n": false, read + " 0x0 0x7f 0x20000\n": true, "-1 0x7ffd 0x7f\n": false,
		strconv.Itoa(unix.SYS_WRITE) + " 0x0 0x7f\n": false, read + " zero\n": false, read + "\n": false,
		read + " 0xffffffffffffffff 0x0\n": false,
	} {
		if _, ok := readsFrom([]byte(text)); ok != want {
			t.Errorf("%q: %v", text, ok)
		}
	}
}

func TestDescendants(t *testing.T) {
	cmd := exec.Command("sh", "-c", "sleep 1000 & sleep 1000; :")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	eventually(t, "two children", func() bool { return len(Descendants(cmd.Process.Pid)) == 3 })
	family := Descendants(cmd.Process.Pid)
	if family[0] != cmd.Process.Pid || slices.Contains(family[1:], cmd.Process.Pid) || !slices.Contains(Descendants(os.Getpid()), family[2]) {
		t.Errorf("%v", family)
	}
	for _, pid := range slices.Backward(family) {
		p, _ := os.FindProcess(pid)
		p.Kill()
	}
}

func BenchmarkWaitsFor(b *testing.B) {
	cmd := exec.Command("cat")
	w, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer w.Close()
	pipe := Pipe("pipe:[0]")
	for b.Loop() {
		if _, err := pipe.WaitsFor(cmd.Process.Pid); err != nil {
			b.Fatal(err)
		}
	}
}
