//go:build unix

package toolchain

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is a command to run to its end.
type process struct {
	path   string
	args   []string
	dir    string
	env    []string
	low    bool              // let everything else go first
	onLine func(line string) // each line of stderr, from the goroutine that reads it
}

type output struct {
	stdout, stderr []byte
	took           time.Duration
}

// exitError is a process that ended badly, with what it wrote.
type exitError struct {
	name string
	err  error
	text string // stdout and stderr, in this order
}

func (e *exitError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s: %v\n%s", e.name, e.err, e.text))
}
func (e *exitError) Unwrap() error { return e.err }

// run starts a process in a group of its own and waits for it. When ctx ends,
// the whole group is killed and run returns the cause at once: go starts
// compile, which starts nothing, but also gcc, which starts as and ld.
func run(ctx context.Context, c process) (output, error) {
	if err := ctx.Err(); err != nil {
		return output{}, context.Cause(ctx)
	}
	path, args := c.path, c.args
	if c.low {
		if nice, err := exec.LookPath("nice"); err == nil {
			path, args = nice, append([]string{"-n", "10", c.path}, c.args...)
		}
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = c.dir
	cmd.Env = c.env
	if c.dir != "" {
		cmd.Env = append(cmd.Env[:len(cmd.Env):len(cmd.Env)], "PWD="+c.dir)
	}
	cmd.SysProcAttr = groupAttr()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	// A grandchild that left the group could hold the pipes open.
	cmd.WaitDelay = 100 * time.Millisecond
	var stdout, stderr bytes.Buffer
	cmd.Stdout = &stdout
	cmd.Stderr = &stderr
	lines := lineWriter{to: c.onLine}
	if c.onLine != nil {
		cmd.Stderr = io.MultiWriter(&stderr, &lines)
	}

	// The parent-death signal is tied to the thread that starts the child;
	// while this goroutine holds the thread it cannot go away early.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin := time.Now()
	err := cmd.Run()
	lines.flush()
	out := output{stdout: stdout.Bytes(), stderr: stderr.Bytes(), took: time.Since(begin)}
	if ctx.Err() != nil {
		return out, context.Cause(ctx)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it ended well; something it started still held a pipe
	}
	if err != nil {
		return out, &exitError{name: c.path, err: err, text: stdout.String() + stderr.String()}
	}
	return out, nil
}

// lineWriter calls to with each whole line.
type lineWriter struct {
	to      func(string)
	partial []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.partial = append(w.partial, p...)
	for {
		n, line, err := bufio.ScanLines(w.partial, false)
		if err != nil || n == 0 {
			return len(p), nil
		}
		w.to(string(line))
		w.partial = w.partial[n:]
	}
}

func (w *lineWriter) flush() {
	if w.to != nil && len(w.partial) > 0 {
		w.to(string(w.partial))
		w.partial = nil
	}
}
