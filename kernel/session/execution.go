package session

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"html"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

// An execution is one cell on its way.
type execution struct {
	*Session
	ctx context.Context
	out *outputs
	pub Publisher
	// dry executions leave the session as it was.
	dry bool

	// What commands of the cell ask for.
	tests  bool
	race   bool
	trace  tracing
	repeat int // how many times to run; 0: once, and show its output
	args   []string
	bench  *benching // %bench; nil when it was not asked for
	// The next ! command may read, or read a secret.
	reads, password bool

	report  Report
	status  int
	vetting *vetting // of the cell's program; nil when there is none
	result  map[string]any
	page    map[string]any // for the pager
	late    timedOut
	number  int           // of the cell
	watched bool          // the program is the learner's, and looked at from time to time
	dead    *deadlocked   // how the watch found it; nil when it did not
	left    *explain.Page // goroutines that main left behind; nil when there are none
}

// cell runs the commands and then the Go of a cell.
func (x *execution) cell(c *cell.Cell) *explain.Failure {
	if !x.dry {
		x.remember(c)
	}
	x.race = x.current().race
	if name, source, ok := question(c.Text); ok {
		return x.answer(name, source)
	}
	if c.Magic != nil {
		x.report.Kind = "command"
		return x.command(*c.Magic, c.Body)
	}
	c, f := called(c)
	if f != nil {
		return f
	}
	for _, cmd := range c.Commands {
		if f := x.command(cmd, ""); f != nil {
			return f
		}
	}
	if !c.HasGo() && !x.tests {
		if len(c.Commands) > 0 {
			x.report.Kind = "command"
		}
		return nil
	}
	start := time.Now()
	p, f := x.check(c)
	x.report.Check = time.Since(start)
	if f != nil {
		return f
	}
	if !x.dry {
		x.vetting = x.vet(p)
	}
	x.report.Kind = kinds[p.Kind]
	for _, n := range p.Notices {
		x.note(n)
	}
	if p.Kind == cell.Nothing || p.Kind == cell.Declarations {
		x.commit(c, p)
		return nil
	}
	start = time.Now()
	build, f := x.build(p)
	if f != nil {
		return f
	}
	if x.bench != nil {
		x.report.Build = time.Since(start)
		x.commit(c, p)
		return x.benched(p, build)
	}
	if x.repeat > 0 {
		x.report.Build = time.Since(start)
		x.commit(c, p)
		return x.repeated(p, build)
	}
	beside := x.buildChecks(p)
	x.report.Build = time.Since(start)
	// A program that fails when it runs was right to the compiler: its
	// declarations count.
	x.commit(c, p)
	return x.run(p, build, beside)
}

var kinds = map[cell.Kind]string{cell.Nothing: "", cell.Declarations: "declarations", cell.Main: "main",
	cell.Statements: "statements", cell.Tests: "tests"}

