package main

import (
	"testing"

	"gopark/kernel/jupyter"
	"gopark/kernel/session"
)

// silent is a front end that nobody looks at.
type silent struct{ jupyter.Publisher }

func (silent) Stream(string, string) {}

func (silent) Display(map[string]any, map[string]any, string) {}

// What draws charts starts with a cell that may show one, and with no other. The
// cells are such as need no engine.
func TestServedSessionWarms(t *testing.T) {
	warmed := 0
	k := &servedSession{Session: session.New(session.Options{}), warm: func() { warmed++ }}
	for _, c := range []struct {
		code string
		want int
	}{
		{"%timeout", 0},
		{"// helpers.Chart\n%timeout", 1},
		{"%timeout", 1},
	} {
		k.Execute(t.Context(), jupyter.ExecuteRequest{Code: c.code, Count: 1}, silent{})
		if warmed != c.want {
			t.Errorf("after %s: warmed %d times, want %d", c.code, warmed, c.want)
		}
	}
}
