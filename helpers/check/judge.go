package check

import (
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// The environment variables of this package.
const (
	// envOrder holds a child's order.
	envOrder = "GOPARK_CHECK_ORDER"
	// envRace names the same program, built with the race detector.
	envRace = "GOPARK_CHECK_RACE"
	// envSeed repeats a run.
	envSeed = "GOPARK_CHECK_SEED"
	// envLimit bounds the real time of one check, like "3s".
	envLimit = "GOPARK_CHECK_LIMIT"
	// envSeeds makes each check run with so many seeds, for the course's own tests.
	envSeeds = "GOPARK_CHECK_SEEDS"
	// envResult names a file to which each result is appended as a line of JSON,
	// for tools that have no notebook.
	envResult = "GOPARK_CHECK_RESULT"
	// envControl makes a checker that checks nothing: the course's own tests
	// must notice.
	envControl = "GOPARK_CHECK_CONTROL"
)

// defaultLimit is the real time that one check may take. A check takes some
// milliseconds: its waits are on a clock that jumps.
const defaultLimit = 10 * time.Second

// calls numbers the calls of judge in this process, so that a child knows which
// one it was started for.
var calls atomic.Int64

// judge runs the checks of an exercise and shows what was found. In a child, it
// runs the one check that the child is for, and does not return.
func judge(e *exercise, tests ...test) {
	call := int(calls.Add(1))
	if text, child := os.LookupEnv(envOrder); child {
		var o errand
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			os.Exit(3)
		}
		if o.Call == call && o.Exercise == e.name {
			obey(o, tests)
		}
		return // another one's turn, in another process
	}
	r := newJudgement(e, tests, call).run()
	r.Progress = remember(e, r)
	if file := os.Getenv(envResult); file != "" {
		appendResult(file, r)
	}
	show(e, r)
}

// inChild says that this process is there for one check only: it shows nothing
// and remembers nothing.
func inChild() bool {
	_, child := os.LookupEnv(envOrder)
	return child
}

// A judgement is one call of judge under way.
type judgement struct {
	e     *exercise
	tests []test
	call  int
	seed  uint64
	seeds int
	limit time.Duration
	race  string // the program with the race detector; "" when there is none
	self  string
}

func newJudgement(e *exercise, tests []test, call int) *judgement {
	j := &judgement{e: e, tests: tests, call: call, seed: rand.Uint64(), seeds: 1, limit: defaultLimit, race: os.Getenv(envRace)}
	if n, err := strconv.ParseUint(os.Getenv(envSeed), 10, 64); err == nil {
		j.seed = n
	}
	if n, err := strconv.Atoi(os.Getenv(envSeeds)); err == nil && n > 0 {
		j.seeds = n
	}
	if d, err := time.ParseDuration(os.Getenv(envLimit)); err == nil && d > 0 {
		j.limit = d
	}
	j.self, _ = os.Executable()
	if raceBuild {
		j.race = j.self
	}
	return j
}

// run judges. Whatever the learner's code does happens in children.
func (j *judgement) run() Result {
	r := Result{Version: 1, Exercise: j.e.name, Notebook: j.e.notebook, Title: j.e.title, Seed: strconv.FormatUint(j.seed, 10)}
	if os.Getenv(envControl) == "1" {
		r.Control = true
		for _, t := range j.names() {
			r.add(Check{Name: t.name, What: t.what, Status: Passed})
		}
		return r
	}
	outcomes := j.each()
	var left []waiter
	finished := 0
	for i, o := range outcomes {
		c := Check{Name: j.tests[i].name, What: j.tests[i].what, Status: Passed, picture: o.Picture, printed: o.printed}
		switch {
		case o.skipped != "":
			c.Status, c.Message = NotRun, o.skipped
		case o.Failed:
			c.Status, c.Message = Failed, o.Message
		}
		if o.ended {
			finished++
		}
		left = append(left, o.Left...)
		r.add(c)
	}
	if j.e.plain {
		return r
	}
	leak := Check{Name: leakTest, What: leakWhat, Status: Passed}
	switch {
	case len(left) > 0:
		leak.Status, leak.Message = Failed, leakMessage(left)
		for _, o := range outcomes {
			if len(o.Left) > 0 {
				leak.Message, leak.picture = leakMessage(o.Left), o.Picture
				break
			}
		}
	case finished == 0:
		leak.Status, leak.Message = NotRun, "no other check came to its end"
	}
	r.add(leak)
	race := Check{Name: raceTest, What: raceWhat}
	j.raceCheck(&race, outcomes, r.Checks)
	r.add(race)
	r.count()
	return r
}

