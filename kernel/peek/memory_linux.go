package peek

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"gopark/kernel/procfs"
)

const (
	// most bounds how many goroutines are read.
	most = 20000
	// deepest bounds the calls of one goroutine, and stack what is read of it.
	deepest = 64
	stack   = 64 << 10
)

// Look reads the goroutines of a process, whose ledger has what it told.
func Look(pid int, ledger []byte) (s Snapshot, err error) {
	t, err := parseTable(ledger)
	if err != nil {
		return s, err
	}
	f, err := os.Open(procfs.File(pid, "mem"))
	if err != nil {
		return s, fmt.Errorf("look at the program: %w", err)
	}
	defer f.Close()
	m := memory{f}
	gs, err := m.slice(t.allgs)
	if err != nil {
		return s, err
	}
	var size uint64
	for _, n := range t.at[:atTimers] {
		size = max(size, n+8)
	}
	buf := make([]byte, size)
	for _, at := range gs {
		if err := m.read(at, buf); err != nil {
			return s, err
		}
		word := func(i int) uint64 { return binary.NativeEndian.Uint64(buf[t.at[i]:]) }
		g := Goroutine{
			ID: word(atID), Parent: word(atParent), Made: word(atMade), Began: word(atBegan),
			Status: uint64(binary.NativeEndian.Uint32(buf[t.at[atStatus]:])) &^ scanning,
			Reason: uint64(buf[t.at[atReason]]),
		}
		if g.Status == statusDead || g.Status == statusIdle || g.Status == statusExtra {
			continue
		}
		pc, frame := word(atPC), word(atFrame)
		if g.Status == statusSyscall {
			pc, frame = word(atSyscallPC), word(atSyscallFrame)
		}
		if g.Status != statusRunning { // one that runs has its calls in a processor
			if pc == g.Began {
				pc++ // not a call's return, and has not begun
			}
			g.Calls = m.calls(pc, frame, word(atStackLow), word(atStackHigh))
		}
		s.Goroutines = append(s.Goroutines, g)
	}
	ps, err := m.slice(t.allp)
	if err != nil {
		return s, err
	}
	for _, at := range ps {
		var n [2][4]byte
		for i, field := range []int{atTimers, atZombies} {
			if err := m.read(at+t.at[field], n[i][:]); err != nil {
				return s, err
			}
		}
		s.Timers += int(int32(binary.NativeEndian.Uint32(n[0][:]))) - int(int32(binary.NativeEndian.Uint32(n[1][:])))
	}
	return s, nil
}

// memory is a process's.
type memory struct{ file *os.File }

func (m memory) read(at uint64, p []byte) error {
	if at == 0 || at > 1<<62 {
		return errors.New("look at the program: it is changing")
	}
	if _, err := m.file.ReadAt(p, int64(at)); err != nil {
		return fmt.Errorf("look at the program: %w", err)
	}
	return nil
}

// slice reads a slice of pointers.
func (m memory) slice(at uint64) ([]uint64, error) {
	var head [16]byte
	if err := m.read(at, head[:]); err != nil {
		return nil, err
	}
	n := binary.NativeEndian.Uint64(head[8:])
	if n > most {
		return nil, fmt.Errorf("look at the program: more than %d goroutines", most)
	}
	data := make([]byte, 8*n)
	if n > 0 {
		if err := m.read(binary.NativeEndian.Uint64(head[:]), data); err != nil {
			return nil, err
		}
	}
	out := make([]uint64, 0, n)
	for ; len(data) > 0; data = data[8:] {
		out = append(out, binary.NativeEndian.Uint64(data))
	}
	return out, nil
}

// calls follows the chain of frames on a stack: each frame pointer leads to the
// caller's, and beside it lies the place to return to.
func (m memory) calls(pc, frame, low, high uint64) []uint64 {
	out := []uint64{pc}
	if frame < low || frame >= high || high-frame > 1<<30 {
		return out
	}
	data := make([]byte, min(high-frame, stack))
	if m.read(frame, data) != nil {
		return out
	}
	for at := uint64(0); at+16 <= uint64(len(data)) && len(out) < deepest; {
		back := binary.NativeEndian.Uint64(data[at+8:])
		if back == 0 {
			break
		}
		out = append(out, back)
		next := binary.NativeEndian.Uint64(data[at:])
		if next <= frame+at || next >= high {
			break // stacks lead upwards
		}
		at = next - frame
	}
	return out
}

// Used is the processor time that the threads of a process have used, to the
// nanosecond, and whether every one of them waits at the moment.
func Used(pid int) (used time.Duration, idle bool, err error) {
	dir, err := os.Open(procfs.File(pid, "task"))
	if err != nil {
		return 0, false, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return 0, false, err
	}
	idle = true
	for _, thread := range names {
		text, err := os.ReadFile(procfs.File(pid, "task", thread, "schedstat"))
		if err != nil {
			return 0, false, err
		}
		first, _, _ := bytes.Cut(text, []byte(" "))
		n, err := strconv.ParseInt(string(first), 10, 64)
		if err != nil {
			return 0, false, fmt.Errorf("schedstat of a thread: %w", err)
		}
		used += time.Duration(n)
		if text, err = os.ReadFile(procfs.File(pid, "task", thread, "stat")); err != nil {
			return 0, false, err
		}
		// The state comes after the name, which is in brackets.
		if i := bytes.LastIndexByte(text, ')'); i < 0 || len(text) < i+3 || text[i+2] != 'S' {
			idle = false
		}
	}
	return used, idle, nil
}
