package notebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gopark/kernel/session"
)

// DefaultTimeout is how long one cell may run when nobody says otherwise.
const DefaultTimeout = time.Minute

// The tags that nbclient knows, and so do we.
const (
	// TagRaises marks a cell whose error is part of the lesson: the run goes on.
	TagRaises = "raises-exception"
	// TagSkip marks a cell that a headless run leaves alone.
	TagSkip = "skip-execution"
)

// A Kernel runs the text of one cell after the other.
type Kernel interface {
	// Execute runs one cell and returns when it has ended and all that it
	// showed has gone to out. When ctx ends it interrupts the cell and returns
	// soon: the Runner waits for it.
	Execute(ctx context.Context, req Request, out session.Publisher) Reply
}

// A Request is a cell to run.
type Request struct {
	Code string
	// Count is the execution count, from 1.
	Count int
}

// A Reply is how a cell ended.
type Reply struct {
	// Status is "ok", "error" or "aborted".
	Status string
	// Name, Value and Traceback say what the error was.
	Name, Value string
	Traceback   []string
	// ExitStatus is that of the cell's program, 0 when there was none.
	ExitStatus int
	// Metadata is the reply's own; its started, a time or a string, is stored
	// with the cell's timing. Its report, a string, goes into the Result.
	Metadata map[string]any
}

// A Runner executes notebooks, one at a time.
type Runner struct {
	Kernel Kernel
	// Timeout is how long one cell may run before it is interrupted. 0 means
	// what the notebook's metadata says (execution.timeout, in seconds, as
	// nbmake reads it), and DefaultTimeout where it says nothing; below 0 there
	// is no limit.
	Timeout time.Duration
	// AllowErrors runs the cells after a failed one too. The notebook's
	// metadata (execution.allow_errors) may ask for the same.
	AllowErrors bool
	// OmitTiming leaves metadata.execution out of the cells.
	OmitTiming bool
	// LanguageInfo, unless nil, replaces the notebook's metadata.language_info,
	// as every front end does with a kernel's.
	LanguageInfo map[string]any
	// Progress, unless nil, is told of each code cell before and after it runs.
	// It is called from Run's goroutine.
	Progress func(Progress)
	// Now is the clock for the timing; nil means time.Now.
	Now func() time.Time
}

// Progress is where a run is.
type Progress struct {
	// Number counts the cells that this run executes or skips, from 1 to Total.
	Number, Total int
	Cell          *Cell
	// Result is nil before the cell runs.
	Result *Result
}

// Run executes the code cells of nb in their order and stores what they show in
// them. Cells without code, cells with TagSkip, and the cells after the one that
// stopped the run keep the outputs they had.
//
// The error is a [*CellError] for the first cell that failed and was not allowed
// to, or the cause of ctx's end. An error that was allowed (by AllowErrors, the
// metadata or TagRaises) is none; a cell that ran out of time always is one,
// because nothing that hangs was meant to be executed unattended.
func (r *Runner) Run(ctx context.Context, nb *Notebook) (Summary, error) {
	settings, err := r.settings(nb)
	if err != nil {
		return Summary{}, err
	}
	if r.LanguageInfo != nil {
		info, err := plain(r.LanguageInfo)
		if err != nil {
			return Summary{}, fmt.Errorf("language_info: %w", err)
		}
		nb.Metadata["language_info"] = info
	}
	var cells []int
	for i, c := range nb.Cells {
		if c.Type == Code && strings.TrimSpace(c.Source) != "" {
			cells = append(cells, i)
		}
	}
	started := r.now()
	sum := Summary{Total: len(cells)}
	shown := displays{}
	var failure error
	count := 0
	for n, i := range cells {
		if err := context.Cause(ctx); err != nil {
			failure = err
			break
		}
		c := nb.Cells[i]
		r.tell(Progress{Number: n + 1, Total: len(cells), Cell: c})
		res := Result{Index: i, ID: c.ID, Outcome: Skipped}
		if !c.HasTag(TagSkip) {
			count++
			res.Count = count
			r.runCell(ctx, c, &res, settings, shown)
		}
		sum.Cells = append(sum.Cells, res)
		r.tell(Progress{Number: n + 1, Total: len(cells), Cell: c, Result: &res})
		if err := context.Cause(ctx); err != nil {
			failure = err
			break
		}
		if failure == nil && (res.Outcome == TimedOut || res.Outcome == Failed && !settings.allowErrors) {
			failure = &CellError{res}
		}
		if failure != nil && !settings.allowErrors {
			break
		}
	}
	sum.Duration = r.now().Sub(started)
	return sum, failure
}

// runCell executes one cell into res.
func (r *Runner) runCell(ctx context.Context, c *Cell, res *Result, s settings, shown displays) {
	if s.timeout > 0 {
		limit := &timeoutError{s.timeout}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.timeout, limit)
		defer cancel()
	}
	delete(c.Metadata, "execution")
	c.Outputs = nil
	rec := &recorder{cell: c, count: res.Count, displays: shown}
	begin := r.now()
	reply := r.Kernel.Execute(ctx, Request{Code: c.Source, Count: res.Count}, rec)
	end := r.now()

	res.Duration = end.Sub(begin)
	res.Report, _ = reply.Metadata["report"].(string)
	res.Name, res.Value, res.Traceback = reply.Name, reply.Value, reply.Traceback
	res.Outcome = OK
	if reply.Status != "ok" {
		res.Outcome = Failed
		if c.HasTag(TagRaises) {
			res.Outcome = Expected
		}
	}
	if late := (*timeoutError)(nil); errors.As(context.Cause(ctx), &late) {
		res.Outcome, res.Limit = TimedOut, late.limit
		if reply.Status == "ok" { // the program took the interrupt for a wish to end well
			res.Name, res.Value, res.Traceback = "Timeout", late.Error(), []string{late.Error()}
		}
	}
	if res.Outcome != OK && !rec.failed {
		rec.Error(res.Name, res.Value, res.Traceback)
	}
	c.Outputs = rec.outputs()
	n := res.Count
	c.ExecutionCount = &n
	if !r.OmitTiming {
		c.Metadata["execution"] = timing(begin, end, reply.Metadata["started"])
	}
}

func (r *Runner) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r *Runner) tell(p Progress) {
	if r.Progress != nil {
		r.Progress(p)
	}
}

// settings are the Runner's, completed by the notebook's metadata.
type settings struct {
	timeout     time.Duration // 0: no limit
	allowErrors bool
}

func (r *Runner) settings(nb *Notebook) (settings, error) {
	s := settings{timeout: r.Timeout, allowErrors: r.AllowErrors}
	asked, _ := nb.Metadata["execution"].(map[string]any)
	if v, ok := asked["allow_errors"]; ok {
		allow, ok := v.(bool)
		if !ok {
			return s, fmt.Errorf("the notebook's metadata: execution.allow_errors: want true or false, found %s", kind(v))
		}
		s.allowErrors = s.allowErrors || allow
	}
	if s.timeout == 0 {
		s.timeout = DefaultTimeout
		if v, ok := asked["timeout"]; ok && v != nil {
			n, _ := v.(json.Number)
			seconds, err := n.Float64()
			if err != nil {
				return s, fmt.Errorf("the notebook's metadata: execution.timeout: want seconds, found %s", kind(v))
			}
			s.timeout = time.Duration(seconds * float64(time.Second))
		}
	}
	s.timeout = max(0, s.timeout) // nbclient: 0 or less is no limit
	return s, nil
}

// A timeoutError is the cause of a cell's context ending for want of time.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("the cell ran longer than %v and was interrupted", e.limit)
}
