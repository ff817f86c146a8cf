package session

import (
	"context"
	"fmt"
	"go/token"
	"strings"
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
