//go:build goexperiment.goroutineleakprofile || go1.27

package exit

import (
	"runtime"
	"runtime/metrics"
	"syscall"
	_ "unsafe" // for go:linkname
)

// heapLimit bounds the heap, in bytes, that is searched for leaks when main
// has returned: a program must not seem to hang at its end.
const heapLimit = 64 << 20

//go:linkname leakGC runtime/pprof.runtime_goroutineLeakGC
func leakGC()

func init() {
	findLeaks = markLeaks
	// The linker names the leak profile, an experiment in Go 1.26, in
	// runtime.Version, where nobody has asked for it.
	for _, x := range [...]string{" X:goroutineleakprofile", "-X:goroutineleakprofile", ",goroutineleakprofile"} {
		if i := len(buildVersion) - len(x); i > 0 && buildVersion[i:] == x {
			buildVersion = buildVersion[:i]
		}
	}
}

// markLeaks lets the leak profile's collector mark goroutines that
// nothing can wake, and writes a second dump, which says so.
func markLeaks(buf []byte) {
	s := [...]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s[:])
	if s[0].Value.Kind() != metrics.KindUint64 || s[0].Value.Uint64() > heapLimit {
		return
	}
	leakGC()
	n := runtime.Stack(buf, true)
	syscall.Write(ledger, append([]byte("\ngopark leaks\n"), buf[:n]...))
}
