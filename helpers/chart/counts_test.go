package chart

import (
	"strings"
	"testing"
)

func TestCounts(t *testing.T) {
	c := Counts("200 runs: 47 times 1000, 153 times less", "", []string{"GOMAXPROCS 1", "GOMAXPROCS 2"}, []Count{
		{Name: "900 to 999", Parts: []int{0, 150}}, {Name: "1000", Parts: []int{47}}, {Name: "Deadlock", Parts: []int{1, 2}, Failed: true},
	}, "text")
	series := c.Option["series"].([]any)
	if len(series) != 2 {
		t.Fatalf("%d series", len(series))
	}
	// What is missing in Parts is drawn as 0, so that bars and names stay together.
	if data := series[1].(map[string]any)["data"].([]any); len(data) != 3 || data[1].(map[string]any)["value"] != 0.0 {
		t.Errorf("second series: %v", data)
	}
	for _, want := range []string{"900 to 999: 150", "1000: 47", "Deadlock: 3"} {
		if !strings.Contains(c.Alt, want) {
			t.Errorf("%q is not in %q", want, c.Alt)
		}
	}
	for _, want := range []string{"✗ Deadlock", "150  (75 %)"} {
		if !strings.Contains(c.HTML, want) {
			t.Errorf("%q is not in the table", want)
		}
	}
}

func TestShare(t *testing.T) {
	for _, tt := range []struct {
		n, all int
		want   string
	}{{0, 10, "0 %"}, {1, 1000, "< 1 %"}, {999, 1000, "> 99 %"}, {10, 10, "100 %"}, {1, 3, "33 %"}, {0, 0, "0 %"}} {
		if got := share(tt.n, tt.all); got != tt.want {
			t.Errorf("share(%d, %d) = %q, want %q", tt.n, tt.all, got, tt.want)
		}
	}
}
