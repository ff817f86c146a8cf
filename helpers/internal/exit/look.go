package exit

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// The kernel looks at goroutines from outside, in the program's memory: a
// program that answers questions would have a goroutine more and never be found
// in a deadlock by the runtime. What it has to know stands here: where the
// runtime keeps its lists, and how a goroutine is laid out, which holds for one
// release and is tested against this very process before it is told.

//go:linkname allgs runtime.allgs
var allgs []unsafe.Pointer

//go:linkname allp runtime.allp
var allp []unsafe.Pointer

//go:linkname allgptr runtime.allgptr
var allgptr unsafe.Pointer

// layout are offsets in runtime.g and runtime.p of Go 1.26 on 64 bits.
var layout = [...]uintptr{
	0:  0,     // g.stack.lo
	1:  8,     // g.stack.hi
	2:  64,    // g.sched.pc
	3:  96,    // g.sched.bp
	4:  112,   // g.syscallpc
	5:  120,   // g.syscallbp
	6:  144,   // g.atomicstatus
	7:  152,   // g.goid
	8:  176,   // g.waitreason
	9:  280,   // g.parentGoid
	10: 288,   // g.gopc
	11: 304,   // g.startpc
	12: 13704, // p.timers.len
	13: 13708, // p.timers.zombies
}

// known: the layout is the runtime's.
var known bool

// publish tells where to look, if the layout is the runtime's.
func publish() {
	known = len(buildVersion) >= 6 && buildVersion[:6] == "go1.26" && unsafe.Sizeof(uintptr(0)) == 8 && fits()
	if !known {
		return
	}
	text := make([]byte, 0, 512)
	text = line(text, "allgs ", uint64(uintptr(unsafe.Pointer(&allgs))))
	text = line(text, "allp ", uint64(uintptr(unsafe.Pointer(&allp))))
	for _, offset := range layout {
		text = line(text, "at ", uint64(offset))
	}
	syscall.Write(ledger, text)
}

// fits finds this goroutine, main, among all, as the layout has it.
func fits() bool {
	var local byte
	here := uintptr(unsafe.Pointer(&local))
	for _, g := range allgs {
		at := func(i int) uintptr { return *(*uintptr)(unsafe.Add(g, layout[i])) }
		if at(7) == 1 {
			const running = 2
			f := runtime.FuncForPC(at(11))
			return at(0) < here && here < at(1) && *(*uint32)(unsafe.Add(g, layout[6])) == running &&
				f != nil && f.Name() == "runtime.main"
		}
	}
	return false
}

// unstarted counts the goroutines that have never run; none where the layout is
// not known. It takes no lock: what the runtime has of a goroutine stays where it
// is, and the list only grows, its length last.
func unstarted() (n uint64) {
	if !known {
		return 0
	}
	length := atomic.LoadUintptr(&allglen)
	all := unsafe.Slice((*unsafe.Pointer)(atomic.LoadPointer(&allgptr)), length)
	for _, g := range all {
		const runnable = 1
		if *(*uint32)(unsafe.Add(g, layout[6])) == runnable && *(*uintptr)(unsafe.Add(g, layout[2])) == *(*uintptr)(unsafe.Add(g, layout[11])) {
			n++
		}
	}
	return n
}

//go:linkname reason runtime.waitReason.String
func reason(uint8) string

// answer takes the place of the program, in a process of its own that was
// started for it: the ledger holds goroutines as numbers, and gets them in the
// runtime's words. Nobody but the runtime knows its tables as well.
//
// A goroutine is a line of id, status, wait reason, parent, the places where it
// was made and where it began, and the calls on its stack, innermost first.
func answer(size int) {
	question := make([]byte, size)
	n, _ := syscall.Pread(ledger, question, 0)
	text := []byte("dump\n")
	var numbers []uint64
	var number uint64
	for _, c := range question[:max(n, 0)] {
		switch c {
		case ' ', '\n':
			numbers = append(numbers, number)
			number = 0
			if c == '\n' {
				text = tell(text, numbers)
				numbers = numbers[:0]
			}
		default:
			number = number*10 + uint64(c-'0')
		}
	}
	syscall.Write(ledger, text)
	syscall.Exit(0)
}

var statuses = [...]string{1: "runnable", 2: "running", 3: "syscall", 4: "waiting", 6: "dead", 8: "copystack", 9: "preempted", 10: "leaked"}

func tell(text []byte, n []uint64) []byte {
	if len(n) < 6 {
		return text
	}
	if f := runtime.FuncForPC(uintptr(n[5])); f == nil || f.Name() != "runtime.main" && has(f.Name(), "runtime.") {
		return text // the runtime's own
	}
	state := "unknown"
	if n[1] < uint64(len(statuses)) {
		state = statuses[n[1]]
	}
	if n[1] == 4 || n[1] == 10 {
		state = reason(uint8(n[2]))
	}
	text = line(text, "goroutine ", n[0])
	text = append(append(append(text[:len(text)-1], " ["...), state...), "]:\n"...)
	pcs := make([]uintptr, 0, len(n))
	for _, pc := range n[6:] {
		pcs = append(pcs, uintptr(pc))
	}
	if len(pcs) > 0 {
		frames := runtime.CallersFrames(pcs)
		for {
			f, more := frames.Next()
			if f.Function != "" && !inner(f.Function) {
				text = append(append(text, f.Function...), "(...)\n"...)
				text = place(text, f)
			}
			if !more {
				break
			}
		}
	}
	if n[4] != 0 && n[3] != 0 {
		f, _ := runtime.CallersFrames([]uintptr{uintptr(n[4])}).Next()
		text = append(append(text, "created by "...), f.Function...)
		text = line(text, " in goroutine ", n[3])
		text = place(text, f)
	}
	return append(text, '\n')
}

func place(text []byte, f runtime.Frame) []byte {
	text = append(append(text, '\t'), f.File...)
	return line(text, ":", uint64(f.Line))
}

func has(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

// inner are the calls that the runtime leaves out of its own dumps.
func inner(name string) bool {
	const runtimes = "runtime."
	return has(name, runtimes) && len(name) > len(runtimes) && (name[len(runtimes)] < 'A' || name[len(runtimes)] > 'Z')
}
