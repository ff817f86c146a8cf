package check

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A frame is one line of the learner's own code in a stack.
type frame struct {
	Func string
	File string
	Line int
}

var cellFile = regexp.MustCompile(`cell\[(\d+)\]$`)

// String names the place: cell [4] line 7 in a notebook whose kernel says so,
// otherwise the function too, because a kernel may have moved the lines.
func (f frame) String() string {
	if m := cellFile.FindStringSubmatch(f.File); m != nil {
		if f.Line == 0 {
			return fmt.Sprintf("cell [%s], in %s", m[1], f.Func)
		}
		return fmt.Sprintf("cell [%s] line %d", m[1], f.Line)
	}
	if f.Func == "" {
		return "an unknown place"
	}
	if f.Line == 0 {
		return fmt.Sprintf("%s (%s)", f.Func, path.Base(f.File))
	}
	return fmt.Sprintf("%s (%s line %d)", f.Func, path.Base(f.File), f.Line)
}

func (f frame) known() bool { return f.Func != "" }

// A waiter is a goroutine in a dump.
type waiter struct {
	ID    string
	State string // "chan receive", "sync.Mutex.Lock", without notes
	Full  string // the state with its notes
	At    frame  // the learner's line that it is in, if any
	From  frame  // the learner's line that started it, if any
}

var (
	dumpHeader = regexp.MustCompile(`^goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[([^\]]*(?:\[[^\]]*\][^\]]*)*)\]:?$`)
	dumpFile   = regexp.MustCompile(`^\s+(.*):(\d+)(?: \+0x([0-9a-f]+))?(?: fp=.*)?$`)
)

// learnerFunc says whether a function is the learner's, and names it as the
// learner does: a function literal is a part of the function around it.
func learnerFunc(full string) (string, bool) {
	name, ok := strings.CutPrefix(full, "main.")
	if !ok {
		if name, ok = strings.CutPrefix(full, testPackage); !ok {
			return "", false
		}
	}
	if i := strings.Index(name, ".func"); i > 0 {
		name = name[:i]
	}
	name, _, _ = strings.Cut(name, "[")
	return name, true
}

// testPackage is where the tests of this package keep solutions; nobody else can
// import it.
const testPackage = "gopark/helpers/check_test."

// waiters reads a dump of goroutines, as runtime.Stack and a crash print it, and
// keeps those whose state keep accepts.
func waiters(dump string, keep func(state string) bool) []waiter {
	var all []waiter
	for block := range strings.SplitSeq(strings.ReplaceAll(dump, "\r", ""), "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		for len(lines) > 0 && dumpHeader.FindString(lines[0]) == "" {
			lines = lines[1:]
		}
		if len(lines) == 0 {
			continue
		}
		m := dumpHeader.FindStringSubmatch(lines[0])
		if !keep(m[2]) {
			continue
		}
		w := waiter{ID: m[1], Full: m[2]}
		w.State, _, _ = strings.Cut(m[2], ",")
		w.State, _, _ = strings.Cut(w.State, " (")
		w.At, w.From = learnerFrames(lines[1:])
		all = append(all, w)
	}
	// Those in the learner's code first; otherwise as the runtime lists them.
	slices.SortStableFunc(all, func(a, b waiter) int {
		return btoi(b.At.known()) - btoi(a.At.known())
	})
	return all
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// learnerFrames finds the innermost frame of the learner's, and the one that
// started the goroutine.
func learnerFrames(lines []string) (at, from frame) {
	for i, line := range lines {
		name, created := strings.CutPrefix(line, "created by ")
		name, _, _ = strings.Cut(name, " in goroutine ")
		if !created {
			if j := strings.LastIndexByte(name, '('); j > 0 {
				name = name[:j]
			}
		}
		own, ok := learnerFunc(strings.TrimSpace(name))
		if !ok || i+1 >= len(lines) {
			continue
		}
		m := dumpFile.FindStringSubmatch(lines[i+1])
		if m == nil || strings.Contains(m[1], "gopark_") {
			continue
		}
		f := frame{Func: own, File: m[1]}
		if m[3] != "1" || m[2] != "1" {
			f.Line, _ = strconv.Atoi(m[2])
		} // else it was stopped at the padding before a loop, which has no line
		if created {
			from = f
		} else if !at.known() {
			at = f
		}
	}
	return at, from
}

// doing says in words what a goroutine does that is in a state.
func doing(state string) string {
	switch {
	case strings.HasPrefix(state, "chan receive"):
		return "waiting to receive from a channel"
	case strings.HasPrefix(state, "chan send"):
		return "waiting to send to a channel"
	case strings.HasPrefix(state, "select"):
		return "waiting in a select"
	case strings.HasPrefix(state, "sync.WaitGroup"):
		return "waiting for a sync.WaitGroup"
	case strings.HasPrefix(state, "sync.Cond"):
		return "waiting for a sync.Cond"
	case strings.HasPrefix(state, "sync.Mutex"), strings.HasPrefix(state, "sync.RWMutex"):
		return "waiting for a lock"
	case strings.HasPrefix(state, "semacquire"):
		return "waiting for a lock or a WaitGroup"
	case strings.HasPrefix(state, "sleep"):
		return "sleeping"
	}
	return "in the state " + strconv.Quote(state)
}

// places puts together what several goroutines do: "3 goroutines waiting to
// send to a channel at cell [4] line 9".
func places(ws []waiter) string {
	type group struct {
		what string
		n    int
	}
	var groups []group
	for _, w := range ws {
		what := doing(w.State)
		if w.At.known() {
			what += " at " + w.At.String()
		} else if w.From.known() {
			what += ", started at " + w.From.String()
		} else {
			continue // one of the check's own
		}
		if i := slices.IndexFunc(groups, func(g group) bool { return g.what == what }); i >= 0 {
			groups[i].n++
		} else {
			groups = append(groups, group{what, 1})
		}
	}
	var parts []string
	for i, g := range groups {
		if i == 3 {
			parts = append(parts, "others elsewhere")
			break
		}
		parts = append(parts, count(g.n, "goroutine")+" "+g.what)
	}
	return join(parts)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func join(parts []string) string {
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
