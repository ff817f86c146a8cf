package session

import (
	"context"
	"errors"
	"fmt"
	"html"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopark/helpers/chart"
	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

const (
	repeatMost = 10000
	// repeatLimit is how long one run may take, unless %timeout says otherwise.
	repeatLimit = 10 * time.Second
	// The race detector watches a tenth of as many runs beside; it sees in a
	// handful what plain runs show by chance.
	repeatRaceLeast, repeatRaceMost = 3, 20
	// repeatStuck runs that did not end are enough.
	repeatStuck = 3
	// repeatRaceSlower is how much longer a run may take under the detector than
	// the longest without it, which costs two to twenty times. The detector's
	// runtime is silent about deadlocks: what plain runs tell at once hangs there.
	repeatRaceSlower = 20
	// repeatText is what is kept of one run's output, its end.
	repeatText = 16 << 10
)

func setRepeat(x *execution, args, _ string) error {
	n, err := strconv.Atoi(args)
	if err != nil || n < 2 || n > repeatMost {
		return fmt.Errorf("how many times? %q is no number from 2 to %d", args, repeatMost)
	}
	x.repeat = n
	return nil
}

// A repetition runs one program many times, one run after the other.
type repetition struct {
	*execution
	program *cell.Program
	built   *Build // for the first run; nil after it
	procs   []int  // the values of GOMAXPROCS, in turn
	show    func(data map[string]any)
	trials  []trial
	limit   time.Duration // of one run
	first   int           // the number of the run that failed first; 0: none did
	races   int           // of raced runs
	raced   int
	race    *explain.Failure // the first
	noRace  string           // why the detector did not watch
	stuck   int              // runs that did not end
	longest time.Duration    // of the others
}

// repeated is what %repeat does with a built program. A build serves one run;
// each further run gets its own from the cache.
func (x *execution) repeated(p *cell.Program, first Build) *explain.Failure {
	id := fmt.Sprintf("gopark-repeat-%d", time.Now().UnixNano())
	r := &repetition{execution: x, program: p, built: &first, procs: procs(x.current()),
		show: func(data map[string]any) { x.out.Display(data, nil, id) }}
	began := time.Now()
	failure := r.run()
	x.report.Run = time.Since(began)
	if len(r.trials) > 0 {
		r.show(r.bundle())
		r.failures()
	}
	return failure
}

// procs are the values of GOMAXPROCS that bring different schedules about: one
// thread, two, as many as there are processors, and twice as many. A learner
// who sets it means it.
func procs(s settings) []int {
	if n, err := strconv.Atoi(s.env["GOMAXPROCS"]); err == nil && n > 0 {
		return []int{n}
	}
	all := []int{1, 2, runtime.NumCPU(), 2 * runtime.NumCPU()}
	slices.Sort(all)
	return slices.Compact(all)
}

// run makes the trials. It returns the failure of the whole: an interrupt, or
// a machine that cannot go on; what a run does is its outcome.
func (r *repetition) run() *explain.Failure {
	if r.limit = repeatLimit; r.current().timeout > 0 {
		r.limit = r.current().timeout
	}
	began := time.Now()
	var last time.Time
	for i := range r.repeat {
		if now := time.Now(); now.Sub(began) > 300*time.Millisecond && now.Sub(last) > 250*time.Millisecond {
			last = now
			r.show(muted(fmt.Sprintf("%d of %d runs: %s", i, r.repeat, count(r.trials, len(r.procs)).sentence)))
		}
		series := i % len(r.procs)
		text, f, broken := r.once(r.procs[series], r.execution.race, r.limit)
		if broken != nil {
			return broken
		}
		if f != nil && r.first == 0 {
			r.first = i + 1
		}
		r.trials = append(r.trials, trial{series, text, f})
		if r.stuck == repeatStuck {
			return nil
		}
	}
	if r.execution.race {
		return nil
	}
	limit := time.Second + repeatRaceSlower*r.longest
	r.stuck = 0
	n := min(max(r.repeat/10, repeatRaceLeast), repeatRaceMost)
	for i := 0; i < n && r.stuck == 0; i++ {
		_, f, broken := r.once(r.procs[i%len(r.procs)], true, limit)
		if broken != nil {
			if r.ctx.Err() != nil {
				return broken
			}
			r.noRace = broken.Value
			return nil
		}
		r.raced++
		if f != nil && f.Name == "DataRace" {
			r.races++
			if r.race == nil {
				r.race = f
			}
		}
	}
	return nil
}

// once runs the program once. broken is a failure of what is around the
// program.
func (r *repetition) once(procs int, race bool, limit time.Duration) (text string, f, broken *explain.Failure) {
	b, err := r.build(race)
	if err != nil {
		return "", nil, r.repeatFailure(err)
	}
	ctx, cancel := context.WithTimeout(r.ctx, limit)
	defer cancel()
	var end tail
	out := newOutputs(&end, &displayIDs{}, nil)
	defer out.close()
	x := &execution{Session: r.Session, ctx: ctx, out: out, pub: nowhere{}, dry: true, race: race, args: r.args}
	inv := x.invocation(r.program, b, "")
	inv.Asks, inv.Reads = false, false
	inv.Env = append(slices.DeleteFunc(inv.Env, func(kv string) bool { return strings.HasPrefix(kv, "GOMAXPROCS=") }),
		fmt.Sprintf("GOMAXPROCS=%d", procs))
	e, err := r.o.Engine.Run(ctx, inv, out)
	if err != nil {
		return "", nil, r.repeatFailure(err)
	}
	out.settle(true)
	if e.Interrupted && r.ctx.Err() != nil {
		return "", nil, r.repeatFailure(r.ctx.Err())
	}
	f = x.ended(r.program, e)
	if e.Interrupted {
		late := *f
		late.Name, late.Value = noEnd, fmt.Sprintf("still running after %s", limit)
		f = &late
		r.stuck++
	} else {
		r.longest = max(r.longest, e.Wall)
	}
	text = end.String()
	if len(e.Result) > 0 {
		text += "\n" + string(e.Result)
	}
	return text, f, nil
}

func (r *repetition) build(race bool) (Build, error) {
	if b := r.built; b != nil {
		r.built = nil
		return *b, nil
	}
	return r.compile(r.program, race)
}

func (r *repetition) repeatFailure(err error) *explain.Failure {
	if r.ctx.Err() != nil {
		return explain.New("Interrupted", fmt.Sprintf("stopped after %d of %d runs", len(r.trials), r.repeat))
	}
	var be *BuildError
	if errors.As(err, &be) {
		return explain.New("EngineError", "the program cannot be built: "+be.Output)
	}
	return r.engineFailure("the program cannot be run again", err)
}

// bundle is what is shown: the histogram, and below it the first failure.
func (r *repetition) bundle() map[string]any {
	t := count(r.trials, len(r.procs))
	n := len(r.trials)
	title := fmt.Sprintf("%d runs: %s", n, t.sentence)
	if len(t.counts) == 1 {
		title = fmt.Sprintf("%d runs, one outcome: %s", n, t.counts[0].Name)
	}
	note := ""
	switch {
	case r.stuck == repeatStuck:
		note = fmt.Sprintf("No more runs after %d that did not end within %s.", repeatStuck, r.limit)
	case len(t.counts) == 1:
		note = "Other schedules may still bring others about."
	}
	var notes []string
	if note != "" {
		notes = append(notes, note)
	}
	if w := r.watched(); w != "" {
		notes = append(notes, w)
	}
	series := make([]string, len(r.procs))
	for i, p := range r.procs {
		series[i] = fmt.Sprintf("GOMAXPROCS %d", p)
	}
	table := chart.Table{Header: append(append([]string{"Outcome"}, series...), "all")}
	for i := range series {
		table.Right = append(table.Right, i+1)
	}
	table.Right = append(table.Right, len(series)+1)
	for _, c := range t.counts {
		row := []string{c.Name}
		for _, p := range c.Parts {
			row = append(row, strconv.Itoa(p))
		}
		table.Rows = append(table.Rows, append(row, strconv.Itoa(c.Total())))
	}
	text := title + "\n\n" + table.String()
	if len(notes) > 0 {
		text += "\n" + strings.Join(notes, "\n") + "\n"
	}
	c := chart.Counts(title, strings.Join(notes, " "), series, t.counts, text)
	return map[string]any{ChartType: map[string]any{"version": 1, "option": c.Option, "height": c.Height}, "text/plain": c.Text}
}

// watched says what the race detector saw.
func (r *repetition) watched() string {
	switch {
	case r.noRace != "":
		return "The race detector did not watch: " + r.noRace + "."
	case r.raced == 0:
		return ""
	case r.races == 0 && r.stuck > 0:
		return fmt.Sprintf("The race detector saw no data race in %s, the last of which did not end.", moreRuns(r.raced))
	case r.races == 0:
		return fmt.Sprintf("The race detector saw no data race in %s.", moreRuns(r.raced))
	}
	return fmt.Sprintf("The race detector saw a data race in %d of %s.", r.races, moreRuns(r.raced))
}

func moreRuns(n int) string {
	if n == 1 {
		return "1 more run"
	}
	return fmt.Sprintf("%d more runs", n)
}

// failures shows the first failure of the runs, and the first race, folded:
// what they say is long, and the histogram is what was asked for.
func (r *repetition) failures() {
	if r.first > 0 {
		t := r.trials[r.first-1]
		r.folded(fmt.Sprintf("The first failure: run %d, GOMAXPROCS %d, %s", r.first, r.procs[t.series], t.failure.Name), t.failure)
	}
	if r.race != nil {
		r.folded("The first data race", r.race)
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func (r *repetition) folded(title string, f *explain.Failure) {
	text := escapes.ReplaceAllString(strings.Join(f.Traceback, "\n"), "")
	body := "<pre>" + html.EscapeString(text) + "</pre>"
	if f.Page != nil {
		body = f.Page.HTML()
		text = f.Page.Text()
	}
	r.out.Display(map[string]any{
		"text/plain": title + "\n\n" + text,
		"text/html":  `<details><summary style="cursor:pointer">` + html.EscapeString(title) + `</summary>` + body + `</details>`,
	}, nil, "")
}

// A tail is a Publisher that keeps the end of what a program prints.
type tail struct {
	nowhere
	text []byte
}

func (t *tail) Stream(_, text string) {
	t.text = append(t.text, text...)
	if extra := len(t.text) - repeatText; extra > repeatText {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
}

func (t *tail) String() string { return strings.ToValidUTF8(string(t.text), "") }
