package display

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// The types with which GoNB's kernel decodes.
type (
	peerDisplayData = protocol.DisplayData
	peerCommValue   = protocol.CommValue
	mimeType        = protocol.MIMEType
)

func init() {
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

func TestWireAgainstGob(t *testing.T) {
	var fromJSON any
	const text = `{"version":1,"option":{"a":[1,-2.5,1e300,null,true,false,"ü",{"b":[0]}],"c":{}},"height":360}`
	if err := json.Unmarshal([]byte(text), &fromJSON); err != nil {
		t.Fatal(err)
	}
	tests := []map[string]any{
		{},
		{"text/plain": "hello"},
		{"text/plain": "", "n": 0, "min": math.MinInt64, "max": math.MaxInt64, "f": 0.0, "no": nil},
		{"text/plain": string(bytes.Repeat([]byte("long"), 50_000))},
		{"image/png": []byte{0, 1, 255}, "one": []byte{7}},
		{"application/vnd.gopark.chart+json": fromJSON},
	}
	// One decoder for all, as in a kernel: definitions come once.
	var stream bytes.Buffer
	stream.Write(definitions())
	decoder := gob.NewDecoder(&stream)
	for i, data := range tests {
		id := ""
		if i%2 == 1 {
			id = "some id"
		}
		message, err := displayMessage(data, id)
		if err != nil {
			t.Fatal(err)
		}
		stream.Write(message)
		stream.Write(syncMessage(int64(i)))

		var got peerDisplayData
		if err := decoder.Decode(&got); err != nil {
			t.Fatalf("display %d: %v", i, err)
		}
		if len(got.Data) != len(data) || got.DisplayID != id {
			t.Errorf("display %d: %d entries, id %q", i, len(got.Data), got.DisplayID)
		}
		for key, want := range data {
			if !reflect.DeepEqual(got.Data[mimeType(key)], want) {
				t.Errorf("display %d, %s: got %#v, want %#v", i, key, got.Data[mimeType(key)], want)
			}
		}
		var sync peerDisplayData
		if err := decoder.Decode(&sync); err != nil {
			t.Fatalf("sync %d: %v", i, err)
		}
		if want := (peerCommValue{Address: addressSync, Value: i}); sync.Data["gonb/comm_value"] != want {
			t.Errorf("sync %d: got %#v", i, sync.Data)
		}
	}
}

// TestEmptySlice keeps a trap in sight: gob gives an empty slice back as nil, so
// that an empty JSON array reaches the front end as null.
func TestEmptySlice(t *testing.T) {
	var stream bytes.Buffer
	stream.Write(definitions())
	message, err := displayMessage(map[string]any{"a": []any{}}, "")
	if err != nil {
		t.Fatal(err)
	}
	stream.Write(message)
	var got peerDisplayData
	if err := gob.NewDecoder(&stream).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if a, ok := got.Data["a"].([]any); !ok || a != nil {
		t.Errorf("got %#v", got.Data["a"])
	}
}

func TestUnknownType(t *testing.T) {
	_, err := displayMessage(map[string]any{"x": []any{map[string]any{"y": struct{}{}}}}, "")
	const want = `"x": [0]: "y": a value of type struct {} cannot be displayed: use a string, []byte, or a JSON type`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestParseAck(t *testing.T) {
	var stream bytes.Buffer
	encoder := gob.NewEncoder(&stream)
	values := []peerCommValue{
		{Address: "/widget", Value: 5},
		{Address: addressAck, Value: 0},
		{Address: addressAck, Value: "3"},
		{Address: addressAck, Request: true, Value: 1 << 40},
		{Address: addressAck, Value: -7},
		{Address: addressAck},
		{},
	}
	for _, v := range values {
		if err := encoder.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	var got []int64
	r := newReader(&stream)
	for {
		frame, err := readFrame(r, maxAck)
		if err != nil {
			break
		}
		if number, ok := parseAck(frame); ok {
			got = append(got, number)
		}
	}
	if want := []int64{0, 1 << 40, -7}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzParseAck(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x02, 0x01, 0x03, 'a', 'b', 'c'})
	f.Fuzz(func(t *testing.T, frame []byte) {
		parseAck(frame)
		_, _ = readFrame(newReader(bytes.NewReader(frame)), maxAck)
	})
}
