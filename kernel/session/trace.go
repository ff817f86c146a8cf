package session

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"gopark/helpers/timeline"
	"gopark/kernel/cell"
)

// tracing is what %trace asks for.
type tracing struct {
	on   bool
	file string // where the trace is kept; "" nowhere
}

func setTrace(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	switch {
	case len(words) == 0:
	case len(words) == 2 && words[0] == "-o":
		x.trace.file = words[1]
	default:
		return errors.New("only -o and the name of a file can follow")
	}
	x.trace.on = true
	return nil
}

// cannotTrace says why a cell that asks for a picture of its run gets none; ""
// when it does.
func (x *execution) cannotTrace(p *cell.Program, b Build) string {
	switch {
	case p.Kind == cell.Tests:
		return "%trace draws programs, not tests: go test has -trace for those"
	case b.Fallback != "":
		return "%trace draws nothing of programs that go build has built: " + b.Fallback
	case x.repeat > 0:
		return "%trace draws one run: leave %repeat away"
	}
	return ""
}

// drawTrace shows what the goroutines of a traced program did, and keeps the
// trace where that was asked for.
func (x *execution) drawTrace(data []byte) {
	t, err := timeline.Read(data)
	if x.trace.file != "" {
		x.keepTrace(data, t)
	}
	if err != nil {
		why := "the program ended before its trace was written: the runtime writes it once a second, and when main returns"
		if len(data) > 0 && !errors.Is(err, timeline.ErrNoMark) {
			why = err.Error()
		}
		x.note("no timeline: " + why)
		return
	}
	// The trace's own goroutines are none of the cell's.
	x.report.Created, x.report.AtMost = len(t.Rows), 0
	x.out.Display(t.Chart("What the goroutines did").Bundle(), nil, "")
	if lints := t.Lints(); len(lints) > 0 {
		x.out.Display(map[string]any{"text/html": timeline.LintsHTML(lints), "text/plain": "- " + strings.Join(lints, "\n- ")}, nil, "")
	}
}

// keepTrace writes the trace for go tool trace, and beside it for Perfetto what
// was read of it; t is nil when that is nothing.
func (x *execution) keepTrace(data []byte, t *timeline.Timeline) {
	path := x.resolve(x.trace.file)
	err := os.WriteFile(path, data, 0o666)
	if err != nil {
		x.note("%trace: the trace is not kept: " + err.Error())
		return
	}
	text := fmt.Sprintf("wrote %s: go tool trace %[1]s", x.trace.file)
	if t != nil {
		f, err := os.Create(path + ".json")
		if err == nil {
			err = errors.Join(t.WriteChrome(f), f.Close())
		}
		if err != nil {
			x.note("%trace: not kept for Perfetto: " + err.Error())
		} else {
			text += fmt.Sprintf("; and %s.json: https://ui.perfetto.dev opens it", x.trace.file)
		}
	}
	x.note(text)
}
