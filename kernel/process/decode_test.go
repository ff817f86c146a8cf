package process

import (
	"bytes"
	"encoding/gob"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// stream is a gob stream of displays: a text, a nested value, a sync.
func stream(t testing.TB, texts ...string) []byte {
	t.Helper()
	registerValues()
	var b bytes.Buffer
	enc := gob.NewEncoder(&b)
	for _, text := range texts {
		for _, d := range []protocol.DisplayData{
			{Data: map[protocol.MIMEType]any{"text/plain": text}, DisplayID: text},
			{Data: map[protocol.MIMEType]any{"application/json": map[string]any{"list": []any{text, map[string]any{"n": 1.5}}}}},
			{Data: map[protocol.MIMEType]any{protocol.MIMECommValue: &protocol.CommValue{Address: "#gonbui/sync", Value: 7}}},
		} {
			if err := enc.Encode(d); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.Bytes()
}

// decodeIn decodes p in pieces of so many bytes.
func decodeIn(p []byte, size int) (all []message, err error) {
	d := newDecoder()
	defer d.stop()
	for len(p) > 0 {
		n := min(size, len(p))
		for _, m := range d.decode(bytes.Clone(p[:n])) {
			if m.spoiled != nil {
				return all, m.spoiled
			}
			all = append(all, m)
		}
		p = p[n:]
	}
	return all, nil
}

func TestDecodeInPieces(t *testing.T) {
	p := stream(t, "a", strings.Repeat("long ", 1000), "ü")
	want, err := decodeIn(p, len(p))
	if err != nil || len(want) != 9 {
		t.Fatalf("%d messages, %v", len(want), err)
	}
	if got := want[3].data.DisplayID; len(got) != 5000 {
		t.Errorf("the long one has %d bytes", len(got))
	}
	for size := 1; size < 300; size++ {
		got, err := decodeIn(p, size)
		if err != nil {
			t.Fatalf("in pieces of %d: %v", size, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(message{})); diff != "" {
			t.Fatalf("in pieces of %d: %s", size, diff)
		}
	}
}

func TestDecodeOversized(t *testing.T) {
	p := stream(t, "a", strings.Repeat("x", DisplayLimit), "b")
	for _, size := range []int{64 << 10, 1 << 20, len(p)} {
		got, err := decodeIn(p, size)
		if err != nil || len(got) != 9 {
			t.Fatalf("in pieces of %d: %d messages, %v", size, len(got), err)
		}
		for i, m := range got {
			if over := i == 3 || i == 4; over != (m.over > DisplayLimit) || over != (m.data.Data == nil) {
				t.Errorf("in pieces of %d: message %d is over by its %d bytes", size, i, m.over)
			}
		}
	}
}

func TestDecodeGarbage(t *testing.T) {
	good := stream(t, "a")
	for name, p := range map[string][]byte{
		"text":                 []byte("this is no display, and long enough not to be the beginning of one either....................................................."),
		"an empty message":     {0},
		"a huge length":        {0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
		"a length of 9 bytes":  {0xf7, 1, 2, 3, 4, 5, 6, 7, 8, 9},
		"no type":              {1, 0xff},
		"another gob stream":   append(bytes.Clone(good), good...),
		"a type of no meaning": {3, 0x7e, 0, 0},
	} {
		if got, err := decodeIn(p, 16); err == nil {
			t.Errorf("%s: no error, %d messages", name, len(got))
		} else if name == "another gob stream" && len(got) != 3 {
			t.Errorf("%s: %d messages before it", name, len(got))
		}
	}
}

// FuzzDecode: whatever comes, in whatever pieces, the decoder neither panics
// nor hangs, and pieces make no difference.
func FuzzDecode(f *testing.F) {
	f.Add(stream(f, "a", "b"), 7)
	f.Add(stream(f), 1)
	f.Add([]byte{0xfc, 0x7f, 0xff, 0xff, 0xff, 1, 2}, 3)
	f.Add([]byte{3, 0x7e, 0, 0, 0}, 2)
	f.Fuzz(func(t *testing.T, p []byte, size int) {
		if size <= 0 || size > len(p) {
			size = 1
		}
		whole, wholeErr := decodeIn(p, max(1, len(p)))
		pieces, piecesErr := decodeIn(p, size)
		if len(whole) != len(pieces) || (wholeErr == nil) != (piecesErr == nil) {
			t.Errorf("whole: %d messages, %v; in pieces of %d: %d, %v", len(whole), wholeErr, size, len(pieces), piecesErr)
		}
	})
}
