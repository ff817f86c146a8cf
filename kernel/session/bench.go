package session

import (
	"context"
	"errors"
	"fmt"
	"html"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

const (
	// benchRounds is benchstat's advice for -count; it takes six for an interval.
	benchRounds = 10
	// benchTime is how long a benchmark runs in each round. Rounds make up for
	// what go test's one second would gain.
	benchTime = "100ms"
)

// A benching is what %bench asked for.
type benching struct {
	rounds int
	flags  []string // of the test program, without -count
	time   string   // -benchtime
}

func setBench(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	b := &benching{rounds: benchRounds, time: benchTime}
	for _, w := range words {
		name, value, given := strings.Cut(strings.TrimLeft(w, "-"), "=")
		switch {
		case !strings.HasPrefix(w, "-") || !testFlags[name]:
			return fmt.Errorf("%q is no flag of go test like -count=20, -benchtime=1s, -bench=Sum or -cpu=1,2", w)
		case !given && name != "benchmem" && name != "short" && name != "v":
			return fmt.Errorf("%s needs a value, as in %s=…", w, w)
		case name == "count":
			if b.rounds, err = strconv.Atoi(value); err != nil || b.rounds < 1 || b.rounds > 1000 {
				return fmt.Errorf("how many rounds? %q is no number from 1 to 1000", value)
			}
		case name == "benchtime":
			b.time = value
		default:
			b.flags = append(b.flags, w)
		}
	}
	x.tests, x.bench = true, b
	return nil
}

// arguments are those of the test program: its benchmarks once each.
func (b *benching) arguments() []string {
	flags := append([]string{"-run=^$", "-bench=.", "-benchmem", "-benchtime=" + b.time}, b.flags...)
	return testArgs(flags, true)
}

// benched is what %bench does with a built program: it runs all benchmarks once
// in each round, so that what slows the machine for a while slows all of them
// alike. (go test -count runs each benchmark's repetitions in a row.)
func (x *execution) benched(p *cell.Program, first Build) *explain.Failure {
	if !p.Benchmarks {
		return explain.New("CommandError", "%bench found no benchmark: no function here is called BenchmarkXxx",
			"for example:", "    %bench", "    func BenchmarkSum(b *testing.B) {", "        for b.Loop() {", "            sum(numbers)", "        }", "    }")
	}
	id := fmt.Sprintf("gopark-bench-%d", time.Now().UnixNano())
	began := time.Now()
	m := newMeasurements()
	build := &first
	for round := range x.bench.rounds {
		x.out.Display(muted(fmt.Sprintf("round %d of %d", round+1, x.bench.rounds)), progressMark(), id)
		if round > 0 {
			b, err := x.compile(p, x.race)
			if err != nil {
				return x.benchFailure(round, err)
			}
			build = &b
		}
		text, f := x.benchOnce(p, *build, round)
		if f != nil {
			return f
		}
		m.add(text)
	}
	x.report.Run = time.Since(began)
	if len(m.names) == 0 {
		return explain.New("CommandError", "%bench ran no benchmark: -bench matches none of those that are here")
	}
	before := x.benchmarked(m)
	c := m.chart(x.bench)
	x.out.Display(map[string]any{ChartType: map[string]any{"version": 1, "option": c.Option, "height": c.Height}, "text/plain": c.Alt}, nil, id)
	x.out.Display(m.shown(before, x.bench), nil, "")
	return nil
}

// benchOnce runs the benchmarks once and returns what they printed.
func (x *execution) benchOnce(p *cell.Program, b Build, round int) (string, *explain.Failure) {
	ctx, cancel := x.timed()
	defer cancel()
	var end tail
	out := newOutputs(&end, &displayIDs{}, nil)
	defer out.close()
	one := &execution{Session: x.Session, ctx: ctx, out: out, pub: nowhere{}, dry: true, race: x.race, args: x.bench.arguments()}
	inv := one.invocation(p, b, "")
	inv.Args = one.args
	inv.Asks, inv.Reads = false, false
	e, err := x.o.Engine.Run(ctx, inv, out)
	if err != nil {
		return "", x.benchFailure(round, err)
	}
	out.settle(true)
	if e.Interrupted && x.ctx.Err() != nil {
		return "", x.benchFailure(round, x.ctx.Err())
	}
	errors.As(context.Cause(ctx), &one.late)
	if f := one.ended(p, e); f != nil {
		// What it printed says why, when a benchmark failed by its own judgement.
		x.out.Print("stdout", end.String())
		return "", f
	}
	return end.String(), nil
}

func (x *execution) benchFailure(round int, err error) *explain.Failure {
	if x.ctx.Err() != nil {
		return explain.New("Interrupted", fmt.Sprintf("stopped in round %d of %d", round+1, x.bench.rounds))
	}
	return x.engineFailure("the benchmarks cannot be run", err)
}

// benchmarked remembers the measurements, and returns those that the session had
// of the same benchmarks before.
func (x *execution) benchmarked(m *measurements) map[string]*sample {
	if x.dry {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	before := maps.Clone(x.Session.benchmarks)
	if x.Session.benchmarks == nil {
		x.Session.benchmarks = map[string]*sample{}
	}
	maps.Copy(x.Session.benchmarks, m.samples)
	maps.DeleteFunc(before, func(name string, _ *sample) bool { return !slices.Contains(m.names, name) })
	return before
}

// shown is benchstat's table, as HTML and as text.
func (m *measurements) shown(before map[string]*sample, b *benching) map[string]any {
	table, notes := m.table(before), m.notes(before, b)
	body := table.HTML()
	for _, n := range notes {
		body += `<div style="opacity:0.65;font-size:90%">` + html.EscapeString(n) + `</div>`
	}
	return map[string]any{"text/html": body, "text/plain": table.String() + strings.Join(notes, "\n")}
}
