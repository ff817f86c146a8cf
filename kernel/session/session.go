package session

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"strings"
	"sync"
	"time"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

// ChartType is the MIME type of a chart: {"version":1,"option":{…},"height":N}.
const ChartType = "application/vnd.gopark.chart+json"

// Options say what a session works with.
type Options struct {
	Engine Engine
	// Dir is where cells run; Env is what they get to see, without anything
	// that belongs to the kernel alone.
	Dir string
	Env []string
	// Version is gopark's own, for %version.
	Version string
	// Chart draws a chart as SVG, for front ends that cannot draw it
	// themselves; nil where there is nothing to draw with.
	Chart func(ctx context.Context, chart []byte) (svg []byte, err error)
	// Assistant helps with completion and inspection; nil where there is none.
	// The session does not own it.
	Assistant Assistant
	// Report says when a cell's report is shown, until %report says otherwise.
	Report ReportMode
	Log    *slog.Logger
}

// A Session is one kernel's state. See the package comment for who may call
// what when.
type Session struct {
	o     Options
	log   *slog.Logger
	known displayIDs

	mu       sync.Mutex // guards what follows; held for moments only
	memory   cell.Memory
	cells    map[int]string // the text of cells, to quote lines from
	settings settings
	main     *cell.Cell // the newest main, for %save
	running  []*program // in the order in which they started
	last     sight      // of a program that was stopped
	// benchmarks are the last measurements of each, for %bench to compare with.
	benchmarks map[string]*sample
}

