package process

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// A guardLine is the kernel's side of the guard: the process and the pipe to
// its standard input. The nil guardLine is one without a guard. Its methods
// are safe for concurrent use.
type guardLine struct {
	cmd *exec.Cmd
	log *slog.Logger

	mu sync.Mutex
	fd int // -1 once the guard is lost or closed
}

// startGuard starts the guard and tells it about dir.
func startGuard(argv []string, dir string, log *slog.Logger) (*guardLine, error) {
	if len(argv) == 0 {
		return nil, nil
	}
	r, w, err := pipe()
	if err != nil {
		return nil, fmt.Errorf("start the guard: %w", err)
	}
	stdin := os.NewFile(uintptr(r), "guard's stdin")
	defer stdin.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin = stdin
	cmd.Dir = "/" // keeps no folder of the user's from being unmounted
	// A group of its own: Ctrl-C in the kernel's terminal isn't for the guard.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		unix.Close(w)
		return nil, fmt.Errorf("start the guard: %w", err)
	}
	g := &guardLine{cmd: cmd, log: log, fd: w}
	// A guard that stops reading must not stop the kernel.
	unix.SetNonblock(w, true)
	g.say("dir " + dir)
	return g, nil
}

// add puts a group under the guard's care. Call it as soon as the group exists.
func (g *guardLine) add(pgid int) { g.say("add " + strconv.Itoa(pgid)) }

// remove takes a group out. Call it while the group's number is still taken.
func (g *guardLine) remove(pgid int) { g.say("del " + strconv.Itoa(pgid)) }

// say writes one line, which is shorter than PIPE_BUF and so arrives whole.
func (g *guardLine) say(line string) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fd < 0 {
		return
	}
	if _, err := retry(func() (int, error) { return unix.Write(g.fd, []byte(line+"\n")) }); err != nil {
		g.log.Warn("the guard is lost: if the kernel is killed, programs may outlive it", "err", err)
		closeFD(&g.fd)
	}
}

// close ends the guard and waits for it.
func (g *guardLine) close() error {
	if g == nil {
		return nil
	}
	g.mu.Lock()
	closeFD(&g.fd)
	g.mu.Unlock()
	if err := g.cmd.Wait(); err != nil {
		return fmt.Errorf("the guard ended: %w", err)
	}
	return nil
}
