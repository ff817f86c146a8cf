//go:build unix

package helpers

import (
	"syscall"
	"time"
)

// processorTime returns how long processors have worked for this process, in user
// code and in the system.
func processorTime() (d time.Duration, known bool) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}
