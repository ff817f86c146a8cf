package timeline

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// A chromeEvent is one of the Trace Event Format that chrome://tracing and
// Perfetto read; times are in microseconds.
type chromeEvent struct {
	Name  string         `json:"name"`
	Phase string         `json:"ph"`
	Time  float64        `json:"ts"`
	Dur   float64        `json:"dur,omitempty"`
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	ID    int            `json:"id,omitempty"`
	Bind  string         `json:"bp,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

// WriteChrome writes the timeline as Chrome's JSON: a thread for each goroutine,
// a slice for each of its states, a flow for each wake-up, and a counter of the
// running and the ready. https://ui.perfetto.dev opens it.
func (t *Timeline) WriteChrome(w io.Writer) error {
	us := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	var events []chromeEvent
	add := func(e chromeEvent) {
		e.PID = 1
		events = append(events, e)
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		add(chromeEvent{Name: "thread_name", Phase: "M", TID: i + 1, Args: map[string]any{"name": r.label()}})
		add(chromeEvent{Name: "thread_sort_index", Phase: "M", TID: i + 1, Args: map[string]any{"sort_index": i}})
		for _, s := range r.Spans {
			args := map[string]any{}
			if s.Why != "" {
				args["why"] = s.Why
			}
			if s.At.Line > 0 {
				args["at"] = s.At.String()
			}
			add(chromeEvent{Name: s.State.String(), Phase: "X", Time: us(s.From), Dur: us(s.To - s.From), TID: i + 1, Args: args})
		}
	}
	for i, e := range t.Edges {
		// A flow binds to the slice around its time: just before, on who wakes,
		// and at it, on who is woken.
		add(chromeEvent{Name: "wake", Phase: "s", Time: us(e.At) - 0.001, TID: e.From + 1, ID: i + 1})
		add(chromeEvent{Name: "wake", Phase: "f", Bind: "e", Time: us(e.At), TID: e.To + 1, ID: i + 1})
	}
	for _, c := range t.Counts {
		add(chromeEvent{Name: "at once", Phase: "C", Time: us(c.At), Args: map[string]any{"running": c.Running, "ready": c.Runnable}})
	}
	err := json.NewEncoder(w).Encode(map[string]any{"traceEvents": events, "displayTimeUnit": "ms",
		"otherData": map[string]any{"summary": t.Summary()}})
	if err != nil {
		return fmt.Errorf("write the timeline: %w", err)
	}
	return nil
}
