package toolchain

import "syscall"

// groupAttr puts a child into a group of its own, and lets it die with us.
func groupAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
