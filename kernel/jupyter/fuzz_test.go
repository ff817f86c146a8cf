package jupyter

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"gopark/kernel/zmtp"
)

// FuzzRequest sends genuine requests of all kinds with any content to a kernel.
// Each is bracketed by busy and idle; the kernel lives, and answers the next.
func FuzzRequest(f *testing.F) {
	kinds := []string{"execute_request", "complete_request", "inspect_request", "is_complete_request", "history_request",
		"comm_info_request", "comm_open", "comm_msg", "comm_close", "connect_request", "kernel_info_request", "no_such_request", "_request", ""}
	controls := []string{"interrupt_request", "debug_request", "usage_request", "create_subshell_request",
		"delete_subshell_request", "list_subshell_request", "kernel_info_request", "connect_request", "comm_msg"}
	f.Add(uint8(0), `{"code":"x","silent":true}`, "")
	f.Add(uint8(0), `{"code":7,"user_expressions":[]}`, "unknown")
	f.Add(uint8(1), `{"code":"🚲","cursor_pos":-1}`, "")
	f.Add(uint8(1), `{"code":"x","cursor_pos":1e99}`, "")
	f.Add(uint8(4), `{"hist_access_type":"search","pattern":"[[[*","n":-3}`, "")
	f.Add(uint8(4), `{"hist_access_type":"range","start":-1,"stop":99999999999999999999}`, "")
	f.Add(uint8(6), `{"comm_id":null,"target_name":{}}`, "")
	f.Add(uint8(0x80), `{"restart":"x"}`, "")
	f.Add(uint8(0x81), `{"seq":1.5,"command":[]}`, "")
	f.Add(uint8(0x84), `{"subshell_id":""}`, "x")
	f.Fuzz(func(t *testing.T, which uint8, content, subshell string) {
		if !json.Valid([]byte(content)) || !isObject([]byte(content)) {
			return // FuzzMessage
		}
		p := serve(t, &fake{complete: func(_ context.Context, code string, cursor int) CompleteReply {
			if cursor < 0 || cursor > len([]rune(code)) {
				t.Errorf("cursor %d in %q", cursor, code)
			}
			return CompleteReply{}
		}})
		front := p.open("front-end")
		socket, kind := front.shell, kinds[int(which&0x7f)%len(kinds)]
		if which&0x80 != 0 {
			socket, kind = front.ctl, controls[int(which&0x7f)%len(controls)]
		}
		parts := [4][]byte{1: []byte("{}"), 2: []byte("{}"), 3: []byte(content)}
		parts[0], _ = json.Marshal(header{"fuzz", kind, subshell})
		front.raw(socket, front.wire.seal(parts))
		if kind != "" { // a header without a type is dropped
			front.untilIdle("fuzz")
		}
		next := front.send(front.shell, "is_complete_request", object{"code": "x"})
		for m := front.receive(front.shell); m.parentID != next; m = front.receive(front.shell) {
			if m.parentID != "fuzz" || m.content["status"] == nil {
				t.Errorf("%s: reply %s of %s", kind, m.raw, m.parentID)
			}
		}
	})
}

// FuzzSignature: a signature is accepted only if it is the right one, to the
// last digit, in the right case.
func FuzzSignature(f *testing.F) {
	right := newCodec("a key").sign([]byte(`{"msg_id":"x","msg_type":"y"}`), []byte("{}"), []byte("{}"), []byte("{}"))
	f.Add([]byte{})
	f.Add(right)
	f.Add(right[:63])
	f.Add(bytes.ToUpper(right))
	f.Add(append(bytes.Clone(right), '0'))
	f.Add(bytes.Repeat([]byte{0}, 64))
	f.Fuzz(func(t *testing.T, signature []byte) {
		for _, parts := range [][]string{
			{`{"msg_id":"x","msg_type":"y"}`, "{}", "{}", "{}"},
			{`{"msg_id":"x","msg_type":"y"`, "}{}", "{}", "{}"}, // the same bytes, cut elsewhere
		} {
			c := newCodec("a key")
			m := zmtp.Message{[]byte(delimiter), signature}
			for _, p := range parts {
				m = append(m, []byte(p))
			}
			_, err := c.parse(m)
			if want := bytes.Equal(signature, right) && parts[1] == "{}"; (err == nil) != want {
				t.Errorf("%q for %q: %v", signature, parts, err)
			}
		}
	})
}
