package jupyter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopark/kernel/zmtp"
	"gopark/kernel/zmtp/zmtptest"
)

// TestFirstIdleIsHeld asks on shell before it subscribes. What it missed comes
// after the welcome.
func TestFirstIdleIsHeld(t *testing.T) {
	p := serve(t, &fake{})
	f := p.openShell("early")
	id := f.send(f.shell, "kernel_info_request", object{})
	f.reply(id)
	f.subscribe(p)
	var states []any
	for _, m := range f.untilIdle(id) {
		states = append(states, m.content["execution_state"])
	}
	if got := fmt.Sprint(states); got != "[starting busy idle]" {
		t.Errorf("held %s", got)
	}
}

// TestHoldingEnds waits for the second after which nobody is expected.
func TestHoldingEnds(t *testing.T) {
	p := serve(t, &fake{})
	f := p.openShell("early")
	start := time.Now()
	f.reply(f.send(f.shell, "kernel_info_request", object{}))
	if d := time.Since(start); d > holdFor/2 {
		t.Errorf("the reply was held too, for %v", d)
	}
	for {
		p.iopub.heldMu.Lock()
		open := p.iopub.open
		p.iopub.heldMu.Unlock()
		if open {
			break
		}
		if time.Since(start) > 5*holdFor {
			t.Fatal("still holding")
		}
	}
	if d := time.Since(start); d < holdFor*9/10 {
		t.Errorf("held only for %v", d)
	}
	f.subscribe(p)
	id := f.run("now")
	if m := f.published(); m.parentID != id {
		t.Errorf("got an old message: %+v", m)
	}
}

// TestParentHeaderByteForByte sends a header that no encoder would write.
func TestParentHeaderByteForByte(t *testing.T) {
	p := serve(t, &fake{})
	f := p.open("front-end")
	header := "{ \"msg_type\":\"is_complete_request\",\n\t\"subshell_id\": null, \"x\": [1.0, 1e2, \"\\u00e9<>\"], \"msg_id\" : \"m\" }"
	sealed := f.wire.seal([4][]byte{[]byte(header), []byte("{}"), []byte("{}"), []byte(`{"code":""}`)})
	f.raw(f.shell, append(zmtp.Message{[]byte("hop"), []byte("")}, sealed...))
	frames := f.shell.Recv()
	if frames[0] != "hop" || frames[1] != "" || frames[2] != delimiter {
		t.Errorf("identities are not repeated: %q", frames)
	}
	if frames[5] != header {
		t.Errorf("parent header %q, want %q", frames[5], header)
	}
	for _, m := range f.untilIdle("m")[1:] { // after starting
		if m.parent != header {
			t.Errorf("%s: parent header %q", m.kind, m.parent)
		}
	}
}

