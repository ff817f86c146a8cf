package jupyter

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the transcripts in testdata/transcripts")

// A transcript is a conversation as a front end sees it. Its ids are replaced
// by names, and what differs from run to run is left out.
type transcript struct {
	strings.Builder
	*front
	log   *logged
	names map[string]string
}

func (tr *transcript) name(id, name string) string {
	tr.names[id] = name
	return id
}

func (tr *transcript) note(channel string, m message) {
	parent := tr.names[m.parentID]
	if m.parentID == "" {
		parent = "-"
	}
	metadata := ""
	if m.metadata["started"] != nil {
		m.metadata["started"] = "…"
	}
	if len(m.metadata) > 0 {
		metadata = fmt.Sprint(" metadata ", m.metadata)
	}
	fmt.Fprintf(tr, "%-7s %-4s %-20s %s%s\n", channel, parent, m.kind, m.raw, metadata)
}

// iopub notes what is published up to the idle of a request.
func (tr *transcript) toIdle(id string) {
	tr.t.Helper()
	for _, m := range tr.untilIdle(id) {
		tr.note("iopub", m)
	}
}

func (tr *transcript) replies(n int) {
	tr.t.Helper()
	for range n {
		tr.note("shell", tr.receive(tr.shell))
	}
}

// TestTranscripts compares whole conversations, in their order, with files.
func TestTranscripts(t *testing.T) {
	data := map[string]any{"text/plain": "42", "text/html": "<b>42</b>"}
	running, tell := make(chan struct{}, 1), make(chan struct{})
	k := &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
		"everything": func(_ context.Context, req ExecuteRequest, out Publisher) ExecuteReply {
			out.Stream("stdout", "é\n")
			out.Stream("stderr", "warning\n")
			out.Stream("stdout", "")
			out.Display(data, nil, "d1")
			out.Update(map[string]any{"application/json": map[string]any{"x": 1}}, map[string]any{"isolated": true}, "d1")
			out.Clear(true)
			out.Result(data, nil)
			return ExecuteReply{
				Payload:         []map[string]any{{"source": "page", "data": data, "start": 0}},
				UserExpressions: map[string]any{"x": object{"status": "ok", "data": object{"text/plain": req.UserExpressions["x"]}, "metadata": object{}}},
				Metadata:        map[string]any{"gopark": object{"goroutines": 3}},
			}
		},
		"fail": fail,
		"fail when told": func(ctx context.Context, req ExecuteRequest, out Publisher) ExecuteReply {
			running <- struct{}{}
			<-tell
			return fail(ctx, req, out)
		},
		"panic": func(context.Context, ExecuteRequest, Publisher) ExecuteReply { panic("a bug") },
		"forgets": func(context.Context, ExecuteRequest, Publisher) ExecuteReply {
			return ExecuteReply{Failure: &Failure{Name: "Exit", Value: "exit status 1"}}
		},
		"wait": untilStopped(running),
		"ask": func(ctx context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
			name, err := out.Input(ctx, "Your name? ", false)
			out.Stream("stdout", fmt.Sprintf("%s %v", name, err))
			return ExecuteReply{}
		},
	}}
	for name, converse := range map[string]func(tr *transcript){
		"execute": func(tr *transcript) {
			id := tr.name(tr.send(tr.shell, "execute_request", object{"code": "everything", "user_expressions": object{"x": "6*7"}}), "r1")
			tr.toIdle(id)
			tr.replies(1)
		},
		"quiet": func(tr *transcript) {
			for i, content := range []object{
				{"code": "everything", "silent": true},
				{"code": "fail", "silent": true},
				{"code": "unremembered", "store_history": false},
				{"code": "counted"},
				{"code": ""},
			} {
				tr.toIdle(tr.name(tr.send(tr.shell, "execute_request", content), fmt.Sprint("r", i+1)))
				tr.replies(1)
			}
			tr.name(tr.send(tr.shell, "history_request", object{"hist_access_type": "tail", "n": 10, "output": true, "raw": true}), "h")
			tr.replies(1)
		},
		"stop_on_error": func(tr *transcript) {
			tr.name(tr.run("fail when told"), "r1")
			<-running
			tr.name(tr.run("not run"), "r2")
			last := tr.name(tr.run("nor this"), "r3")
			tell <- struct{}{}
			tr.toIdle(last)
			tr.replies(3)
			tr.toIdle(tr.name(tr.run("runs again"), "r4"))
			tr.replies(1)
			tr.name(tr.send(tr.shell, "execute_request", object{"code": "fail when told", "stop_on_error": false}), "r5")
			<-running
			last = tr.name(tr.run("runs all the same"), "r6")
			tell <- struct{}{}
			tr.toIdle(last)
			tr.replies(2)
		},
		"errors": func(tr *transcript) {
			for i, code := range []string{"fail", "panic", "forgets"} {
				tr.toIdle(tr.name(tr.run(code), fmt.Sprint("r", i+1)))
				tr.replies(1)
			}
		},
		"busy": func(tr *transcript) {
			tr.name(tr.run("wait"), "cell")
			<-running
			for _, r := range []struct {
				kind    string
				content object
			}{
				{"kernel_info_request", object{}},
				{"is_complete_request", object{"code": "for {"}},
				{"is_complete_request", object{"code": "f()"}},
				{"complete_request", object{"code": "fmt.🙂P", "cursor_pos": 6}},
				{"inspect_request", object{"code": "é", "cursor_pos": 99, "detail_level": 1}},
				{"comm_info_request", object{}},
				{"history_request", object{"hist_access_type": "search", "pattern": "*", "output": false, "raw": true}},
			} {
				tr.toIdle(tr.name(tr.send(tr.shell, r.kind, r.content), "ask"))
				tr.replies(1)
			}
			id := tr.name(tr.send(tr.ctl, "kernel_info_request", object{}), "ctl")
			tr.note("control", tr.receive(tr.ctl))
			tr.toIdle(id)
			tr.Builder.WriteString("--\n")
			tr.send(tr.ctl, "interrupt_request", object{})
			tr.receive(tr.ctl)
			tr.replies(1)
		},
		"comm": func(tr *transcript) {
			for i, kind := range []string{"comm_open", "comm_msg", "comm_close", "made_up", "debug_request"} {
				id := tr.send(tr.shell, kind, object{"comm_id": "c", "target_name": "nobody", "data": object{}})
				tr.toIdle(tr.name(id, fmt.Sprint("r", i+1)))
			}
			tr.toIdle(tr.name(tr.send(tr.ctl, "made_up_request", object{}), "r6"))
		},
		"stdin": func(tr *transcript) {
			tr.name(tr.send(tr.shell, "execute_request", object{"code": "ask", "allow_stdin": true}), "r1")
			question := tr.receive(tr.stdin)
			tr.note("stdin", question)
			tr.send(tr.stdin, "input_reply", object{"value": "Gopher"})
			tr.replies(1)
			tr.toIdle(tr.name(tr.send(tr.shell, "execute_request", object{"code": "ask"}), "r2"))
			tr.replies(1)
			// A late answer to nobody, then an interrupted question.
			tr.send(tr.stdin, "input_reply", object{"value": "late"})
			for !strings.Contains(tr.log.String(), "nobody waits for") {
				runtime.Gosched()
			}
			id := tr.name(tr.send(tr.shell, "execute_request", object{"code": "ask", "allow_stdin": true}), "r3")
			tr.receive(tr.stdin)
			tr.send(tr.ctl, "interrupt_request", object{})
			tr.receive(tr.ctl)
			tr.replies(1)
			for _, m := range tr.untilIdle(id) {
				if m.kind == "stream" {
					tr.note("iopub", m)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, k)
			tr := &transcript{front: p.open("front-end"), log: p.log, names: make(map[string]string)}
			if m := tr.published(); m.content["execution_state"] != "starting" {
				t.Errorf("first status %+v", m)
			}
			converse(tr)
			file := filepath.Join("testdata", "transcripts", name+".txt")
			if *update {
				os.MkdirAll(filepath.Dir(file), 0o777)
				if err := os.WriteFile(file, []byte(tr.String()), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(tr.String(), "\n")); diff != "" {
				t.Errorf("-%s +now:\n%s\nlog:\n%s", file, diff, p.log)
			}
		})
	}
}
