package timeline

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/exp/trace"

	"gopark/helpers/internal/mark"
)

// ErrNoMark says that a trace has no begin mark.
var ErrNoMark = errors.New("the trace has no mark where the run begins")

// Read reads a trace that Record, or %trace, has written. A trace that breaks off,
// as that of a program that crashed, is read as far as it goes; Broken says why.
// The error is ErrNoMark where nothing can be shown at all, or the reader's.
func Read(data []byte) (*Timeline, error) {
	in, err := trace.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read the trace: %w", err)
	}
	c := &reader{all: map[trace.GoID]*goroutine{}, root: trace.NoGoroutine}
	for {
		e, err := in.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			c.broken = err.Error()
			break
		}
		c.event(e)
	}
	if c.root == trace.NoGoroutine {
		if c.broken != "" {
			return nil, fmt.Errorf("%w; it breaks off: %s", ErrNoMark, c.broken)
		}
		return nil, ErrNoMark
	}
	return c.timeline(), nil
}

// A reader follows all goroutines, and keeps what is known of those of the run.
type reader struct {
	all    map[trace.GoID]*goroutine
	rows   []*goroutine // of the run, in the order of creation
	edges  []edge
	root   trace.GoID
	begin  trace.Time
	end    trace.Time // 0 until the end mark
	last   trace.Time
	procs  int
	broken string
}

// A goroutine under way. Only those of the run, of which kept is set, collect.
type goroutine struct {
	id       trace.GoID
	kept     bool
	parent   *goroutine
	name     string
	started  Place
	created  trace.Time
	gone     bool
	ended    trace.Time
	spans    []Span
	children []*goroutine

	// What it has been doing since when.
	state  State
	absent bool
	why    string
	at     Place
	since  trace.Time
}

type edge struct {
	at       trace.Time
	from, to *goroutine
	was      State
	by       Place
}

func (c *reader) event(e trace.Event) {
	c.last = e.Time()
	switch e.Kind() {
	case trace.EventMetric:
		if m := e.Metric(); m.Name == "/sched/gomaxprocs:threads" && (c.procs == 0 || c.root == trace.NoGoroutine) {
			c.procs = int(m.Value.Uint64())
		}
	case trace.EventLog:
		if l := e.Log(); l.Category == mark.Category {
			c.mark(e, l.Message)
		}
	case trace.EventStateTransition:
		if st := e.StateTransition(); st.Resource.Kind == trace.ResourceGoroutine {
			c.transition(e, st)
		}
	}
}

func (c *reader) mark(e trace.Event, message string) {
	switch {
	case message == mark.Begin && c.root == trace.NoGoroutine:
		c.root, c.begin = e.Goroutine(), e.Time()
		g := c.known(c.root)
		g.kept, g.name, g.created = true, rootName(e.Stack()), c.begin
		if g.since == 0 { // The trace began with it running.
			g.state, g.absent = Running, false
		}
		g.since = c.begin
		c.rows = append(c.rows, g)
	case message == mark.End && c.root != trace.NoGoroutine && c.end == 0:
		c.end = e.Time()
	}
}

// rootName is "main" for a whole program, and the function that f is otherwise.
func rootName(s trace.Stack) string {
	for f := range s.Frames() {
		// Package tracing sets its mark before main begins.
		if f.Func == "main.main" || strings.HasPrefix(f.Func, "gopark/helpers/internal/tracing.") {
			return "main"
		}
	}
	return "the caller"
}

func (c *reader) known(id trace.GoID) *goroutine {
	g := c.all[id]
	if g == nil {
		g = &goroutine{id: id, absent: true}
		c.all[id] = g
	}
	return g
}

func (c *reader) transition(e trace.Event, st trace.StateTransition) {
	from, to := st.Goroutine()
	g := c.known(st.Resource.Goroutine())
	now := e.Time()
	if from == trace.GoNotExist {
		c.created(g, e, st)
	}
	if from == trace.GoWaiting && to == trace.GoRunnable && g.kept && c.end == 0 {
		if by := c.all[e.Goroutine()]; by != nil && by.kept {
			c.edges = append(c.edges, edge{now, by, g, g.state, place(e.Stack())})
		}
	}
	var stopped Place
	if g.kept && to != trace.GoRunning {
		stopped = place(st.Stack)
	}
	if g.kept && !g.absent && from != trace.GoUndetermined {
		at := g.at
		if g.state == Running {
			at = stopped
		}
		c.close(g, now, at)
	}
	g.since, g.why, g.at, g.absent = now, "", Place{}, false
	switch to {
	case trace.GoRunning:
		g.state = Running
	case trace.GoRunnable:
		g.state, g.why = Runnable, st.Reason
	case trace.GoSyscall:
		g.state, g.at = Syscall, stopped
	case trace.GoWaiting:
		g.state, g.why = waiting(st)
		g.at = stopped
	default:
		g.absent = true
		if to == trace.GoNotExist && g.kept {
			g.gone, g.ended = true, now
			delete(c.all, g.id)
		}
	}
}

// created decides whether a new goroutine is one of the run's.
func (c *reader) created(g *goroutine, e trace.Event, st trace.StateTransition) {
	if c.root == trace.NoGoroutine || c.end != 0 {
		return
	}
	parent := c.all[e.Goroutine()]
	if parent == nil {
		// time.AfterFunc: a timer has started it, and no goroutine did.
		parent = c.all[c.root]
	}
	run := ""
	for f := range st.Stack.Frames() {
		run = f.Func
	}
	if parent == nil || !parent.kept || strings.HasPrefix(run, "runtime.") || strings.HasPrefix(run, "runtime/") {
		return
	}
	g.kept, g.parent, g.created = true, parent, e.Time()
	g.started = place(e.Stack())
	g.name = rowName(run, g.started)
	parent.children = append(parent.children, g)
	c.rows = append(c.rows, g)
}

// close ends what g has been doing.
func (c *reader) close(g *goroutine, now trace.Time, at Place) {
	if c.end != 0 {
		now = min(now, c.end)
	}
	if from := max(g.since, c.begin); now > from {
		g.spans = append(g.spans, Span{time.Duration(from - c.begin), time.Duration(now - c.begin), g.state, g.why, at})
	}
}

// timeline puts together what was collected.
func (c *reader) timeline() *Timeline {
	t := &Timeline{Procs: c.procs, Ended: c.end != 0, Broken: c.broken}
	// What the reader drops at a broken end is no part of the run.
	end := c.last
	if c.end != 0 {
		end = c.end
	}
	t.Wall = time.Duration(end - c.begin)
	index := map[*goroutine]int{}
	var add func(g *goroutine, parent, depth int)
	add = func(g *goroutine, parent, depth int) {
		if !g.gone {
			if !g.absent {
				c.close(g, end, g.at)
			}
			g.ended = end
		}
		index[g] = len(t.Rows)
		me := len(t.Rows)
		t.Rows = append(t.Rows, Row{ID: int64(g.id), Name: g.name, Started: g.started, Parent: parent, Depth: depth,
			Created: time.Duration(g.created - c.begin), Ended: time.Duration(min(g.ended, end) - c.begin),
			Left: !g.gone, Spans: g.spans})
		for _, child := range g.children {
			add(child, me, depth+1)
		}
	}
	add(c.rows[0], -1, 0)
	for _, e := range c.edges {
		t.Edges = append(t.Edges, Edge{time.Duration(e.at - c.begin), index[e.from], index[e.to], e.was, e.by})
	}
	t.count()
	return t
}

func sortBy[T any, K cmp.Ordered](s []T, key func(T) K) {
	slices.SortStableFunc(s, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}