// TestBadMessagesAreDropped sends what must not be answered, on each channel.
func TestBadMessagesAreDropped(t *testing.T) {
	p := serve(t, &fake{})
	f := p.open("front-end")
	parts := func(header, content string) [4][]byte {
		return [4][]byte{[]byte(header), []byte("{}"), []byte("{}"), []byte(content)}
	}
	const header = `{"msg_id":"x","msg_type":"kernel_info_request"}`
	good := f.wire.seal(parts(header, "{}"))
	wrong := newCodec("another key").seal(parts(header, "{}"))
	unsigned := newCodec("").seal(parts(header, "{}"))
	for _, tt := range []struct {
		why string
		m   zmtp.Message
	}{
		{"wrong signature", wrong},
		{"wrong signature", append(zmtp.Message{[]byte(delimiter), nil}, unsigned[2:]...)},
		{"wrong signature", append(zmtp.Message{[]byte(delimiter), []byte(strings.ToUpper(string(good[1])))}, good[2:]...)},
		{"no delimiter", good[1:]},
		{"no delimiter", zmtp.Message{nil}},
		{"2 frames after the delimiter", good[:3]},
		{"header: invalid character", f.wire.seal(parts("not JSON", "{}"))},
		{"header: json: cannot unmarshal array", f.wire.seal(parts("[]", "{}"))},
		{"header without msg_id", f.wire.seal(parts("{}", "{}"))},
		{"header without msg_id", f.wire.seal(parts("null", "{}"))},
		{"content is not a JSON object", f.wire.seal(parts(header, "null"))},
		{"content is not a JSON object", f.wire.seal(parts(header, "{"))},
		{"content is not a JSON object", f.wire.seal(parts(header, strings.Repeat(`{"a":`, 100_000)))},
		{"header of 65", f.wire.seal(parts(`{"msg_id":"`+strings.Repeat("x", maxHeader)+`","msg_type":"x"}`, "{}"))},
	} {
		if _, err := p.wire.parse(tt.m); err == nil || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("want %q, got %v", tt.why, err)
		}
		for _, c := range []*zmtptest.Client{f.shell, f.ctl, f.stdin} {
			f.raw(c, tt.m)
		}
	}
	f.raw(f.shell, good)
	if m := f.receive(f.shell); m.kind != "kernel_info_reply" || m.parentID != "x" {
		t.Errorf("got %+v", m)
	}
	f.raw(f.shell, good) // a replay
	id := f.send(f.shell, "kernel_info_request", object{})
	f.reply(id)
	seen := 0
	for _, m := range f.untilIdle(id) {
		if m.parentID == "x" {
			seen++
		}
	}
	if seen != 2 {
		t.Errorf("%d messages about a request that came twice, want busy and idle once", seen)
	}
	if n := strings.Count(p.log.String(), "dropped a message"); n != quietBurst {
		t.Errorf("%d lines in the log, want %d:\n%s", n, quietBurst, p.log)
	}
}

// TestMalformedContent is answered, because the sender is genuine.
func TestMalformedContent(t *testing.T) {
	p := serve(t, &fake{})
	f := p.open("front-end")
	for _, kind := range []string{"execute", "complete", "inspect", "is_complete", "history"} {
		id := f.send(f.shell, kind+"_request", object{"code": 1, "n": "x"})
		if m := f.reply(id); m.kind != kind+"_reply" || m.content["ename"] != "MalformedRequest" {
			t.Errorf("%s: got %+v", kind, m)
		}
		f.untilIdle(id)
	}
	id := f.send(f.shell, "comm_open", object{"comm_id": 7})
	f.untilIdle(id)
}

// TestInterrupt stops the running cell and aborts what waits, by a message on
// control and by the method that a signal handler calls.
func TestInterrupt(t *testing.T) {
	running := make(chan struct{}, 1)
	p := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{"wait": untilStopped(running)}})
	f := p.open("front-end")
	for _, interrupt := range []func(){
		func() {
			id := f.send(f.ctl, "interrupt_request", object{})
			if m := f.receive(f.ctl); m.kind != "interrupt_reply" || m.parentID != id || m.content["status"] != "ok" {
				t.Errorf("got %+v", m)
			}
		},
		p.Interrupt,
	} {
		cell := f.run("wait")
		<-running
		// A failure of this one would not abort what waits; the interrupt does.
		queued := []string{f.run("a"), f.run("b")}
		f.reply(f.send(f.shell, "is_complete_request", object{"code": ""})) // so these have arrived
		interrupt()
		if m := f.reply(cell); m.content["evalue"] != ErrInterrupted.Error() {
			t.Errorf("got %+v", m)
		}
		for _, id := range queued {
			if m := f.reply(id); m.content["status"] != "aborted" || m.metadata["status"] != "aborted" {
				t.Errorf("got %+v", m)
			}
		}
		id := f.run("goes on")
		if m := f.reply(id); m.content["status"] != "ok" {
			t.Errorf("got %+v", m)
		}
	}
	p.Interrupt() // with nothing to interrupt
	if m := f.reply(f.run("still here")); m.content["status"] != "ok" {
		t.Errorf("got %+v", m)
	}
}

