package jupyter

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// subshell makes a subshell and returns its id.
func (f *front) subshell() string {
	f.t.Helper()
	content := f.ask("", "create_subshell_request", object{})
	id, _ := content["subshell_id"].(string)
	if content["status"] != "ok" || id == "" {
		f.t.Fatalf("create_subshell_reply: %v", content)
	}
	return id
}

func (f *front) subshells() []any {
	f.t.Helper()
	list, ok := f.ask("", "list_subshell_request", object{})["subshell_id"].([]any)
	if !ok {
		f.t.Fatal("list_subshell_reply without a list")
	}
	return list
}

// TestSubshells makes, lists and deletes them.
func TestSubshells(t *testing.T) {
	f := serve(t, &fake{}).open("front-end")
	f.reply(f.send(f.shell, "kernel_info_request", object{}))
	if list := f.subshells(); len(list) != 0 {
		t.Errorf("subshells at the beginning: %v", list)
	}
	a, b := f.subshell(), f.subshell()
	if list := f.subshells(); len(list) != 2 || !slices.Contains(list, any(a)) || !slices.Contains(list, any(b)) {
		t.Errorf("made %s and %s, listed %v", a, b, list)
	}
	if got := f.ask("", "delete_subshell_request", object{"subshell_id": a}); got["status"] != "ok" {
		t.Errorf("delete_subshell_reply: %v", got)
	}
	if list := f.subshells(); len(list) != 1 || list[0] != b {
		t.Errorf("after deleting one: %v", list)
	}
	for _, id := range []any{a, "", "unknown", nil, 1} {
		if got := f.ask("", "delete_subshell_request", object{"subshell_id": id}); got["status"] != "error" {
			t.Errorf("deleting %v: %v", id, got)
		}
	}
}

// TestSubshellFeature: a kernel that runs one cell at a time says so.
func TestSubshellFeature(t *testing.T) {
	for _, single := range []bool{false, true} {
		f := serve(t, &fake{single: single}).open("front-end")
		m := f.reply(f.send(f.shell, "kernel_info_request", object{}))
		features, _ := m.content["supported_features"].([]any)
		if has := slices.Contains(features, any(subshellFeature)); has == single {
			t.Errorf("single %v: features %v", single, features)
		}
		if got := f.ask("", "create_subshell_request", object{}); (got["status"] == "error") != single {
			t.Errorf("single %v: %v", single, got)
		}
	}
}

// TestCellsBesideABusyOne runs cells in a subshell while the main shell's
// waits; each has its own outputs, and the counts are shared.
func TestCellsBesideABusyOne(t *testing.T) {
	running := make(chan struct{}, 8)
	f := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
		"wait": untilStopped(running),
	}}).open("front-end")
	sub := f.subshell()
	waiting := f.run("wait")
	<-running
	for i := range 3 {
		id := f.sendTo(f.shell, sub, "execute_request", object{"code": "beside"})
		m := f.reply(id)
		if m.content["status"] != "ok" || m.content["execution_count"] != float64(2+i) {
			t.Errorf("reply %v", m.content)
		}
		var got []any
		for _, m := range f.untilIdle(id) {
			if m.parentID == id {
				got = append(got, m.kind)
			}
		}
		if fmt.Sprint(got) != "[status execute_input stream status]" {
			t.Errorf("published %v", got)
		}
		// The main shell is still busy, and that is what is shown last.
		if m := f.published(); m.parentID != waiting || m.content["execution_state"] != "busy" {
			t.Errorf("after idle: %s %v", m.parentID, m.content)
		}
	}
	// Everything else that a subshell is asked is answered at once, too.
	for _, kind := range []string{"complete_request", "inspect_request", "is_complete_request", "comm_info_request", "history_request"} {
		if m := f.reply(f.sendTo(f.shell, sub, kind, object{"code": "x"})); m.content["status"] == "error" {
			t.Errorf("%s: %v", kind, m.content)
		}
	}
	f.ask("", "interrupt_request", object{})
	if m := f.reply(waiting); m.content["evalue"] != ErrInterrupted.Error() {
		t.Errorf("the waiting cell: %v", m.content)
	}
}

// TestUnknownSubshell gets an error for each request, and nothing runs.
func TestUnknownSubshell(t *testing.T) {
	f := serve(t, &fake{}).open("front-end")
	for _, kind := range []string{"execute_request", "complete_request", "kernel_info_request"} {
		id := f.sendTo(f.shell, "nowhere", kind, object{"code": "x"})
		m := f.reply(id)
		if m.content["status"] != "error" || m.content["ename"] != "SubshellNotFound" {
			t.Errorf("%s: %v", kind, m.content)
		}
		if _, ok := m.content["execution_count"]; ok != (kind == "execute_request") {
			t.Errorf("%s: %v", kind, m.content)
		}
		var kinds []string
		for _, m := range f.untilIdle(id) {
			if m.parentID == id {
				kinds = append(kinds, m.kind)
			}
		}
		if fmt.Sprint(kinds) != "[status status]" {
			t.Errorf("%s published %v", kind, kinds)
		}
	}
	if got := f.ask("nowhere", "interrupt_request", object{}); got["status"] != "error" {
		t.Errorf("interrupt_request: %v", got)
	}
}

