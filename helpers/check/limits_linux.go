package check

import (
	"os/exec"
	"runtime/debug"
	"syscall"
)

const (
	// mostStack is where a function that calls itself for ever is stopped. Go's
	// own limit of 1 GB takes seconds to fill.
	mostStack = 64 << 20
	// mostMemory is what a check may use. It needs some megabytes.
	mostMemory = 512 << 20
)

// dieWithParent ends the child when this program is killed.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// limitSelf keeps the learner's code from using up the machine.
func limitSelf() {
	debug.SetMaxStack(mostStack)
	// A crash leaves its words, not its memory.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	if !raceBuild { // which maps terabytes and uses little of them
		_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: mostMemory, Max: mostMemory})
	}
}