// TestStopOnErrorReadsWhatHasArrived fails at once, with requests behind that
// arrive in the same packet.
func TestStopOnErrorReadsWhatHasArrived(t *testing.T) {
	p := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{"fail": fail}})
	f := p.open("front-end")
	f.reply(f.run("first, so that the connection is known"))
	for range 20 {
		var packet []byte
		var ids []string
		for _, code := range append([]string{"fail"}, slices.Repeat([]string{"behind"}, 50)...) {
			m, id, err := f.wire.message("execute_request", nil, nil, object{"code": code})
			if err != nil {
				t.Fatal(err)
			}
			packet = append(packet, encode(m)...)
			ids = append(ids, id)
		}
		f.shell.Raw(packet)
		for i, id := range ids {
			if got := f.reply(id).content["status"]; i > 0 && got != "aborted" {
				t.Errorf("request %d behind a failure: %v", i, got)
			}
		}
		if m := f.reply(f.run("afterwards")); m.content["status"] != "ok" {
			t.Errorf("a request after the failure's reply: %+v", m)
		}
	}
}

func TestShutdown(t *testing.T) {
	for _, restart := range []bool{false, true} {
		for _, channel := range []string{"control", "shell"} {
			t.Run(fmt.Sprintf("%s restart=%t", channel, restart), func(t *testing.T) {
				running := make(chan struct{}, 1)
				released := make(chan bool, 1)
				p := serve(t, &fake{
					cells:    map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{"wait": untilStopped(running)},
					shutdown: func(restart bool) { released <- restart },
				})
				f := p.open("front-end")
				cell := f.run("wait")
				<-running
				start := time.Now()
				c := f.ctl
				if channel == "shell" {
					c = f.shell
				}
				id := f.send(c, "shutdown_request", object{"restart": restart})
				if m := f.receive(c); m.parentID != id || m.kind != "shutdown_reply" || m.content["restart"] != restart {
					t.Errorf("got %+v", m)
				}
				published := false
				for _, m := range f.untilIdle(id) {
					published = published || m.kind == "shutdown_reply" && m.content["restart"] == restart
				}
				if !published {
					t.Error("the reply was not published")
				}
				if m := f.reply(cell); m.content["evalue"] != ErrShutdown.Error() {
					t.Errorf("running cell: %+v", m)
				}
				if err := <-p.served; err != nil {
					t.Error(err)
				}
				if d := time.Since(start); d > time.Second {
					t.Errorf("took %v", d)
				}
				if got := <-released; got != restart {
					t.Errorf("kernel was told restart=%t", got)
				}
				f.shell.Closed()
			})
		}
	}
}

// TestStubbornKernel does not stop, and cannot keep Serve.
func TestStubbornKernel(t *testing.T) {
	stop := make(chan struct{})
	running := make(chan struct{})
	p := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
		"deaf": func(context.Context, ExecuteRequest, Publisher) ExecuteReply {
			close(running)
			<-stop
			return ExecuteReply{}
		},
	}})
	f := p.open("front-end")
	f.run("deaf")
	<-running
	start := time.Now()
	f.send(f.ctl, "shutdown_request", object{})
	if err := <-p.served; err == nil || !strings.Contains(err.Error(), "did not stop") {
		t.Errorf("got %v", err)
	}
	if d := time.Since(start); d > 1200*time.Millisecond {
		t.Errorf("took %v", d)
	}
	close(stop)
}