// names are all checks, the two common ones included.
func (j *judgement) names() []test {
	tests := slices.Clone(j.tests)
	if !j.e.plain {
		tests = append(tests, test{name: leakTest, what: leakWhat}, test{name: raceTest, what: raceWhat})
	}
	return tests
}

// each runs every check in a process of its own, some at a time. When one never
// ends, those that have not begun are left out: each would take as long.
func (j *judgement) each() []outcome {
	outcomes := make([]outcome, len(j.tests))
	var (
		wg   sync.WaitGroup
		hung atomic.Bool
		gate = make(chan struct{}, max(1, min(4, runtime.NumCPU())))
	)
	for i, t := range j.tests {
		gate <- struct{}{}
		if hung.Load() {
			outcomes[i].skipped = "another check did not come to its end"
			<-gate
			continue
		}
		wg.Go(func() {
			defer func() { <-gate }()
			o := j.start(j.self, errand{Tests: []string{t.name}, Seed: j.seed, Seeds: j.seeds})
			if o.hung {
				hung.Store(true)
			}
			outcomes[i] = o.outcome()
		})
	}
	wg.Wait()
	return outcomes
}

// processors are the values of GOMAXPROCS under which the race build runs.
func processors() []int {
	all := []int{1, 2, runtime.NumCPU()}
	slices.Sort(all)
	return slices.Compact(all)
}

// raceCheck runs all checks that came to their end once more, with the race
// detector, and judges what it says. It also fails checks that went well only
// by luck, and do not with this schedule.
func (j *judgement) raceCheck(c *Check, outcomes []outcome, checks []Check) {
	if j.race == "" {
		c.Status, c.Message = NotRun, raceHow()
		return
	}
	var names []string
	for i, o := range outcomes {
		if o.ended {
			names = append(names, j.tests[i].name)
		}
	}
	if len(names) == 0 {
		c.Status, c.Message = NotRun, "no other check came to its end"
		return
	}
	all := processors()
	runs := make([]run, len(all))
	var wg sync.WaitGroup
	gate := make(chan struct{}, max(1, min(2, runtime.NumCPU())))
	for i, n := range all {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			o := errand{Tests: names, Seed: j.seed + 1, Seeds: cmp.Or(min(j.seeds, raceSeedsMost), 1) * raceSeeds}
			runs[i] = j.start(j.race, o, "GOMAXPROCS="+strconv.Itoa(n))
		})
	}
	wg.Wait()
	c.Status = Passed
	for i, run := range runs {
		if m, foremost := raceMessage(run.stderr); m != "" {
			c.Status, c.Message, c.foremost = Failed, m, foremost
			return
		}
		for _, o := range run.report.Outcomes {
			at := slices.IndexFunc(checks, func(c Check) bool { return c.Name == o.Test })
			if o.Failed && at >= 0 && checks[at].Status == Passed {
				checks[at].Status, checks[at].Message, checks[at].picture = Failed, o.Message+" (not in every run: with GOMAXPROCS="+strconv.Itoa(all[i])+" it was so)", o.Picture
			}
		}
		if !run.report.Finished {
			if run.startError != "" {
				c.Status, c.Message = NotRun, run.startError
			} else if c.Status == Passed {
				c.Status, c.Message = NotRun, "the program with the race detector in it did not come to its end: "+run.message()
			}
		}
	}
}

// raceSeeds is with how many seeds each check runs under the race detector, for
// each GOMAXPROCS: a race shows itself only where two accesses come close.
const (
	raceSeeds     = 3
	raceSeedsMost = 20
)
