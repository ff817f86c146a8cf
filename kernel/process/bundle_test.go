package process

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPresent(t *testing.T) {
	for _, test := range []struct {
		mime string
		v    any
		want any
	}{
		{"text/plain", "a", "a"},
		{"text/plain", []byte("a"), "a"},
		{"text/plain", 1.5, "1.5"},
		{"text/plain", nil, "<nil>"},
		{"TEXT/HTML; charset=utf-8", []byte("<b>"), "<b>"},
		{"image/svg+xml", []byte("<svg>"), "<svg>"},
		{"image/png", []byte{1, 2}, "AQI="},
		{"image/png", "AQI=", "AQI="},
		{"application/pdf", []byte{1}, "AQ=="},
		{"application/json", "5", "5"},
		{"application/json", []byte("5"), 5.0},
		{"application/json", " [1]", []any{1.0}},
		{"application/json", "{broken", "{broken"},
		{"application/json", []byte{}, ""},
		{"application/json", nil, nil},
		{"application/json", 5, 5},
		{"application/json", []float64{1, math.Inf(-1)}, []any{1.0, nil}},
		{"application/json", map[string]float64{"a": math.NaN()}, map[string]any{"a": nil}},
		{"application/json", map[string]int{"a": 1}, map[string]int{"a": 1}},
		{"application/json", complex(1, 2), "(1+2i)"},
		{"application/vnd.gopark.chart+json", map[string]any{"a": []any{math.NaN()}}, map[string]any{"a": []any{nil}}},
	} {
		got := present(test.mime, test.v)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %v: %s", test.mime, test.v, diff)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%s %v: %v", test.mime, test.v, err)
		}
	}
}
