package chart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/dop251/goja"

	"gopark/kernel/labextension"
)

// Limits of one chart. A timeline of 16 goroutines is about 60 KB of JSON and
// takes a quarter of a second.
const (
	MaxJSON  = 4 << 20         // bytes of a chart
	MaxSVG   = 8 << 20         // bytes of a picture
	MaxTime  = 5 * time.Second // to draw it
	MinWidth = 100             // CSS pixels
	MaxWidth = 4000            // CSS pixels
)

// maxStack bounds the depth of JavaScript calls: ECharts needs about a hundred,
// and each may cost Go stack.
const maxStack = 2000

var (
	// ErrClosed is returned for charts that come after Close.
	ErrClosed = errors.New("the chart renderer is closed")
	errSlow   = fmt.Errorf("the chart took longer than %v to draw", MaxTime)
)

// A Renderer draws charts, one after the other. Its methods are safe for
// concurrent use. The interpreter belongs to one goroutine, which New starts
// and Close waits for; after a chart that was broken off or that panicked, it is
// thrown away and made again.
//
// The zero value is not usable.
type Renderer struct {
	program  *goja.Program
	limit    time.Duration // MaxTime; tests on busy machines take more
	requests chan request
	stop     chan struct{}
	stopOnce sync.Once
	stopped  chan struct{}
}

type request struct {
	ctx   context.Context
	chart []byte
	width int
	reply chan<- reply // has room for one, so the owner never waits
}

type reply struct {
	svg []byte
	err error
}

// drawFunc is goparkChart in src/ssr.ts.
type drawFunc func(chart string, width int) (string, error)

// New loads the renderer, which takes about 0.2 s of CPU time. It returns
// labextension.ErrNotBuilt if there is nothing to load.
func New() (*Renderer, error) {
	script, err := labextension.Script()
	if err != nil {
		return nil, err
	}
	program, err := goja.Compile("ssr.js", script, false)
	if err != nil {
		return nil, fmt.Errorf("compile the chart renderer: %w", err)
	}
	r := &Renderer{
		program:  program,
		limit:    MaxTime,
		requests: make(chan request),
		stop:     make(chan struct{}),
		stopped:  make(chan struct{}),
	}
	machine, err := r.load()
	if err != nil {
		return nil, err
	}
	go r.own(machine)
	return r, nil
}

// SVG draws a chart, width CSS pixels wide and as high as it says. It waits its
// turn. The picture has an opaque background and a title and description for
// screen readers. An error says what is wrong with the chart, or is ctx's.
func (r *Renderer) SVG(ctx context.Context, chart []byte, width int) ([]byte, error) {
	if err := checkSize(chart, width); err != nil {
		return nil, err
	}
	replies := make(chan reply, 1)
	select {
	case r.requests <- request{ctx, chart, width, replies}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-r.stop:
		return nil, ErrClosed
	}
	// The owner answers soon after ctx has ended: no need to watch it here.
	answer := <-replies
	return answer.svg, answer.err
}

// Close waits for the chart that is being drawn, and frees the interpreter.
func (r *Renderer) Close() {
	r.stopOnce.Do(func() { close(r.stop) })
	<-r.stopped
}

func checkSize(chart []byte, width int) error {
	if len(chart) > MaxJSON {
		return fmt.Errorf("the chart is %.1f MB of JSON, more than the limit of %d MB: draw fewer points",
			float64(len(chart))/(1<<20), MaxJSON>>20)
	}
	if width < MinWidth || width > MaxWidth {
		return fmt.Errorf("a chart %d pixels wide is not possible: from %d to %d are", width, MinWidth, MaxWidth)
	}
	return nil
}

// A machine is an interpreter with ECharts in it.
type machine struct {
	runtime *goja.Runtime
	draw    drawFunc
	random  *rand.PCG
}

func (r *Renderer) load() (*machine, error) {
	m := &machine{runtime: goja.New(), random: new(rand.PCG)}
	m.runtime.SetMaxCallStackSize(maxStack)
	m.runtime.SetRandSource(rand.New(m.random).Float64)
	// zrender wants these to exist; a still picture never needs them to act.
	ignore := func(goja.FunctionCall) goja.Value { return goja.Undefined() }
	for name, value := range map[string]any{
		"self":         m.runtime.GlobalObject(),
		"setTimeout":   ignore,
		"clearTimeout": ignore,
	} {
		if err := m.runtime.Set(name, value); err != nil {
			return nil, fmt.Errorf("load the chart renderer: %w", err)
		}
	}
	if _, err := m.runtime.RunProgram(r.program); err != nil {
		return nil, fmt.Errorf("load the chart renderer: %w", err)
	}
	if err := m.runtime.ExportTo(m.runtime.Get("goparkChart"), &m.draw); err != nil {
		return nil, fmt.Errorf("load the chart renderer: %w", err)
	}
	return m, nil
}

// own is the goroutine that the interpreter belongs to.
func (r *Renderer) own(m *machine) {
	defer close(r.stopped)
	for {
		select {
		case <-r.stop:
			return
		case req := <-r.requests:
			if m == nil {
				var err error
				if m, err = r.load(); err != nil {
					req.reply <- reply{err: err}
					continue
				}
			}
			answer, healthy, err := m.call(req, r.limit)
			if !healthy {
				m = nil
			}
			var svg []byte
			if err == nil {
				svg, err = unpack(answer, req)
			}
			req.reply <- reply{svg, err}
		}
	}
}

// unpack makes a picture of goparkChart's answer.
func unpack(answer string, req request) ([]byte, error) {
	var drawn struct{ SVG, Title, Description, Error string }
	if err := json.Unmarshal([]byte(answer), &drawn); err != nil {
		return nil, fmt.Errorf("the chart renderer answered nonsense: %w", err)
	}
	if drawn.Error != "" {
		return nil, fmt.Errorf("this chart cannot be drawn: %s", drawn.Error)
	}
	if len(drawn.SVG) > MaxSVG {
		return nil, fmt.Errorf("the picture is %.1f MB, more than the limit of %d MB: draw fewer points",
			float64(len(drawn.SVG))/(1<<20), MaxSVG>>20)
	}
	seed := fmt.Appendf(nil, "%d %s", req.width, req.chart)
	return clean([]byte(drawn.SVG), seed, drawn.Title, drawn.Description)
}

// call runs goparkChart until it returns, ctx ends or the time is over. It tells
// whether the machine can be used again: one that was told to stop, even too
// late, cannot.
func (m *machine) call(req request, limit time.Duration) (answer string, healthy bool, err error) {
	ctx, cancel := context.WithTimeoutCause(req.ctx, limit, errSlow)
	defer cancel()
	if ctx.Err() != nil {
		return "", true, context.Cause(ctx) // it ended while the chart waited
	}
	interrupted := make(chan struct{})
	keep := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		m.runtime.Interrupt(context.Cause(ctx))
	})
	defer func() {
		if bug := recover(); bug != nil {
			answer, healthy, err = "", false, fmt.Errorf("the chart renderer failed: %v", bug)
		}
		if !keep() {
			<-interrupted
			healthy = false
		}
	}()
	m.random.Seed(1, 2) // jitter falls the same way each time
	answer, err = m.draw(string(req.chart), req.width)
	switch {
	case ctx.Err() != nil:
		return "", false, context.Cause(ctx)
	case err != nil:
		// src/ssr.ts catches what ECharts throws, so this is something worse.
		return "", false, fmt.Errorf("the chart renderer failed: %w", err)
	}
	return answer, true, nil
}
