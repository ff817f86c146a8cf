package jupyter

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"gopark/kernel/zmtp"
)

// FuzzMessage takes messages apart that are signed with the right key, with
// another one, or not at all. Only the first may be accepted, and what is
// accepted is what was sent.
func FuzzMessage(f *testing.F) {
	const header = `{"msg_id":"x","msg_type":"execute_request"}`
	f.Add("", header, "{}", "{}", `{"code":"x"}`, "")
	f.Add("id", header, `{"msg_id":"p"}`, "null", ` {"code":"x","silent":true}`, "buffer")
	f.Add("id", "[]", "", "", "null", "")
	f.Add(delimiter, `{"msg_id":1}`, "{", "}", "{", delimiter)
	f.Fuzz(func(t *testing.T, ident, header, parent, metadata, content, rest string) {
		ours := newCodec("a key")
		sealed := ours.seal([4][]byte{[]byte(header), []byte(parent), []byte(metadata), []byte(content)})
		m := append(zmtp.Message{[]byte(ident)}, append(sealed, []byte(rest))...)
		for _, other := range []*codec{newCodec("another key"), newCodec("")} {
			if r, err := other.parse(m); err == nil && ident != delimiter {
				t.Fatalf("accepted with another key: %+v", r)
			}
		}
		r, err := ours.parse(m)
		if err != nil {
			return
		}
		if ident != delimiter && (string(r.header) != header || string(r.content) != content || len(r.idents) != 1 || string(r.idents[0]) != ident) {
			t.Fatalf("%+v is not what was sent", r)
		}
		if r.id == "" || r.kind == "" || !json.Valid(r.content) {
			t.Fatalf("accepted %+v", r)
		}
		if _, err := ours.parse(m); err == nil {
			t.Fatal("accepted twice")
		}
		for i := range m { // one bit is enough
			if i == 0 || i > 6 || len(m[i]) == 0 {
				continue
			}
			changed := append(zmtp.Message{}, m...)
			changed[i] = bytes.Clone(m[i])
			changed[i][len(m[i])/2] ^= 1
			if _, err := newCodec("a key").parse(changed); err == nil {
				t.Fatalf("accepted with a changed bit in frame %d", i)
			}
		}
	})
}

// TestReplaysAreRememberedWithinBounds sees more messages than it remembers.
func TestReplaysAreRememberedWithinBounds(t *testing.T) {
	c := newCodec("a key")
	c.memory = 100
	message := func() zmtp.Message {
		m, _, err := c.message("x", nil, nil, object{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := message()
	if _, err := c.parse(first); err != nil {
		t.Fatal(err)
	}
	var last zmtp.Message
	for range c.memory {
		last = message()
		if _, err := c.parse(last); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.parse(last); err == nil {
		t.Error("a replay was accepted")
	}
	if len(c.seen) != c.memory || len(c.ring) != c.memory {
		t.Errorf("%d remembered, want %d", len(c.seen), c.memory)
	}
	if _, err := c.parse(first); err != nil {
		t.Errorf("the oldest is still remembered: %v", err)
	}
}

func TestWithoutKey(t *testing.T) {
	c := newCodec("")
	m, _, err := c.message("x", nil, nil, object{})
	if err != nil || len(m[1]) != 0 {
		t.Fatalf("signature %q, %v", m[1], err)
	}
	for range 2 { // nothing to recognise a replay by
		if _, err := c.parse(m); err != nil {
			t.Error(err)
		}
	}
}

// TestCompact merges neighbours of one cell and stream only.
func TestCompact(t *testing.T) {
	p := &iopub{wire: newCodec("a key")}
	make := func(topic, kind, parent string, content any) zmtp.Message {
		m, _, err := p.wire.message(kind, json.RawMessage(parent), nil, content)
		if err != nil {
			t.Fatal(err)
		}
		return append(zmtp.Message{[]byte(topic)}, m...)
	}
	out := func(parent, text string) zmtp.Message {
		return make("stream.stdout", "stream", parent, streamContent{"stdout", text})
	}
	stderr := make("stream.stderr", "stream", `{"msg_id":"1"}`, streamContent{"stderr", "e"})
	idle := make("status", "status", `{"msg_id":"1"}`, object{"execution_state": "idle"})
	queue := []zmtp.Message{
		out(`{"msg_id":"1"}`, "a"), out(`{"msg_id":"1"}`, "é"), out(`{"msg_id":"1"}`, "c"),
		stderr,
		out(`{"msg_id":"1"}`, "d"),
		idle,
		out(`{"msg_id":"1"}`, "e"), out(`{"msg_id":"2"}`, "f"),
		out(`{"msg_id":"3"}`, strings.Repeat("x", maxMergedText)), out(`{"msg_id":"3"}`, "y"),
	}
	var got []string
	for _, m := range p.compact(queue) {
		if _, err := p.wire.parse(m[atDelimiter:]); err != nil {
			t.Errorf("%q: %v", m, err)
		}
		text, _ := streamText(m)
		if len(text) > 10 {
			text = "long"
		}
		got = append(got, string(m[atTopic])+" "+text)
	}
	want := "stream.stdout aéc|stream.stderr e|stream.stdout d|status |stream.stdout e|stream.stdout f|stream.stdout long|stream.stdout y"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if text, _ := streamText(queue[0]); text != "a" {
		t.Error("the shared message was changed")
	}
}
