package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The script says row, kernel and value, and anything else is an error that
// shows what was said.
func TestReadMeasurements(t *testing.T) {
	found, err := readMeasurements(strings.NewReader(`{"row": "completion", "kernel": "gopark", "value": 0.004}
{"row": "completion", "kernel": "gonb", "value": 0.008}
{"row": "completion", "kernel": "gopark", "value": 0.005}
`))
	want := measurements{"completion": {"gopark": {0.004, 0.005}, "gonb": {0.008}}}
	if d := cmp.Diff(want, found); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	for _, bad := range []string{"Traceback", `{"kernel": "gopark", "value": 1}`, `{"row": "completion", "value": 1}`, `{"row": "completion", "kernel": "gopark"}`} {
		if _, err := readMeasurements(strings.NewReader(bad + "\n")); err == nil || !strings.Contains(err.Error(), bad[1:5]) {
			t.Errorf("%s: %v, want an error that shows it", bad, err)
		}
	}
}

// A row with a promise, one that it breaks, one without, one for which a larger
// ratio is better, and one that only two kernels know.
func TestBenchTable(t *testing.T) {
	six := func(v float64) []float64 { return []float64{v, v, v, v, v, v} }
	m := measurements{
		"changed fmt cell":    {"gopark": six(0.1), "gonb": six(0.4)},
		"type error":          {"gopark": six(0.1), "gonb": six(0.4)},
		"unchanged cell":      {"gopark": six(0.004), "gonb": six(0.2), "ipykernel": six(0.008)},
		"output, short lines": {"gopark": six(1.5e6), "gonb": six(250_000), "ipykernel": six(50_000)},
		"output, long lines":  {"gopark": six(80e6), "gonb": six(40e6), "ipykernel": six(40e6)[:5]},
		"many at once: PSS":   {"gopark": six(600e6), "gonb": six(800e6)},
	}
	rows, err := chooseRows([]string{"changed fmt", "type error", "unchanged", "Output,", "kernel_info", "PSS"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := m.print(&out, rows, []string{"gopark", "gonb", "ipykernel"}); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(out.String()) {
		got.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	want := `                           gopark         gonb          ratio, 95 %           ipykernel      ratio, 95 %              wanted
changed fmt cell           100 ms         400 ms        0.250 [0.250, 0.250]  -                                       ≤ 0.38  reached
unchanged cell             4 ms           200 ms        0.020 [0.020, 0.020]  8 ms           0.500 [0.500, 0.500]     ≤ 0.06  reached
type error                 100 ms         400 ms        0.250 [0.250, 0.250]  -                                       ≤ 0.06  missed
start to kernel_info       not measured   -                                   -
output, short lines        1500k lines/s  250k lines/s  6.000 [6.000, 6.000]  50.0k lines/s  30.000 [30.000, 30.000]
output, long lines         80.0 MB/s      40.0 MB/s     2.000 [2.000, 2.000]  -
many at once: kernel_info  not measured   -                                   -
many at once: PSS          600 MB         800 MB        0.750 [0.750, 0.750]  -
`
	if d := cmp.Diff(want, got.String()); d != "" {
		t.Error(d)
	}
}

func TestChooseRows(t *testing.T) {
	all, err := chooseRows(nil)
	if err != nil || len(all) != len(benchRows) {
		t.Errorf("without a choice: %d rows, %v; want all", len(all), err)
	}
	if one, err := chooseRows([]string{"Completion"}); err != nil || len(one) != 1 || one[0].name != "completion" {
		t.Errorf("a whole name: %v, %v; want that row alone", one, err)
	}
	if two, err := chooseRows([]string{"complet"}); err != nil || len(two) != 2 {
		t.Errorf("a part of two names: %v, %v; want both", two, err)
	}
	if _, err := chooseRows([]string{"completion", "tpyo"}); err == nil || !strings.Contains(err.Error(), `"tpyo"`) || !strings.Contains(err.Error(), "type error") {
		t.Errorf("%v, want an error that shows the mistake and the names that there are", err)
	}
}

// The script knows each row by the name that the table has for it.
func TestBenchRowNames(t *testing.T) {
	script, err := benchScripts.ReadFile("bench/bench.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range benchRows {
		if !bytes.Contains(script, []byte(`emit("`+r.name+`"`)) && !bytes.Contains(script, []byte(`row("`+r.name+`"`)) {
			t.Errorf("bench.py measures no %q", r.name)
		}
	}
}
