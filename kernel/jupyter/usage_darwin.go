package jupyter

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// read knows this process, with the CPU time of the programs that it has waited
// for. What descends from it cannot be asked without C; nor can the host's CPUs.
func read() reading {
	r := reading{at: time.Now(), cpu: make(map[int]time.Duration)}
	var own, ended unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &own) == nil && unix.Getrusage(unix.RUSAGE_CHILDREN, &ended) == nil {
		r.memory = own.Maxrss // bytes here; the most that it was
		for _, t := range []unix.Timeval{own.Utime, own.Stime, ended.Utime, ended.Stime} {
			r.cpu[os.Getpid()] += time.Duration(t.Nano())
		}
	}
	if total, err := unix.SysctlUint64("hw.memsize"); err == nil && total > 0 {
		r.host = object{"total": total}
		if free, err := unix.SysctlUint32("vm.page_free_count"); err == nil {
			available := uint64(free) * uint64(os.Getpagesize())
			r.host["free"], r.host["available"], r.host["used"] = available, available, total-available
			r.host["percent"] = float64((total-available)*1000/total) / 10
		}
	}
	return r
}