// New makes a session. It owns the engine from now on: Close closes it.
func New(o Options) *Session {
	s := &Session{o: o, log: o.Log, cells: map[int]string{}, settings: settings{dir: o.Dir, report: o.Report}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Close ends the engine.
func (s *Session) Close() error { return s.o.Engine.Close() }

// A Request is a cell to execute.
type Request struct {
	Code string
	// Count is the number that stands beside the cell.
	Count int
	// UserExpressions are evaluated after a cell that went well.
	UserExpressions map[string]string
}

// A Reply tells how it went; everything else went to the Publisher.
type Reply struct {
	// Failure is why the cell failed; nil when it did not.
	Failure *explain.Failure
	// Expressions answers UserExpressions.
	Expressions map[string]Expression
	// Report is what can be told of the run.
	Report Report
	// Left tells of the goroutines that main left behind; nil when there are none.
	Left *explain.Page
	// ExitStatus is the program's; 1 when a signal ended it.
	ExitStatus int
	// Page is a MIME bundle for the front end's pager; nil when there is none.
	Page map[string]any
}

// An Expression is the value of a user expression, or why there is none.
type Expression struct {
	Data    map[string]any
	Failure *explain.Failure
}

// A Report is what the kernel measured. Zero fields are not known.
type Report struct {
	Kind     string        // "main", "declarations", "statements", "tests", "command"
	Check    time.Duration // from the text to a checked program
	Build    time.Duration // from a checked program to one that can start
	Run      time.Duration // from start to end
	CPU      time.Duration // used by the program
	MaxRSS   int64         // bytes
	Cached   bool          // the program was built before
	Fallback string        // why go build was needed
	Race     bool          // the race detector watched

	// Of a program that came to its end by itself: see Goroutines.
	Created, AtMost int
	Left, Leaked    int  // goroutines left behind, those that can never go on among them
	Counted         bool // Created, Left and Leaked are known
	cut             bool // … and Leaked is counted in a part of them
}

// Metadata is the report as it travels in a reply: milliseconds and flags.
func (r Report) Metadata() map[string]any {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	m := map[string]any{"kind": r.Kind, "check_ms": ms(r.Check), "build_ms": ms(r.Build), "run_ms": ms(r.Run),
		"cpu_ms": ms(r.CPU), "max_rss": r.MaxRSS, "cached": r.Cached, "race": r.Race}
	if r.Counted {
		m["goroutines"], m["left_behind"], m["leaked"] = r.Created, r.Left, r.Leaked
		if r.AtMost > 0 {
			m["goroutines_at_most"] = r.AtMost
		}
	}
	if r.Fallback != "" {
		m["fallback"] = r.Fallback
	}
	return m
}

// Execute runs a cell. When ctx ends the cell is interrupted: its program is
// stopped, and the failure says what it was doing.
func (s *Session) Execute(ctx context.Context, req Request, pub Publisher) Reply {
	out := newOutputs(pub, &s.known, func(data map[string]any) { s.complete(ctx, data) })
	defer out.close()
	out.limitTo(s.current().limit)
	x := &execution{Session: s, ctx: ctx, out: out, pub: pub, number: req.Count}
	var reply Reply
	reply.Failure = x.cell(cell.Parse(req.Count, req.Code))
	out.settle(reply.Failure != nil)
	x.showReport(pub)
	reply.Report, reply.Left, reply.ExitStatus, reply.Page = x.report, x.left, x.status, x.page
	if p := x.vetting.page(s.source); p != nil {
		pub.Display(p.Bundle(), reportMark(), "")
	}
	if f := reply.Failure; f != nil && f.Page != nil {
		pub.Display(f.Page.Bundle(), reportMark(), "")
	}
	if reply.Failure != nil {
		pub.Error(reply.Failure.Name, reply.Failure.Value, reply.Failure.Traceback)
		return reply
	}
	if x.result != nil {
		pub.Result(x.result, map[string]any{})
	}
	for name, code := range req.UserExpressions {
		if reply.Expressions == nil {
			reply.Expressions = map[string]Expression{}
		}
		reply.Expressions[name] = s.evaluate(ctx, req.Count, code)
	}
	return reply
}

// evaluate runs an expression for its value alone.
func (s *Session) evaluate(ctx context.Context, count int, code string) Expression {
	out := newOutputs(nowhere{}, &displayIDs{}, nil)
	defer out.close()
	x := &execution{Session: s, ctx: ctx, out: out, pub: nowhere{}, dry: true}
	c := cell.Parse(count, code)
	f := x.cell(c)
	if f == nil && x.result == nil {
		f = explain.New("CompileError", "not an expression with a value: "+code)
	}
	return Expression{x.result, f}
}

// complete adds the layers of a MIME bundle that the program left to the
// kernel: the picture of a chart, for front ends without our renderer.
func (s *Session) complete(ctx context.Context, data map[string]any) {
	chart, ok := data[ChartType]
	if !ok || data["text/html"] != nil || s.o.Chart == nil {
		return
	}
	raw, err := json.Marshal(chart)
	if err == nil {
		var svg []byte
		if svg, err = s.o.Chart(ctx, raw); err == nil {
			alt, _ := data["text/plain"].(string)
			alt, _, _ = strings.Cut(alt, "\n")
			data["text/html"] = fmt.Sprintf(`<img alt="%s" style="max-width:100%%" src="data:image/svg+xml;base64,%s">`,
				html.EscapeString(alt), base64.StdEncoding.EncodeToString(svg))
			return
		}
	}
	if ctx.Err() == nil {
		s.log.Warn("chart without a picture", "err", err)
	}
}

// source is the text of a cell, to quote from.
func (s *Session) source(id int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cells[id]
}

// remember keeps a cell's text for messages about it. Texts of cells that
// nothing refers to any more go when there are many.
func (s *Session) remember(c *cell.Cell) {
	const keep = 200
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cells[c.ID] = c.Text
	if len(s.cells) <= 2*keep {
		return
	}
	needed := map[int]bool{}
	for _, e := range s.memory.Entries() {
		needed[e.Cell] = true
	}
	for id := range s.cells {
		if id < c.ID-keep && !needed[id] {
			delete(s.cells, id)
		}
	}
}

// nowhere is a Publisher for what nobody is to see.
type nowhere struct{}

func (nowhere) Stream(string, string)                 {}
func (nowhere) Display(_, _ map[string]any, _ string) {}
func (nowhere) Update(_, _ map[string]any, _ string)  {}
func (nowhere) Result(_, _ map[string]any)            {}
func (nowhere) Error(string, string, []string)        {}
func (nowhere) Clear(bool)                            {}
func (nowhere) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("nobody to ask")
}