// commit remembers what a cell declared; c is the cell when it has a main.
func (x *execution) commit(c *cell.Cell, p *cell.Program) {
	if x.dry {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.memory.Commit(p)
	if p.Kind == cell.Main {
		x.main = c
	}
}

// called is the cell that %exec asks for: the same, with a main that calls the
// function.
func called(c *cell.Cell) (*cell.Cell, *explain.Failure) {
	cmd, ok := c.Command("exec")
	if !ok {
		return c, nil
	}
	name, args, _ := strings.Cut(cmd.Args, " ")
	if !token.IsIdentifier(name) {
		return nil, explain.New("CommandError", fmt.Sprintf("%%exec (line %d): which function? %q is no name of one", cmd.Line, name))
	}
	for _, other := range []string{"%", "main"} {
		if _, ok := c.Command(other); ok {
			return nil, explain.New("CommandError", fmt.Sprintf("%%exec (line %d): the cell has a main of its own, under %%%%: keep one of the two", cmd.Line))
		}
	}
	return cell.Parse(c.ID, c.Text+"\n%% "+args+"\n"+name+"()\n"), nil
}

// check type-checks the cell, fetching what it imports and nobody knows.
func (x *execution) check(c *cell.Cell) (*cell.Program, *explain.Failure) {
	note := x.progress("prepare")
	packages, err := x.o.Engine.Packages(x.ctx, note)
	if err != nil {
		return nil, x.engineFailure("the toolchain is not ready", err)
	}
	fetched := map[string]bool{}
	for {
		memory := x.remembered()
		p, err := memory.Check(c, packages, x.tests)
		var missing *cell.Missing
		var syntax *cell.SyntaxError
		var errs *cell.Errors
		switch {
		case err == nil:
			return p, nil
		case errors.As(err, &missing):
			for _, im := range missing.Imports {
				if fetched[im.Path] {
					return nil, explain.Compile(&cell.Errors{Diagnostics: []cell.Diagnostic{im.Diagnostic}}, x.source)
				}
				fetched[im.Path] = true
				if f := x.get(im); f != nil {
					return nil, f
				}
			}
			if packages, err = x.o.Engine.Packages(x.ctx, note); err != nil {
				return nil, x.engineFailure("the toolchain is not ready", err)
			}
		case errors.As(err, &syntax):
			return nil, x.syntaxFailure(syntax)
		case errors.As(err, &errs):
			return nil, explain.Compile(errs, x.source)
		default:
			return nil, explain.New("CompileError", err.Error())
		}
	}
}

// get fetches the module of a missing import. Paths without a dot in their
// first element belong to the standard library and are nowhere to be fetched.
func (x *execution) get(im cell.MissingImport) *explain.Failure {
	d := im.Diagnostic
	first, _, _ := strings.Cut(im.Path, "/")
	if !strings.Contains(first, ".") {
		d.Message = fmt.Sprintf("package %s is not in std", im.Path)
		d.Help = "check the spelling; a package from elsewhere has a host name first, like golang.org/x/sync/errgroup"
		return explain.Compile(&cell.Errors{Diagnostics: []cell.Diagnostic{d}}, x.source)
	}
	if x.current().noAutoget {
		d.Message = fmt.Sprintf("package %s is not here, and %%noautoget is on", im.Path)
		d.Help = "%autoget lets cells fetch what they import"
		return explain.Compile(&cell.Errors{Diagnostics: []cell.Diagnostic{d}}, x.source)
	}
	if err := x.o.Engine.Get(x.ctx, im.Path, x.note); err != nil {
		if x.ctx.Err() != nil {
			return x.engineFailure("", err)
		}
		d.Message = fmt.Sprintf("cannot fetch %s: %v", im.Path, err)
		return explain.Compile(&cell.Errors{Diagnostics: []cell.Diagnostic{d}}, x.source)
	}
	return nil
}

// syntaxFailure lets the compiler say what is wrong with Go that does not
// parse: its words are the ones that people search for.
func (x *execution) syntaxFailure(e *cell.SyntaxError) *explain.Failure {
	_, err := x.o.Engine.Build(x.ctx, e.Program, BuildConfig{}, nil)
	var be *BuildError
	if errors.As(err, &be) {
		if errs := explain.CompilerOutput(e.Program, be.Output); len(errs.Diagnostics) > 0 && errs.Diagnostics[0].Cell != 0 {
			return explain.Compile(errs, x.source)
		}
	}
	if x.ctx.Err() != nil {
		return x.engineFailure("", err)
	}
	return explain.Compile(&e.Errors, x.source)
}

// compile builds a program with the session's settings.
func (x *execution) compile(p *cell.Program, race bool) (Build, error) {
	now := x.current()
	return x.o.Engine.Build(x.ctx, p, BuildConfig{Race: race, Trace: x.trace.on, Flags: now.flags, Env: now.overlay()}, x.progress("build"))
}

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

// engineFailure is a failure that is not the cell's own: the machine's, or an
// interrupt.
func (x *execution) engineFailure(what string, err error) *explain.Failure {
	if x.ctx.Err() != nil {
		return explain.New("Interrupted", "stopped before the program ran")
	}
	return explain.New("EngineError", what+": "+err.Error(), mending(err))
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

// invocation says how a built program is run.
func (x *execution) invocation(p *cell.Program, b Build, beside string) Invocation {
	args := x.args
	if p.Kind == cell.Tests {
		args = testArgs(args, p.Benchmarks)
	}
	var extra []string
	if x.race {
		// Without the detector's one second of sleep at exit.
		extra = []string{"GORACE=atexit_sleep_ms=0 halt_on_error=0 exitcode=66"}
	}
	if slices.ContainsFunc(p.Imports, func(path string) bool { return strings.HasPrefix(path, "github.com/janpfeifer/gonb/gonbui") }) {
		// Two who speak through one display pipe need to know of each other:
		// package display then gives gonbui a pipe of its own.
		extra = append(extra, "GOPARK_GONBUI=1")
	}
	now := x.current()
	inv := Invocation{Path: b.Path, Args: args, Dir: now.dir}
	if beside != "" {
		inv.Beside = []string{beside}
		extra = append(extra, "GOPARK_CHECK_RACE="+beside)
	}
	inv.Env = x.environ(now, extra...)
	// A program that imports os/signal may want to end in its own way.
	inv.Signals = slices.Contains(p.Imports, "os/signal")
	inv.Asks, inv.Reads = slices.ContainsFunc(p.Imports, mayAsk), mayRead(p)
	return inv
}

// run starts the program and explains how it ended.
func (x *execution) run(p *cell.Program, b Build, beside string) *explain.Failure {
	x.watched = true
	inv := x.invocation(p, b, beside)
	if x.trace.on {
		if why := x.cannotTrace(p, b); why != "" {
			x.note(why)
		} else {
			inv.Trace = true
		}
	}
	e, f := x.start(inv)
	if f != nil {
		return f
	}
	x.counted(e.Goroutines)
	if inv.Trace {
		x.drawTrace(e.Trace)
	}
	if f := x.ended(p, e); f != nil {
		return f
	}
	if p.Result && len(e.Result) > 0 {
		x.result = map[string]any{"text/plain": string(e.Result)}
	}
	return nil
}

// start runs a program or a command, within the session's time limit.
func (x *execution) start(inv Invocation) (Exit, *explain.Failure) {
	ctx := x.ctx
	if d := x.current().timeout; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d, timedOut(d))
		defer cancel()
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if inv.Watch == nil && x.watched {
		inv.Watch = func(ctx context.Context, r Running) { x.watch(ctx, r, stop) }
	}
	x.out.expectInput(inv.Reads)
	e, err := x.o.Engine.Run(ctx, inv, x.out)
	if err != nil {
		return e, x.engineFailure("the program cannot be started", err)
	}
	x.measured(e)
	errors.As(context.Cause(ctx), &x.late)
	errors.As(context.Cause(ctx), &x.dead)
	return e, nil
}

// timedOut is the cause of an end by %timeout; 0 where there was none.
type timedOut time.Duration

func (d timedOut) Error() string { return "ran longer than " + time.Duration(d).String() }

// outOfTime is the failure of a cell that %timeout ended; nil for any other.
func (x *execution) outOfTime() *explain.Failure {
	if x.late == 0 {
		return nil
	}
	return explain.New("Timeout", "the cell "+x.late.Error()+" and was ended",
		"%timeout sets how long a cell may run; %timeout off takes the limit away")
}

// measured notes what is known of a run.
func (x *execution) measured(e Exit) {
	x.report.Run, x.report.CPU, x.report.MaxRSS = e.Wall, e.CPU, e.MaxRSS
	x.status = e.Code
	if e.Code < 0 {
		x.status = 1
	}
}

// ended explains an exit; nil when all went well.
func (x *execution) ended(p *cell.Program, e Exit) *explain.Failure {
	x.out.mu.Lock()
	crash, races := x.out.crash.crash.String(), x.out.crash.races.String()
	failed := x.out.tests.failed
	x.out.mu.Unlock()

	race := explain.Races(races, x.source)
	if !x.dry && (e.Interrupted || e.Code == 2) {
		x.remembersSight(x.number, crash)
	}
	if e.Interrupted && x.dead != nil {
		if f := explain.Crash(x.dead.text(), x.source); f != nil {
			return f
		}
	}
	if e.Interrupted {
		f := explain.Interrupted(crash, e.Wall, x.source)
		if late := x.outOfTime(); late != nil {
			late.Traceback = append(late.Traceback, f.Traceback[1:]...)
			return late
		}
		return f
	}
	if e.Code == 0 && e.Signal == "" && race == nil {
		return nil
	}
	if f := explain.Crash(crash, x.source); f != nil {
		if race != nil {
			f.Traceback = append(append(f.Traceback, ""), race.Traceback...)
			if f.Page == nil {
				f.Page = race.Page
			}
		}
		return f
	}
	switch {
	case race != nil:
		return race
	case e.Signal != "":
		return explain.Killed(e.Signal)
	case p != nil && p.Kind == cell.Tests && len(failed) > 0:
		return explain.New("TestFailure", strings.Join(failed, ", ")+" failed")
	}
	f := explain.New("Exit", fmt.Sprintf("exit status %d", e.Code))
	if crash != "" {
		f.Traceback = append(f.Traceback, strings.Split(strings.TrimSpace(crash), "\n")...)
	}
	return f
}

// note shows a line of the kernel's own, muted.
func (x *execution) note(text string) {
	x.out.Display(muted(text), nil, "")
}

func muted(text string) map[string]any {
	return map[string]any{
		"text/plain": text,
		"text/html":  `<div style="opacity:0.65;font-size:90%">` + html.EscapeString(text) + `</div>`,
	}
}

// progressMark is the metadata of a display that tells how far the kernel is.
func progressMark() map[string]any {
	return map[string]any{"gopark": map[string]any{"progress": true}}
}

// progress returns a function that shows one line and replaces it from then on.
func (x *execution) progress(what string) func(string) {
	id := fmt.Sprintf("gopark-%s-%d", what, time.Now().UnixNano())
	var last time.Time
	return func(text string) {
		// A tenth of a second between lines is plenty for people.
		if now := time.Now(); now.Sub(last) >= 100*time.Millisecond {
			last = now
			x.out.Display(muted(text), progressMark(), id)
		}
	}
}
