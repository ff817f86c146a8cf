//go:build !linux && !darwin

package jupyter

import (
	"runtime"
	"time"
)

// read knows what Go's runtime knows.
func read() reading {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return reading{at: time.Now(), memory: int64(m.Sys - m.HeapReleased)}
}
