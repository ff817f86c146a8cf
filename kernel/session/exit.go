package session

import (
	"fmt"
	"strings"
	"time"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

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

	if e.Interrupted && e.Signal != "" && crash != "" {
		// It was ended before it had said all.
		crash = explain.Cut(crash, "")
	}
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
