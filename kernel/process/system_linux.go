package process

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// rssUnit is the unit of Rusage.Maxrss in bytes: getrusage(2).
const rssUnit = 1024

// pipe returns a pipe that no child inherits by accident.
func pipe() (r, w int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, os.NewSyscallError("pipe2", err)
	}
	return p[0], p[1], nil
}

// childAttributes puts the child into a group of its own. Pdeathsig is sent
// when the *thread* that forked ends, not the process (prctl(2),
// PR_SET_PDEATHSIG): the supervisor forks from a thread that it keeps.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitDeath blocks until the child pid is dead and leaves it unreaped, so
// that its number stays taken.
func awaitDeath(pid int) error {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return os.NewSyscallError("waitid", err)
		}
	}
}

// birth tells processes apart that had the same number: the time at which pid
// started, in clock ticks since boot. It fails when there is no such process.
func birth(pid int) (string, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", err
	}
	// The second field is the name in brackets, and may hold spaces and
	// brackets itself: fields are counted from the last bracket. Start time is
	// field 22 (proc_pid_stat(5)).
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return "", fmt.Errorf("stat of process %d: only %d fields", pid, len(fields))
	}
	return string(fields[19]), nil
}

// residentMemory is what a process has in memory, in bytes: proc_pid_statm(5).
func residentMemory(pid int) int64 {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(data)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
