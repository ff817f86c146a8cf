package check

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends the child when this program is killed.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
