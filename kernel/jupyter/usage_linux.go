package jupyter

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"gopark/kernel/procfs"
)

// tick is the unit of times in /proc: USER_HZ, which is 100 on every system
// that Go runs on (proc_pid_stat(5)).
const tick = time.Second / 100

func read() reading {
	r := reading{at: time.Now(), cpu: make(map[int]time.Duration), host: hostMemory()}
	r.hostBusy, r.hostAll = hostCPU()
	for _, pid := range procfs.Descendants(os.Getpid()) {
		if cpu, ok := cpuOf(pid); ok {
			r.cpu[pid] = cpu
			r.memory += memoryOf(pid)
		}
	}
	return r
}

// cpuOf is what a process has used.
func cpuOf(pid int) (time.Duration, bool) {
	stat, err := os.ReadFile(procfs.File(pid, "stat"))
	if err != nil {
		return 0, false
	}
	// The name, in brackets, may hold anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, false
	}
	return time.Duration(number(fields[11])+number(fields[12])) * tick, true
}

// memoryOf is the memory of a process in bytes: its share of what it shares
// (PSS), or what is resident where the system doesn't tell that.
func memoryOf(pid int) int64 {
	if v, ok := table(procfs.File(pid, "smaps_rollup"))["Pss"]; ok {
		return v
	}
	text, _ := os.ReadFile(procfs.File(pid, "statm"))
	if fields := bytes.Fields(text); len(fields) > 1 {
		return number(fields[1]) * int64(os.Getpagesize())
	}
	return 0
}

// table reads a file of lines such as "MemTotal: 16 kB", in bytes.
func table(file string) map[string]int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	values := make(map[string]int64)
	for line := range bytes.Lines(text) {
		name, rest, ok := bytes.Cut(line, []byte(":"))
		if fields := bytes.Fields(rest); ok && len(fields) == 2 && string(fields[1]) == "kB" {
			values[string(name)] = number(fields[0]) << 10
		}
	}
	return values
}

// hostMemory has psutil's names, which front ends know.
func hostMemory() object {
	t := table("/proc/meminfo")
	total, available := t["MemTotal"], t["MemAvailable"]
	if total == 0 {
		return nil
	}
	return object{
		"total": total, "available": available, "used": total - available, "free": t["MemFree"],
		"percent": float64((total-available)*1000/total) / 10,
		"active":  t["Active"], "inactive": t["Inactive"], "buffers": t["Buffers"], "cached": t["Cached"],
		"shared": t["Shmem"], "slab": t["Slab"],
	}
}

// hostCPU is how long all CPUs have worked, and been there.
func hostCPU() (busy, all time.Duration) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := bytes.Cut(text, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return 0, 0
	}
	// user nice system idle iowait irq softirq steal; what guests used is in user.
	for i, f := range fields[1:9] {
		t := time.Duration(number(f)) * tick
		all += t
		if i != 3 && i != 4 {
			busy += t
		}
	}
	return busy, all
}

// number reads a number that the system wrote; 0 if it did not.
func number(text []byte) int64 {
	n, _ := strconv.ParseInt(string(text), 10, 64)
	return n
}
