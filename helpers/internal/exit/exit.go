// Package exit counts goroutines at the end of a program. The kernel adds it to
// the programs that it builds; to import it otherwise does nothing.
//
// It uses the runtime's own hook for the end of a program, and so adds no
// goroutine, no frame to a dump, and no line to a cell. It needs a linker that
// does not guard the runtime's names (-checklinkname=0).
package exit

import (
	"runtime"
	"runtime/metrics"
	"syscall"
	_ "unsafe" // for go:linkname
)

// ledger is the descriptor that the kernel reads when the program is gone. It is
// a file without a name, which nothing else that could have the number is.
const ledger = 4

// most bounds how many goroutines are listed: more are counted alone.
const most = 5000

// A hook is an internal/runtime/exithook.Hook.
type hook struct {
	F            func()
	RunOnFailure bool
}

//go:linkname addHook internal/runtime/exithook.Add
func addHook(hook)

// Hook has f called when main returns or somebody calls os.Exit, the newest
// first, and not after a panic. f runs on the goroutine that ends the program.
func Hook(f func()) { addHook(hook{F: f, RunOnFailure: true}) }

//go:linkname allglen runtime.allglen
var allglen uintptr

//go:linkname buildVersion runtime.buildVersion
var buildVersion string

// system is how many goroutines the runtime had before the program began: they
// keep their places.
var system uint64

func init() {
	var st syscall.Stat_t
	if syscall.Fstat(ledger, &st) != nil || st.Nlink != 0 || st.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return
	}
	syscall.CloseOnExec(ledger)
	if st.Size > 0 {
		answer(int(st.Size)) // and no further
	}
	publish()
	total, _, _, _, live := count()
	system = total - live
	Hook(atExit)
	// The runtime's monitor takes a processor that has chosen no goroutine from
	// its queue yet, whose clock stands at 0, for one that has run the same
	// goroutine for too long. Main would give way at the monitor's first look,
	// which on a busy machine may come at any time, its end included.
	runtime.Gosched()
}

// count counts goroutines: all of them, those ever created, and those that run
// or could, the runtime's own among them; and those that are alive without the
// runtime's own. The two sources are asked until nothing changed between them.
func count() (total, created, running, runnable, live uint64) {
	s := [...]metrics.Sample{
		{Name: "/sched/goroutines:goroutines"}, {Name: "/sched/goroutines-created:goroutines"},
		{Name: "/sched/goroutines/running:goroutines"}, {Name: "/sched/goroutines/runnable:goroutines"},
	}
	live = uint64(runtime.NumGoroutine())
	for range 100 {
		before := live
		metrics.Read(s[:])
		if live = uint64(runtime.NumGoroutine()); live == before {
			break
		}
	}
	if s[1].Value.Kind() != metrics.KindUint64 {
		return 0, 0, 0, 0, live
	}
	return s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64(), s[3].Value.Uint64(), live
}

// atExit writes what is known when main returns or somebody calls os.Exit. It
// lets nobody run who was not running: a goroutine that main did not wait for
// must not print because of the report.
//
// It counts before all else: each moment later, another processor may have taken
// up a goroutine that never ran before, and be done with it.
func atExit() {
	fresh := unstarted()
	total, created, running, runnable, live := count()
	if live > 1 {
		silence()
	}
	// One that has just said it is done is about to end, if the runtime or the
	// system did not take its processor away from it.
	for i := 0; i < 100 && live > 1 && (running > 1 || runnable > fresh); i++ {
		total, created, running, runnable, live = count()
	}
	if created == 0 {
		return
	}
	text := make([]byte, 0, 256)
	text = line(text, "created ", created-(total-live))
	text = line(text, "at-once ", uint64(allglen)-system)
	text = line(text, "live ", live)
	text = line(text, "unstarted ", fresh)
	write(text)
	if live > 1 && live <= most {
		list(int(live))
	}
}

func line(text []byte, name string, n uint64) []byte {
	text = append(text, name...)
	var digits [20]byte
	i := len(digits)
	for ok := true; ok; ok = n > 0 {
		i--
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return append(append(text, digits[i:]...), '\n')
}

// findLeaks finds those among the goroutines of a dump that can never go on;
// nil where the runtime cannot tell. It may use the buffer again.
var findLeaks func(buf []byte)

// list writes a dump of all goroutines, or as much of it as there is room for. A
// second one, with the marks of leaks, has room for the same goroutines.
func list(live int) {
	buf := make([]byte, min(4096+1024*live, 1<<20))
	first := buf[:len(buf)-len(" (leaked)")*live]
	n := runtime.Stack(first, true)
	head := "dump\n"
	if n == len(first) {
		head = "cut dump\n"
	}
	write(append([]byte(head), first[:n]...))
	if findLeaks != nil && anyWaits(buf[:n]) {
		findLeaks(buf)
	}
}

// anyWaits reports whether a goroutine of a dump waits for another.
func anyWaits(dump []byte) bool {
	const head = "\ngoroutine "
	for i := 0; i+len(head) < len(dump); i++ {
		if dump[i] != '\n' || string(dump[i:i+len(head)]) != head {
			continue
		}
		for i += len(head); i < len(dump) && dump[i] != '[' && dump[i] != '\n'; i++ {
		}
		for _, state := range [...]string{"[chan ", "[select", "[sync.", "[semacquire"} {
			if i+len(state) <= len(dump) && string(dump[i:i+len(state)]) == state {
				return true
			}
		}
		i--
	}
	return false
}
