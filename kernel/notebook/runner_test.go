package notebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gopark/kernel/session"
)

type publisher = session.Publisher

// A script is a kernel that does for each cell's text what the test says.
type script map[string]func(context.Context, publisher) Reply

func (s script) Execute(ctx context.Context, req Request, out publisher) Reply {
	f, ok := s[req.Code]
	if !ok {
		panic("the runner asked for a cell that the test did not expect: " + req.Code)
	}
	return f(ctx, out)
}

func ok(context.Context, publisher) Reply { return Reply{Status: "ok"} }

func fails(_ context.Context, out publisher) Reply {
	out.Error("Panic", "boom", []string{"panic: boom", "cell [1] line 2"})
	return Reply{Status: "error", Name: "Panic", Value: "boom", Traceback: []string{"panic: boom", "cell [1] line 2"}}
}

// hangs until it is interrupted, and says so.
func hangs(ctx context.Context, out publisher) Reply {
	<-ctx.Done()
	out.Error("Interrupted", "stopped", nil)
	return Reply{Status: "error", Name: "Interrupted", Value: "stopped"}
}

// notebookWith has a code cell for each source; a word after # in it is a tag.
func notebookWith(sources ...string) *Notebook {
	nb := &Notebook{Minor: 5, Metadata: map[string]any{}}
	for i, src := range sources {
		src, tag, tagged := strings.Cut(src, "#")
		c := &Cell{ID: fmt.Sprintf("c%d", i), Type: Code, Source: src, Metadata: map[string]any{}}
		if tagged {
			c.Metadata["tags"] = []any{tag}
		}
		nb.Cells = append(nb.Cells, c)
	}
	return nb
}

func outcomes(s Summary) string {
	var list []string
	for _, c := range s.Cells {
		list = append(list, string(c.Outcome))
	}
	return strings.Join(list, ", ")
}

func TestRunStops(t *testing.T) {
	kernel := script{"good": ok, "bad": fails, "hang": hangs, "stubborn": func(ctx context.Context, _ publisher) Reply {
		<-ctx.Done()
		return Reply{Status: "ok"}
	}}
	for _, tt := range []struct {
		name     string
		cells    []string
		metadata string // the notebook's execution settings
		allow    bool
		want     string // the outcomes
		err      string
	}{
		{name: "all good", cells: []string{"good", "good"}, want: "ok, ok"},
		{name: "blank cells are none", cells: []string{" \n", "good"}, want: "ok"},
		{name: "first error", cells: []string{"good", "bad", "good"}, want: "ok, failed", err: "cell [2]: Panic: boom"},
		{name: "allowed", cells: []string{"bad", "good"}, allow: true, want: "failed, ok"},
		{name: "allowed by metadata", cells: []string{"bad", "good"}, metadata: `{"allow_errors": true}`, want: "failed, ok"},
		{name: "expected", cells: []string{"bad#raises-exception", "good"}, want: "expected error, ok"},
		{name: "expected, but good", cells: []string{"good#raises-exception"}, want: "ok"},
		{name: "skipped", cells: []string{"bad#skip-execution", "good"}, want: "skipped, ok"},
		{name: "hangs", cells: []string{"hang", "good"}, want: "timed out", err: "cell [1]: ran longer than 1m0s and was interrupted"},
		{name: "hangs but ends well", cells: []string{"stubborn"}, want: "timed out", err: "cell [1]: ran longer than 1m0s and was interrupted"},
		{name: "hanging is never expected", cells: []string{"hang#raises-exception"}, want: "timed out", err: "cell [1]: ran longer than 1m0s and was interrupted"},
		{name: "hangs, errors allowed", cells: []string{"hang", "bad", "good"}, allow: true, want: "timed out, failed, ok", err: "cell [1]: ran longer than 1m0s and was interrupted"},
		{name: "timeout of the notebook", cells: []string{"hang"}, metadata: `{"timeout": 1.5}`, want: "timed out", err: "cell [1]: ran longer than 1.5s and was interrupted"},
		{name: "bad timeout", cells: []string{"good"}, metadata: `{"timeout": "1m"}`, err: "the notebook's metadata: execution.timeout: want seconds, found text"},
		{name: "bad allow_errors", cells: []string{"good"}, metadata: `{"allow_errors": 1}`, err: "the notebook's metadata: execution.allow_errors: want true or false, found the number 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nb := notebookWith(tt.cells...)
				if tt.metadata != "" {
					v, err := parseJSON([]byte(tt.metadata))
					if err != nil {
						t.Fatal(err)
					}
					nb.Metadata["execution"] = v
				}
				sum, err := (&Runner{Kernel: kernel, AllowErrors: tt.allow}).Run(t.Context(), nb)
				if got := outcomes(sum); got != tt.want {
					t.Errorf("outcomes: %s; want %s", got, tt.want)
				}
				if msg := fmt.Sprint(err); msg != tt.err && (err != nil || tt.err != "") {
					t.Errorf("error: %s; want %s", msg, tt.err)
				}
			})
		})
	}
}

func TestRunStoresErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kernel := script{
			"bad": fails,
			"silent": func(context.Context, publisher) Reply {
				return Reply{Status: "error", Name: "Killed", Value: "out of memory", Traceback: []string{"killed"}}
			},
			"late": func(ctx context.Context, _ publisher) Reply { <-ctx.Done(); return Reply{Status: "ok"} },
		}
		nb := notebookWith("bad", "silent", "late")
		_, err := (&Runner{Kernel: kernel, AllowErrors: true, Timeout: 2 * time.Second}).Run(t.Context(), nb)
		var cell *CellError
		if !errors.As(err, &cell) || cell.Index != 2 || cell.Limit != 2*time.Second {
			t.Errorf("error %v, want a CellError for the third cell", err)
		}
		want := [][]Output{
			{{"output_type": "error", "ename": "Panic", "evalue": "boom", "traceback": []any{"panic: boom", "cell [1] line 2"}}},
			{{"output_type": "error", "ename": "Killed", "evalue": "out of memory", "traceback": []any{"killed"}}},
			{{"output_type": "error", "ename": "Timeout", "evalue": "the cell ran longer than 2s and was interrupted",
				"traceback": []any{"the cell ran longer than 2s and was interrupted"}}},
		}
		for i, w := range want {
			if diff := cmp.Diff(w, nb.Cells[i].Outputs); diff != "" {
				t.Errorf("cell %d (-want +got):\n%s", i, diff)
			}
		}
	})
}

func TestRunLeavesTheRestAlone(t *testing.T) {
	nb := notebookWith("bad", "never", "skip#skip-execution")
	old := Output{"output_type": "stream", "name": "stdout", "text": "old"}
	seven := 7
	for _, c := range nb.Cells {
		c.Outputs, c.ExecutionCount = []Output{old}, &seven
		c.Metadata["execution"] = map[string]any{"iopub.status.busy": "then"}
	}
	if _, err := (&Runner{Kernel: script{"bad": fails}}).Run(t.Context(), nb); err == nil {
		t.Error("no error")
	}
	for _, c := range nb.Cells[1:] {
		if diff := cmp.Diff([]Output{old}, c.Outputs); diff != "" || *c.ExecutionCount != 7 {
			t.Errorf("cell %s changed: count %d %s", c.ID, *c.ExecutionCount, diff)
		}
	}
	if c := nb.Cells[0]; *c.ExecutionCount != 1 || c.Outputs[0].Type() != "error" {
		t.Errorf("the cell that ran: count %d, outputs %v", *c.ExecutionCount, c.Outputs)
	}
}

func TestRunCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("somebody pressed Ctrl-C")
	kernel := script{"wait": func(ctx context.Context, out publisher) Reply {
		cancel(stop)
		return hangs(ctx, out)
	}}
	sum, err := (&Runner{Kernel: kernel}).Run(ctx, notebookWith("wait", "never"))
	if !errors.Is(err, stop) || len(sum.Cells) != 1 || sum.Cells[0].Outcome != Failed {
		t.Errorf("error %v, summary %v", err, sum)
	}
}

func TestTiming(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 8000, time.FixedZone("", 3600))
	clock := at.Add(-time.Second)
	run := &Runner{
		Kernel: script{"a": func(context.Context, publisher) Reply {
			return Reply{Status: "ok", Metadata: map[string]any{"started": "as sent"}}
		}},
		Now: func() time.Time { clock = clock.Add(time.Second); return clock },
	}
	nb := notebookWith("a")
	sum, err := run.Run(t.Context(), nb)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"iopub.status.busy":           "2026-03-04T04:06:08.000008Z",
		"iopub.execute_input":         "2026-03-04T04:06:08.000008Z",
		"shell.execute_reply.started": "as sent",
		"shell.execute_reply":         "2026-03-04T04:06:09.000008Z",
		"iopub.status.idle":           "2026-03-04T04:06:09.000008Z",
	}
	if diff := cmp.Diff(want, nb.Cells[0].Metadata["execution"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if sum.Cells[0].Duration != time.Second || sum.Duration != 3*time.Second {
		t.Errorf("durations %v and %v", sum.Cells[0].Duration, sum.Duration)
	}
	run.OmitTiming = true
	if _, err := run.Run(t.Context(), nb); err != nil || nb.Cells[0].Metadata["execution"] != nil {
		t.Errorf("timing %v although omitted (%v)", nb.Cells[0].Metadata["execution"], err)
	}
}

func TestProgressAndSummary(t *testing.T) {
	nb := notebookWith("a", "b#skip-execution", "bad", "c")
	nb.Cells = append(nb.Cells[:1], append([]*Cell{{ID: "m", Type: Markdown, Source: "# x"}}, nb.Cells[1:]...)...)
	var seen []string
	run := &Runner{
		Kernel:       script{"a": ok, "bad": fails},
		LanguageInfo: map[string]any{"name": "go", "version": []string{"1"}},
		Progress: func(p Progress) {
			s := fmt.Sprintf("%d/%d %s", p.Number, p.Total, p.Cell.ID)
			if p.Result != nil {
				s += fmt.Sprintf(" %s %d %d", p.Result.Outcome, p.Result.Index, p.Result.Count)
			}
			seen = append(seen, s)
		},
		Now: func() time.Time { return time.Unix(0, 0) },
	}
	sum, err := run.Run(t.Context(), nb)
	if err == nil {
		t.Error("no error")
	}
	want := []string{"1/4 c0", "1/4 c0 ok 0 1", "2/4 c1", "2/4 c1 skipped 2 0", "3/4 c2", "3/4 c2 failed 3 2"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	if got, want := sum.String(), "4 cells in 0s: 1 ok, 1 failed, 1 skipped, 1 not run"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
	if diff := cmp.Diff(map[string]any{"name": "go", "version": []any{"1"}}, nb.Metadata["language_info"]); diff != "" {
		t.Errorf("language_info (-want +got):\n%s", diff)
	}
}

// The package must build for a browser: nothing that it reaches starts processes
// or opens sockets.
func TestNoProcessNoSocket(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Standard", ".")
	cmd.Env = append(cmd.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var p struct{ ImportPath string }
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		switch p.ImportPath {
		case "os/exec", "net", "net/http", "gopark/kernel/process", "gopark/kernel/zmtp":
			t.Errorf("kernel/notebook reaches %s", p.ImportPath)
		}
	}
}
