package cell

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkSuggest is what a keystroke costs, in a cell of usual size on a
// memory of fifty cells, and in one of 5,000 lines.
func BenchmarkSuggest(b *testing.B) {
	w, err := loadWorld()
	if err != nil {
		b.Fatal(err)
	}
	var cells []string
	for i := range 50 {
		cells = append(cells, fmt.Sprintf("type T%d struct{ A, B int }\nfunc (t T%d) Sum() int { return t.A + t.B }\nfunc f%d(x int) string { return strconv.Itoa(x) }", i, i, i))
	}
	m := remember(b, w, cells...)
	for _, lines := range []int{10, 5000} {
		text := "%%\n" + strings.Repeat("fmt.Println(f1(2), T3{}.Sum())\n", lines) + "strings.To"
		b.Run(fmt.Sprintf("%d lines", lines), func(b *testing.B) {
			for b.Loop() {
				if len(m.Draft(text, len(text), w).Suggest()) == 0 {
					b.Fatal("nothing")
				}
			}
		})
	}
}