func TestServeEndsWithContext(t *testing.T) {
	s, err := Listen(testConnection, nil)
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("terminated")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := s.Serve(ctx, &fake{}); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

// TestListenWithoutServe binds, keeps requests, and can be closed.
func TestListenWithoutServe(t *testing.T) {
	s, err := Listen(testConnection, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &kernelProcess{Server: s, t: t}
	f := p.openShell("front-end")
	f.run("too early")
	hb := zmtptest.Dial(t, p.addr(s.conn.Heartbeat), "REQ", "")
	hb.Send("", "ping")
	if got := hb.Recv(); got[1] != "ping" {
		t.Errorf("got %q", got)
	}
	s.Close()

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	conn := testConnection
	conn.Control = taken.Addr().(*net.TCPAddr).Port
	if _, err := Listen(conn, nil); err == nil || !strings.HasPrefix(err.Error(), "control: ") {
		t.Errorf("got %v", err)
	}
}

func TestUnixSockets(t *testing.T) {
	conn := Connection{Transport: "ipc", IP: filepath.Join(t.TempDir(), "k"), Shell: 1, IOPub: 2, Stdin: 3, Control: 4, Heartbeat: 5}
	s, err := Listen(conn, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	hb := zmtptest.Dial(t, &net.UnixAddr{Net: "unix", Name: conn.IP + "-5"}, "REQ", "")
	hb.Send("", "ping")
	hb.Recv()
}

// TestSlowCompletionHoldsNobodyUp asks for one, and on the same connection for
// everything else.
func TestSlowCompletionHoldsNobodyUp(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	p := serve(t, &fake{complete: func(ctx context.Context, _ string, _ int) CompleteReply {
		close(asked)
		<-answer
		return CompleteReply{}
	}})
	f := p.open("front-end")
	slow := f.send(f.shell, "complete_request", object{"code": "x"})
	<-asked
	f.reply(f.send(f.shell, "kernel_info_request", object{}))
	f.reply(f.run("a cell"))
	close(answer)
	f.reply(slow)
}

// TestHeartbeatBeatsBesideACell echoes any frames.
func TestHeartbeatBeatsBesideACell(t *testing.T) {
	running := make(chan struct{}, 1)
	p := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{"wait": untilStopped(running)}})
	f := p.open("front-end")
	f.run("wait")
	<-running
	hb := zmtptest.Dial(t, p.addr(p.conn.Heartbeat), "REQ", "")
	hb.Send("", "ping")
	if got := hb.Recv(); len(got) != 2 || got[1] != "ping" {
		t.Errorf("got %q", got)
	}
}

// TestOutputAfterTheEnd keeps a cell's idle its last message.
func TestOutputAfterTheEnd(t *testing.T) {
	leaked := make(chan Publisher, 1)
	p := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
		"leak": func(_ context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
			leaked <- out
			return ExecuteReply{}
		},
	}})
	f := p.open("front-end")
	id := f.run("leak")
	f.reply(id)
	f.untilIdle(id)
	(<-leaked).Stream("stdout", "too late")
	for _, m := range f.untilIdle(f.run("next")) {
		if m.content["text"] == "too late" {
			t.Errorf("got %+v", m)
		}
	}
	if !strings.Contains(p.log.String(), "after its end") {
		t.Error("nothing was logged")
	}
}

// TestUnwritableDisplay is left out, not fatal.
func TestUnwritableDisplay(t *testing.T) {
	p := serve(t, &fake{cells: map[string]func(context.Context, ExecuteRequest, Publisher) ExecuteReply{
		"bad": func(_ context.Context, _ ExecuteRequest, out Publisher) ExecuteReply {
			out.Display(map[string]any{"application/json": func() {}}, nil, "")
			return ExecuteReply{Metadata: map[string]any{"f": func() {}}}
		},
	}})
	f := p.open("front-end")
	id := f.run("bad")
	if m := f.reply(id); m.content["ename"] != "InternalError" {
		t.Errorf("got %+v", m)
	}
	f.untilIdle(id)
}

// TestTwoFrontEnds see each other's output, and get their own replies, even
// under one name, as jupyter_client gives it to all clients of one manager.
func TestTwoFrontEnds(t *testing.T) {
	p := serve(t, &fake{})
	a, b := p.open("same name"), p.open("same name")
	for range 20 {
		waiting := map[string]bool{a.run("a"): true, b.run("b"): true}
		if m := a.receive(a.shell); !waiting[m.parentID] {
			t.Errorf("a got %+v", m)
		} else {
			delete(waiting, m.parentID)
		}
		if m := b.receive(b.shell); !waiting[m.parentID] {
			t.Errorf("b got %+v", m)
		}
	}
	for _, f := range []*front{a, b} {
		for idle := 0; idle < 40; {
			if m := f.published(); m.content["execution_state"] == "idle" {
				idle++
			}
		}
	}
}
