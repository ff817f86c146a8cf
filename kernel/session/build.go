package session

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

// build makes a checked program ready to run and notes how that went.
func (x *execution) build(p *cell.Program) (Build, *explain.Failure) {
	b, err := x.compile(p, x.race)
	var be *BuildError
	if errors.As(err, &be) {
		if f := replacedGo(be.Output); f != nil {
			return b, f
		}
		return b, explain.Compile(explain.CompilerOutput(p, be.Output), x.source)
	}
	if err != nil {
		return b, x.engineFailure("the program cannot be built", err)
	}
	x.report.Cached, x.report.Fallback, x.report.Race = b.Cached, b.Fallback, x.race
	if b.Fallback != "" {
		x.note("built by go build: " + b.Fallback)
	}
	if b.Output != "" {
		x.out.Print("stderr", p.Rename(b.Output))
	}
	return b, nil
}

// compile builds a program with the session's settings.
func (x *execution) compile(p *cell.Program, race bool) (Build, error) {
	now := x.current()
	return x.o.Engine.Build(x.ctx, p, BuildConfig{Race: race, Trace: x.trace.on, Flags: now.flags, Env: now.overlay()}, x.progress("build"))
}

// checkPackage is what an exercise's check is imported from.
const checkPackage = "gopark/helpers/check"

// buildChecks builds a program that checks an exercise once more, with the race
// detector: the check runs that build too, without being asked. It returns the
// build's file, or "" when there is none; the check then says "not run".
func (x *execution) buildChecks(p *cell.Program) string {
	if x.race || p.Kind == cell.Tests || !slices.Contains(p.Imports, checkPackage) {
		return ""
	}
	b, err := x.compile(p, true)
	if err != nil {
		x.log.Info("a check without the race detector", "err", err)
		return ""
	}
	return b.Path
}

// engineFailure is a failure that is not the cell's own: the machine's, or an
// interrupt.
func (x *execution) engineFailure(what string, err error) *explain.Failure {
	if x.ctx.Err() != nil {
		return explain.New("Interrupted", "stopped before the program ran")
	}
	return explain.New("EngineError", what+": "+err.Error(), mending(err))
}

// mending is what to try about an error of the machine's.
func mending(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "try: make some room on that disk, and run the cell again; nothing of the session is lost"
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return "try: make that folder writable, or set XDG_CACHE_HOME to one that is, and start the kernel again"
	}
	if strings.Contains(err.Error(), "signal: killed") { // of the compiler or the linker
		return "try: run the cell again; a machine that is out of memory kills compilers: is there enough of it?"
	}
	return "try: gopark doctor, which says what is missing and how to mend it"
}

// otherGo is what the compiler says of packages that another release prepared.
var otherGo = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`object is \[go object \S+ \S+ (go\S+)[^\]]*\] expected \[go object \S+ \S+ (go\S+)`)
})

// replacedGo is the failure of a cell after somebody has put another release in
// the place of the Go that the session began with; nil for any other.
func replacedGo(output string) *explain.Failure {
	m := otherGo().FindStringSubmatch(output)
	if m == nil {
		return nil
	}
	return explain.New("EngineError", fmt.Sprintf("Go was replaced under this kernel: it began with %s, and now %s is there", m[1], m[2]),
		"try: restart the kernel, and run the cells again; until then, only programs run that were built before")
}
