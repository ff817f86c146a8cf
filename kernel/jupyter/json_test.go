package jupyter

import (
	"encoding/json"
	"math"
	"runtime"
	"strings"
	"testing"
)

func TestMarshal(t *testing.T) {
	long := strings.Repeat("x", pieceLen-1)
	for _, v := range []any{
		nil, 1, "a<b>&\"\n\u2028", object{}, object(nil), []string{}, []int(nil), true, json.RawMessage(`{"a":1}`),
		streamContent{"stdout", "text"}, &streamContent{"stdout", "text"},
		object{"b": 1.5, "a": object{"c": []any{object{"d": "<"}}, "": nil}, "é": map[string]string{"x": "y"}},
		long, long + "é", long + "🐹", long[1:] + "🐹", long[2:] + "🐹", long[3:] + "🐹" + long, long + "\xe2\x82",
		long + "\x80\x80\x80\x80\x80\x80\x80", long + "\xff🐹", strings.Repeat("🐹", pieceLen), strings.Repeat("\x80", 3*pieceLen),
		strings.Repeat("\"", pieceLen+1), object{"data": object{"text/html": long + long + "é"}},
		streamContent{"stderr", long + "é" + long},
	} {
		want, err := encodeJSON(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := marshal(v)
		if err != nil || string(got) != string(want) {
			t.Errorf("%.80q: %v\ngot  %.200s\nwant %.200s", v, err, got, want)
		}
	}
	for _, v := range []any{math.NaN(), object{"a": func() {}}, object{"a": object{"b": math.Inf(1)}}} {
		if got, err := marshal(v); err == nil {
			t.Errorf("%v became %s", v, got)
		}
	}
}

// TestMarshalKeepsNothing: what was large once does not stay.
func TestMarshalKeepsNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // each processor has a pool of its own
	heap := func() int64 {
		// Between collections a pool hands its buffers on to who asks.
		for range 5 {
			if _, err := marshal(object{"small": 1}); err != nil {
				t.Fatal(err)
			}
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	if b, err := marshal(object{"data": object{"text/html": strings.Repeat("x", 32<<20)}}); err != nil || len(b) < 32<<20 {
		t.Fatal(err)
	}
	if kept := heap() - before; kept > 4<<20 {
		t.Errorf("%d MB stay", kept>>20)
	}
}

func FuzzMarshal(f *testing.F) {
	f.Add("text", 0)
	f.Add("🐹\xff", pieceLen-1)
	f.Fuzz(func(t *testing.T, s string, pad int) {
		v := object{s: strings.Repeat("y", min(max(pad, 0), 2*pieceLen)) + s}
		want, err := encodeJSON(v)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := marshal(v); err != nil || string(got) != string(want) {
			t.Fatalf("got %q, want %q (%v)", got, want, err)
		}
	})
}
