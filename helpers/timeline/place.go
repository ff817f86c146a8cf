package timeline

import (
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/exp/trace"
)

// place is the line of a stack that its author wrote: the first that is neither
// the runtime's nor the standard library's, or else the first of all.
func place(s trace.Stack) Place {
	var first Place
	for f := range s.Frames() {
		if first.Func == "" {
			first = Place{strings.TrimPrefix(f.Func, "main."), f.File, int(f.Line)}
		}
		if !library(f.Func) {
			return Place{strings.TrimPrefix(f.Func, "main."), f.File, int(f.Line)}
		}
	}
	return first
}

// library says whether a function, as a stack names it, is of the standard
// library or of one that wraps go statements.
func library(name string) bool {
	path, _, _ := strings.Cut(name, "(") // methods: sync.(*WaitGroup).Go
	if at := strings.LastIndexByte(path, '/'); at >= 0 {
		dir := path[:at]
		first, _, _ := strings.Cut(dir, "/")
		return first != "gopark" && !strings.Contains(first, ".") || strings.HasPrefix(path, "golang.org/x/sync/")
	}
	pkg, _, _ := strings.Cut(path, ".")
	return pkg != "main"
}

// rowName names a goroutine by its function. What the standard library runs for
// somebody (wg.Go, errgroup, AfterFunc) is named by who asked for it.
func rowName(run string, started Place) string {
	if run == "" || library(run) {
		if started.Func == "" {
			return short(run)
		}
		return "func in " + outer(started.Func)
	}
	run = strings.TrimPrefix(run, "main.")
	if literal(run) {
		return "func in " + outer(run)
	}
	return short(run)
}

// literal says whether name is that of a function literal: main.func1.2,
// T.run.gowrap1, F[...].func3.
func literal(name string) bool { return outer(name) != short(name) }

// outer is the declared function around a literal.
func outer(name string) string {
	name = short(name)
	parts := strings.Split(name, ".")
	for i, p := range parts {
		if i > 0 && (strings.HasPrefix(p, "func") || strings.HasPrefix(p, "gowrap")) {
			return strings.Join(parts[:i], ".")
		}
	}
	return name
}

// short is a function's name, without the package main, and without the path of
// any other: "http.(*conn).serve".
func short(name string) string {
	name = strings.ReplaceAll(name, "[...]", "")
	if at := strings.LastIndexByte(name, '/'); at >= 0 {
		name = name[at+1:]
	}
	return name
}

// String is the place as people read it: "cell [4] line 7", "main.go:12".
func (p Place) String() string {
	if p.Line == 0 {
		return ""
	}
	if id, ok := p.cell(); ok {
		return fmt.Sprintf("cell [%s] line %d", id, p.Line)
	}
	return fmt.Sprintf("%s:%d", filepath.Base(p.File), p.Line)
}

// Brief is the place where there is little room: "[4]:7".
func (p Place) Brief() string {
	if id, ok := p.cell(); ok {
		return fmt.Sprintf("[%s]:%d", id, p.Line)
	}
	return p.String()
}

func (p Place) cell() (id string, ok bool) {
	id, ok = strings.CutPrefix(filepath.Base(p.File), "cell[")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(id, "]")
}

// waiting is what a goroutine waits for. The runtime's reasons are coarser than
// what is on its stack: "sync" is a mutex, a WaitGroup and more, and "forever" may
// be a nil channel.
func waiting(st trace.StateTransition) (State, string) {
	switch st.Reason {
	case "chan send":
		return Sending, ""
	case "chan receive":
		return Receiving, ""
	case "select":
		return Selecting, ""
	case "sleep":
		return Sleeping, ""
	case "network":
		return Network, ""
	case "sync", "sync.(*Cond).Wait":
		return Locked, lock(st.Stack)
	case "forever":
		for f := range st.Stack.Frames() {
			switch {
			case strings.HasPrefix(f.Func, "runtime.chansend"):
				return Sending, "nil channel: for ever"
			case strings.HasPrefix(f.Func, "runtime.chanrecv"):
				return Receiving, "nil channel: for ever"
			}
		}
		return Selecting, "select without cases: for ever"
	}
	return Other, st.Reason
}

// lock names what of package sync a stack waits in.
func lock(s trace.Stack) string {
	what := ""
	for f := range s.Frames() {
		if !strings.HasPrefix(f.Func, "sync.") && !strings.HasPrefix(f.Func, "internal/sync.") && !strings.HasPrefix(f.Func, "runtime.") {
			break
		}
		_, typ, ok := strings.Cut(f.Func, "(*")
		if typ, _, ok2 := strings.Cut(typ, ")"); ok && ok2 {
			what = typ // the outermost: a RWMutex holds a Mutex
		}
	}
	if what == "Mutex" || what == "RWMutex" {
		return "mutex"
	}
	return what
}
