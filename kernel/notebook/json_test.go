package notebook

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPythonNumber(t *testing.T) {
	// The right column is what Python 3.11 prints for json.dumps(json.loads(…)).
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "12": "12", "-7": "-7", "123456789012345678901234567890": "123456789012345678901234567890",
		"1.0": "1.0", "-0.0": "-0.0", "1E5": "100000.0", "1e15": "1000000000000000.0", "1e16": "1e+16", "1e22": "1e+22",
		"0.0001": "0.0001", "0.00001": "1e-05", "1e-7": "1e-07", "1.50": "1.5", "0.1": "0.1", "1e999": "Infinity", "-1e999": "-Infinity",
		"5e-324": "5e-324", "1e-400": "0.0", "NaN": "NaN", "Infinity": "Infinity", "-Infinity": "-Infinity",
		"123456789.123456789": "123456789.12345679", "1.7976931348623157e308": "1.7976931348623157e+308",
	} {
		if got := pythonNumber(in); got != want {
			t.Errorf("pythonNumber(%s) = %s, want %s", in, got, want)
		}
		if n := number([]byte(in + ",")); n != len(in) {
			t.Errorf("number(%s) = %d, want %d", in, n, len(in))
		}
	}
	for in, want := range map[string]int{"": 0, "-": 0, "x": 0, "1.": 1, "1e": 1, "1e+": 1, "1.5e": 3, "01": 1, ".5": 0, "+1": 0} {
		if got := number([]byte(in)); got != want {
			t.Errorf("number(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`"a\/b\"\\\b\f\n\r\t"`, `"a/b\"\\\b\f\n\r\t"`},
		{`"\u0041\u00e9\u2028\u001f\u007f<>&"`, "\"Aé\u2028\\u001f\x7f<>&\""},
		{`"\ud83d\ude00"`, `"😀"`},
		{`"\ud83d"`, `"\ud83d"`},
		{`"\ude00\ud83d"`, `"\ude00\ud83d"`},
		{`"\uD83Dx"`, `"\ud83dx"`},
	} {
		v, err := parseJSON([]byte(tt.in))
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		got, err := appendJSON(nil, v, 0)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s is written as %s, want %s (%v)", tt.in, got, tt.want, err)
		}
	}
	if got := appendText(nil, "a\xffb\xed\xa0"); string(got) != "\"a\uFFFDb\uFFFD\uFFFD\"" {
		t.Errorf("text that is not UTF-8 is written as %s", got)
	}
}

func TestSplitLines(t *testing.T) {
	for _, want := range [][]string{
		{}, {"a"}, {"a\n"}, {"a\n", "b"}, {"\n", "\n"}, {"a\r\n", "b\r", "c"}, {"\r", "\r\n"},
		{"a\v", "b\f", "c\x1c", "d\x1d", "e\x1e", "f\u0085", "g\u2028", "h\u2029", "i\x1f"},
	} {
		if diff := cmp.Diff(want, splitLines(strings.Join(want, ""))); diff != "" {
			t.Error(diff)
		}
	}
}

func TestPlain(t *testing.T) {
	type point struct {
		X float64 `json:"x"`
		S string
	}
	v, err := plain([]point{{1e-7, "<b>"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := appendJSON(nil, v, 0)
	want := "[\n {\n  \"S\": \"<b>\",\n  \"x\": 1e-07\n }\n]"
	if err != nil || string(got) != want {
		t.Errorf("got %s, want %s (%v)", got, want, err)
	}
}
