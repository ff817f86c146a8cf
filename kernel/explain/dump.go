package explain

import (
	"regexp"
	"strconv"
	"strings"

	"gopark/kernel/cell"
)

// A Dump is the runtime's account of goroutines: after a panic, a fatal error
// or SIGQUIT.
type Dump struct {
	// Reason is what stands before the first goroutine: "panic: …".
	Reason     string
	Goroutines []Goroutine
	// Cut says that part of the dump was left out (see Cut): there were at least
	// these goroutines.
	Cut bool
}

// A Goroutine is one goroutine of a Dump.
type Goroutine struct {
	ID      int
	State   string // "running", "chan receive", "sync.Mutex.Lock", …
	Minutes int    // how long it has been waiting, in whole minutes
	// Leaked is set by the leak profile: nothing that can run can reach what
	// the goroutine waits for.
	Leaked bool
	Frames []Frame
	// Elided is how many frames the runtime left out in the middle.
	Elided int
	// Parent started it; Created is where. Parent is 0 for main and unknown.
	Parent  int
	Created Frame
}

// A Frame is one call of a goroutine's stack.
type Frame struct {
	Func string
	// Cell is the number of the learner's cell, or 0 for other code; then File
	// says where.
	Cell int
	File string
	Line int
}

var (
	goroutineLine = regexp.MustCompile(`^goroutine (\d+)(?: gp=\S+)?(?: m=\S+)?(?: mp=\S+)? \[(.*)\]:?$`)
	fileLine      = regexp.MustCompile(`^\t(.*):(\d+)(?: .*)?$`)
	createdBy     = regexp.MustCompile(`^created by (\S+)(?: in goroutine (\d+))?$`)
	elided        = regexp.MustCompile(`^\.\.\.(?:(\d+) frames elided|additional frames elided)\.\.\.$`)
)

// ParseDump reads a dump. It never fails: lines that it does not know are
// passed over.
func ParseDump(text string) *Dump {
	d := &Dump{}
	var g *Goroutine
	var frame *Frame
	var reason []string
	ended, lost := true, false // the goroutine under way; the lines after a cut
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if m := goroutineLine.FindStringSubmatch(line); m != nil {
			d.Goroutines = append(d.Goroutines, Goroutine{})
			g = &d.Goroutines[len(d.Goroutines)-1]
			g.ID, _ = strconv.Atoi(m[1])
			g.header(m[2])
			frame = nil
			ended, lost = false, false
			continue
		}
		if line == cutMark {
			// What is known of half a goroutine is not what it did.
			if n := len(d.Goroutines); n > 1 && !ended {
				d.Goroutines = d.Goroutines[:n-1]
			}
			d.Cut, lost = true, true
		}
		switch {
		case lost: // of a goroutine whose beginning was left out
		case g == nil:
			reason = append(reason, line)
		case line == "":
			frame, ended = nil, true
		case elided.MatchString(line):
			g.Elided, _ = strconv.Atoi(elided.FindStringSubmatch(line)[1])
			frame = nil
		case createdBy.MatchString(line):
			m := createdBy.FindStringSubmatch(line)
			g.Created.Func = m[1]
			g.Parent, _ = strconv.Atoi(m[2])
			frame = &g.Created
		case fileLine.MatchString(line):
			if frame != nil {
				m := fileLine.FindStringSubmatch(line)
				frame.File = m[1]
				frame.Line, _ = strconv.Atoi(m[2])
				if i := strings.LastIndex(m[1], "cell["); i >= 0 {
					frame.Cell, _ = cell.ID(m[1][i:])
				}
			}
			frame = nil
		case strings.HasSuffix(line, ")") && !strings.HasPrefix(line, "\t"):
			name := line
			if i := strings.LastIndex(name, "("); i > 0 {
				name = name[:i]
			}
			g.Frames = append(g.Frames, Frame{Func: name})
			frame = &g.Frames[len(g.Frames)-1]
		}
	}
	d.Reason = strings.TrimSpace(strings.Join(reason, "\n"))
	return d
}

// header reads what stands in the brackets: the state, then details.
func (g *Goroutine) header(text string) {
	text, _, _ = strings.Cut(text, " labels:{")
	for i, field := range strings.Split(text, ", ") {
		if i == 0 {
			field, g.Leaked = strings.CutSuffix(field, " (leaked)")
			// Inside a synctest bubble the state says whether it counts as durable.
			g.State = strings.TrimSuffix(field, " (durable)")
		} else if n, ok := strings.CutSuffix(field, " minutes"); ok {
			g.Minutes, _ = strconv.Atoi(n)
		}
	}
}

// Learner is the newest frame in a cell, and false when there is none.
func (g *Goroutine) Learner() (Frame, bool) {
	for _, f := range g.Frames {
		if f.Cell != 0 {
			return f, true
		}
	}
	return Frame{}, false
}

// Name is how people call the goroutine: main, or what started it.
func (g *Goroutine) Name() string {
	if g.ID == 1 {
		return "main"
	}
	return "goroutine " + strconv.Itoa(g.ID)
}

// waits says in words what a goroutine in a state is doing.
var waits = map[string]string{
	"chan receive":            "waiting to receive from a channel",
	"chan receive (nil chan)": "waiting to receive from a nil channel, which never happens",
	"chan send":               "waiting to send to a channel",
	"chan send (nil chan)":    "waiting to send to a nil channel, which never happens",
	"select":                  "waiting in a select",
	"select (no cases)":       "in a select without cases, which waits for ever",
	"sleep":                   "sleeping",
	"IO wait":                 "waiting for the network",
	"semacquire":              "waiting for a lock or a WaitGroup",
	"sync.WaitGroup.Wait":     "waiting for a WaitGroup",
	"sync.Mutex.Lock":         "waiting for a mutex",
	"sync.RWMutex.Lock":       "waiting to lock an RWMutex",
	"sync.RWMutex.RLock":      "waiting to read-lock an RWMutex",
	"sync.Cond.Wait":          "waiting for a sync.Cond",
	"synctest.Wait":           "waiting in synctest.Wait",
	"coroutine":               "waiting in an iterator",
	"runnable":                "ready to run",
	"preempted":               "ready to run",
	"syscall":                 "in a system call",
}

// Doing says in words what the goroutine was doing.
func (g *Goroutine) Doing() string {
	if w, ok := waits[g.State]; ok {
		return w
	}
	return g.State
}

// learners are the goroutines that have a frame in a cell, or were started in one.
func learners(d *Dump) (out []Goroutine) {
	for _, g := range d.Goroutines {
		if _, ok := g.Learner(); ok || g.ID == 1 || g.Created.Cell != 0 {
			out = append(out, g)
		}
	}
	return out
}
