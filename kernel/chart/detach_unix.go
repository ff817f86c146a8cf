//go:build unix

package chart

import (
	"os/exec"
	"syscall"
)

// detach keeps an interrupt at the terminal, which is meant for the kernel's
// cell, away from the renderer. It ends with its input, so also with the
// kernel, however that ends.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
