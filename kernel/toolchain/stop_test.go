package toolchain

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slowTool puts a link into place that never ends and starts a child that
// holds its pipes. The child's number comes out of the named pipe.
func slowTool(t *testing.T, tc *Toolchain) (started string) {
	t.Helper()
	dir := t.TempDir()
	started = filepath.Join(dir, "started")
	if err := syscall.Mkfifo(started, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"compile", "link"} {
		script := "#!/bin/sh\nexec " + filepath.Join(tc.env.tooldir, name) + " \"$@\"\n"
		if name == "link" {
			script = "#!/bin/sh\nsleep 3600 &\necho $! > " + started + "\nwait\n"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	tc.env.tooldir = dir
	return started
}

func TestBuildStops(t *testing.T) {
	tc := prepared(t, Normal)
	m := newModule(t, tc)
	started := slowTool(t, tc)
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(context.Background())
	var asked time.Time
	var pid []byte
	watch := make(chan struct{})
	go func() {
		defer close(watch)
		var err error
		if pid, err = os.ReadFile(started); err != nil {
			t.Error(err)
		}
		asked = time.Now()
		cancel(cause)
	}()
	_, err := m.Build(ctx, source1(unique(`package main; func main() {}`)), Config{})
	<-watch
	took := time.Since(asked)
	if !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause of the cancellation", err)
	}
	if took > 200*time.Millisecond {
		t.Errorf("took %v to stop", took)
	}
	if out, err := exec.Command("ps", "-o", "stat=", "-p", strings.TrimSpace(string(pid))).Output(); err == nil && !strings.HasPrefix(string(out), "Z") {
		t.Errorf("the tool's child %s lives: %s", pid, out)
	}
	if left := leftovers(t, tc); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := m.Build(ctx, source1(unique(`package main; func main() {}`)), Config{}); !errors.Is(err, cause) {
		t.Errorf("with a context that has ended: %v", err)
	}
}
