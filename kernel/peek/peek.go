package peek

import (
	"errors"
	"strconv"
	"strings"
)

// ErrUnknown says that the program has not told where to look: its Go release
// is not known, or it has not come so far yet.
var ErrUnknown = errors.New("this program does not tell where its goroutines are")

// A Goroutine is one goroutine as numbers.
type Goroutine struct {
	ID, Parent     uint64
	Status, Reason uint64 // the runtime's own numbers
	Made, Began    uint64 // places in the program: its go statement, its function
	Calls          []uint64
}

// The runtime's states of a goroutine that matter here.
const (
	statusIdle    = 0
	statusRunning = 2
	statusSyscall = 3
	statusWaiting = 4
	statusDead    = 6
	statusLeaked  = 10
	statusExtra   = 11     // the runtime's, for threads that C starts
	scanning      = 0x1000 // added by the collector
)

// A Snapshot is what was found at one moment.
type Snapshot struct {
	Goroutines []Goroutine
	// Timers is how many timers are set.
	Timers int
}

// Question is the snapshot as the program's own build, started once more with
// this in its ledger, puts it into the runtime's words.
func (s Snapshot) Question() []byte {
	var b []byte
	for _, g := range s.Goroutines {
		for _, n := range append([]uint64{g.ID, g.Status, g.Reason, g.Parent, g.Made, g.Began}, g.Calls...) {
			b = append(strconv.AppendUint(b, n, 10), ' ')
		}
		b[len(b)-1] = '\n'
	}
	return b
}

// A table is what a program told of itself.
type table struct {
	allgs, allp uint64
	at          []uint64
}

// What stands where in a table.
const (
	atStackLow = iota
	atStackHigh
	atPC
	atFrame
	atSyscallPC
	atSyscallFrame
	atStatus
	atID
	atReason
	atParent
	atMade
	atBegan
	atTimers
	atZombies
	offsets
)

// parseTable reads a ledger's beginning.
func parseTable(ledger []byte) (t table, err error) {
	for line := range strings.Lines(string(ledger[:min(len(ledger), 1024)])) {
		name, number, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			break
		}
		switch name {
		case "allgs":
			t.allgs = n
		case "allp":
			t.allp = n
		case "at":
			t.at = append(t.at, n)
		}
	}
	if t.allgs == 0 || t.allp == 0 || len(t.at) != offsets {
		return t, ErrUnknown
	}
	for _, n := range t.at {
		if n > 1<<16 {
			return t, ErrUnknown
		}
	}
	return t, nil
}

// Still reports whether every goroutine waits, and no timer is set that could
// wake one. What they wait for, the words tell.
func (s Snapshot) Still() bool {
	for _, g := range s.Goroutines {
		if g.Status != statusWaiting && g.Status != statusLeaked {
			return false
		}
	}
	return s.Timers == 0 && len(s.Goroutines) > 0
}
