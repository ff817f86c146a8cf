package procfs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// SeesReaders says that WaitsFor can tell.
const SeesReaders = true

// A Pipe is one of this machine's, whoever holds its ends.
type Pipe string

// PipeOf returns the pipe behind a descriptor of this process.
func PipeOf(fd int) (Pipe, error) {
	var s unix.Stat_t
	if err := unix.Fstat(fd, &s); err != nil {
		return "", os.NewSyscallError("fstat", err)
	}
	return Pipe(fmt.Sprintf("pipe:[%d]", s.Ino)), nil
}

// WaitsFor reports whether a process, or one that descends from it, waits in a
// read of the pipe. It costs about 10 µs a thread.
//
// /proc/PID/task/TID/syscall names the call that a thread is blocked in, and
// its arguments; of a thread that is not blocked it says "running". So a
// thread that is seen reading found nothing to read. One that waits in poll or
// select is not meant: it can do without.
//
// The error is fs.ErrPermission where the system keeps that to itself.
func (p Pipe) WaitsFor(pid int) (bool, error) {
	for i, pid := range Descendants(pid) {
		for _, thread := range threads(pid) {
			text, err := os.ReadFile(File(pid, "task", thread, "syscall"))
			if i == 0 && errors.Is(err, fs.ErrPermission) {
				return false, err
			}
			fd, ok := readsFrom(text)
			if !ok {
				continue
			}
			if name, err := os.Readlink(File(pid, "fd", strconv.FormatUint(fd, 10))); err == nil && name == string(p) {
				return true, nil
			}
		}
	}
	return false, nil
}

// readsFrom returns the descriptor in the text of a blocked read.
func readsFrom(text []byte) (fd uint64, ok bool) {
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, false
	}
	switch number, err := strconv.ParseInt(string(fields[0]), 10, 64); {
	case err != nil, number != unix.SYS_READ && number != unix.SYS_READV:
		return 0, false
	}
	fd, err := strconv.ParseUint(strings.TrimPrefix(string(fields[1]), "0x"), 16, 32)
	return fd, err == nil
}

// Unread is how many bytes wait in a pipe, of which fd is an end: FIONREAD, which
// has the number of TIOCINQ.
func Unread(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}
