package process

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// rssUnit is the unit of Rusage.Maxrss in bytes: getrusage(2) on macOS.
const rssUnit = 1

// pipe returns a pipe that no child inherits by accident. There is no pipe2:
// the lock keeps a fork from happening between the two calls.
func pipe() (r, w int, err error) {
	var p [2]int
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := unix.Pipe(p[:]); err != nil {
		return -1, -1, os.NewSyscallError("pipe", err)
	}
	unix.CloseOnExec(p[0])
	unix.CloseOnExec(p[1])
	return p[0], p[1], nil
}

// childAttributes puts the child into a group of its own. macOS has no signal
// at the death of the parent; the guard has to do.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// awaitDeath blocks until the child pid is dead and leaves it unreaped, so
// that its number stays taken.
func awaitDeath(pid int) error {
	kq, err := unix.Kqueue()
	if err != nil {
		return os.NewSyscallError("kqueue", err)
	}
	defer unix.Close(kq)
	unix.CloseOnExec(kq)
	change := make([]unix.Kevent_t, 1)
	unix.SetKevent(&change[0], pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	change[0].Fflags = unix.NOTE_EXIT
	events := make([]unix.Kevent_t, 1)
	for {
		switch _, err := unix.Kevent(kq, change, events, nil); err {
		case unix.EINTR:
		case nil, unix.ESRCH: // ESRCH: dead already
			return nil
		default:
			return os.NewSyscallError("kevent", err)
		}
	}
}

// birth tells processes apart that had the same number: the time at which pid
// started. It fails when there is no such process.
func birth(pid int) (string, error) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return "", os.NewSyscallError("sysctl kern.proc.pid", err)
	}
	start := info.Proc.P_starttime
	return fmt.Sprintf("%d.%06d", start.Sec, start.Usec), nil
}

// residentMemory is not known: macOS tells it through Mach, which wants cgo.
func residentMemory(int) int64 { return 0 }
