package jupyter

import (
	"os"
	"runtime"
	"sync"
	"time"
)

// usageEvery is the shortest time over which a share of CPU time is measured.
const usageEvery = 100 * time.Millisecond

// A usage answers usage_request, which is in no protocol text: the resource
// displays of front ends send it, and what it holds is what ipykernel replies.
// What it says of the kernel is the sum over this process and all that
// descend from it: a cell's program is the kernel's to people.
//
// Shares of CPU time are those since somebody last asked, in percent of one
// CPU for the kernel and of all for the host; what isn't known is left out.
type usage struct {
	mu    sync.Mutex
	last  reading
	shown object // shares, as of last
}

// A reading is what the system says at one moment.
type reading struct {
	at       time.Time
	cpu      map[int]time.Duration // used by each process so far
	memory   int64                 // bytes of all processes
	host     object                // memory of the host in bytes; nil: not known
	hostBusy time.Duration         // of all CPUs
	hostAll  time.Duration         // 0: not known
}

// reply is the content of a usage_reply.
func (u *usage) reply() object {
	now := read()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.shown == nil || now.at.Sub(u.last.at) >= usageEvery {
		u.shown = shares(u.last, now)
		u.last = now
	}
	name, _ := os.Hostname()
	content := object{
		"hostname":      name,
		"pid":           os.Getpid(),
		"kernel_memory": now.memory,
		"cpu_count":     runtime.NumCPU(),
	}
	if now.host != nil {
		content["host_virtual_memory"] = now.host
	}
	for key, share := range u.shown {
		content[key] = share
	}
	return content
}

// shares compares two readings; the first one may be empty.
func shares(before, now reading) object {
	var used time.Duration
	for pid, cpu := range now.cpu {
		// A number that was given to another process has used less than before.
		if was := before.cpu[pid]; was <= cpu {
			cpu -= was
		}
		used += cpu
	}
	s := object{"kernel_cpu": 0.0}
	if wall := now.at.Sub(before.at); !before.at.IsZero() && wall > 0 {
		s["kernel_cpu"] = percent(used, wall)
	}
	if all := now.hostAll - before.hostAll; before.hostAll > 0 && all > 0 {
		s["host_cpu_percent"] = min(100, percent(now.hostBusy-before.hostBusy, all))
	}
	return s
}

// percent is a part of a whole, with one digit after the point.
func percent(part, whole time.Duration) float64 {
	return float64(max(0, part)*1000/whole) / 10
}