// TestInterruptOfSubshells: one that names a subshell stops that alone, one
// that names none stops all.
func TestInterruptOfSubshells(t *testing.T) {
	running := make(chan struct{}, 8)
	f := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
		"wait": untilStopped(running),
	}}).open("front-end")
	a, b := f.subshell(), f.subshell()
	start := func(sub string) string {
		id := f.sendTo(f.shell, sub, "execute_request", object{"code": "wait"})
		<-running
		return id
	}
	main, inA, inB := start(""), start(a), start(b)
	behind := f.sendTo(f.shell, a, "execute_request", object{"code": "behind"})
	// What is queued behind is known to be there once a later request is answered.
	f.reply(f.send(f.shell, "is_complete_request", object{"code": ""}))
	f.ask(a, "interrupt_request", object{})
	if m := f.reply(inA); m.content["evalue"] != ErrInterrupted.Error() {
		t.Errorf("the cell of the subshell: %v", m.content)
	}
	if m := f.reply(behind); m.content["status"] != "aborted" {
		t.Errorf("the cell behind it: %v", m.content)
	}
	inA = start(a)
	f.ask("", "interrupt_request", object{})
	stopped := map[string]bool{}
	for range 3 {
		m := f.receive(f.shell)
		stopped[m.parentID] = m.content["evalue"] == ErrInterrupted.Error()
	}
	for _, id := range []string{main, inA, inB} {
		if !stopped[id] {
			t.Errorf("%s was not stopped: %v", id, stopped)
		}
	}
}

// TestDeletingABusySubshell stops its cell and answers what waits there.
func TestDeletingABusySubshell(t *testing.T) {
	running := make(chan struct{}, 8)
	p := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
		"wait": untilStopped(running),
	}})
	f := p.open("front-end")
	sub := f.subshell()
	first := f.sendTo(f.shell, sub, "execute_request", object{"code": "wait"})
	<-running
	second := f.sendTo(f.shell, sub, "execute_request", object{"code": "behind"})
	f.reply(f.send(f.shell, "is_complete_request", object{"code": ""}))
	f.ask("", "delete_subshell_request", object{"subshell_id": sub})
	if m := f.reply(first); m.content["evalue"] != ErrInterrupted.Error() {
		t.Errorf("the running cell: %v", m.content)
	}
	if m := f.reply(second); m.content["status"] != "aborted" {
		t.Errorf("the cell behind it: %v", m.content)
	}
	if m := f.reply(f.sendTo(f.shell, sub, "execute_request", object{"code": "late"})); m.content["ename"] != "SubshellNotFound" {
		t.Errorf("a cell for a deleted subshell: %v", m.content)
	}
}

// TestQuestionsOfTwoCells: a front end is asked one question at a time, and
// the first answer is the first question's.
func TestQuestionsOfTwoCells(t *testing.T) {
	running := make(chan string, 3)
	f := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
		"ask": func(ctx context.Context, req ExecuteRequest, out Publisher) ExecuteReply {
			running <- req.Subshell
			value, err := out.Input(ctx, req.Subshell, false)
			if err != nil {
				value = err.Error()
			}
			out.Stream("stdout", value)
			return ExecuteReply{}
		},
	}}).open("front-end")
	subs := []string{f.subshell(), f.subshell(), f.subshell()}
	ask := func(sub string) string {
		return f.sendTo(f.shell, sub, "execute_request", object{"code": "ask", "allow_stdin": true})
	}
	cells := map[string]string{} // by prompt
	for _, sub := range subs {
		cells[sub] = ask(sub)
	}
	for range subs {
		<-running // an interrupt stops only what runs
	}
	first := f.receive(f.stdin)
	prompt := first.content["prompt"].(string)
	// The second is abandoned before its turn comes.
	var gone string
	for _, sub := range subs {
		if sub != prompt {
			gone = sub
		}
	}
	f.ask(gone, "interrupt_request", object{})
	f.reply(cells[gone])
	f.send(f.stdin, "input_reply", object{"value": "one"})
	f.reply(cells[prompt])
	last := f.receive(f.stdin).content["prompt"].(string)
	if last == prompt || last == gone {
		t.Errorf("asked again for %q", last)
	}
	f.send(f.stdin, "input_reply", object{"value": "two"})
	f.reply(cells[last])
	want := map[string]string{cells[prompt]: "one", cells[last]: "two", cells[gone]: "interrupted"}
	for len(want) > 0 {
		if m := f.published(); m.kind == "stream" {
			if m.content["text"] != want[m.parentID] {
				t.Errorf("cell %s got %q, want %q", m.parentID, m.content["text"], want[m.parentID])
			}
			delete(want, m.parentID)
		}
	}
}

// TestEndWithBusySubshells: a shutdown stops the cells of all of them.
func TestEndWithBusySubshells(t *testing.T) {
	running := make(chan struct{}, 8)
	p := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
		"wait": untilStopped(running),
	}})
	f := p.open("front-end")
	for _, sub := range []string{"", f.subshell(), f.subshell()} {
		f.sendTo(f.shell, sub, "execute_request", object{"code": "wait"})
		<-running
	}
	f.send(f.ctl, "shutdown_request", object{"restart": false})
	if err := <-p.served; err != nil {
		t.Error(err)
	}
}
