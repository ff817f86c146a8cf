package cell

import "testing"

func TestIsComplete(t *testing.T) {
	tests := []struct {
		text   string
		want   Completeness
		indent string
	}{
		{"", Complete, ""},
		{"x := 1", Complete, ""},
		{"func f() {", Incomplete, "\t"},
		{"func f() {\n\tfor {\n\t\tg(", Incomplete, "\t\t\t"},
		{"func f() {\n}", Complete, ""},
		{"x := 1 +", Incomplete, ""},
		{"x :=", Incomplete, ""},
		{"x++", Complete, ""},
		{"var s = `abc", Incomplete, ""},
		{"/* abc", Incomplete, ""},
		{"}", Invalid, ""},
		{"func 3() {}", Invalid, ""},
		{"x = = 2", Invalid, ""},
		{"%help", Complete, ""},
		{"%%", Incomplete, ""},
		{"%%\nfmt.Println(1)", Complete, ""},
		{"!ls (", Complete, ""},
		{"%%bash", Incomplete, ""},
		{"%%bash\nls\n", Complete, ""},
		{"import \"fmt\"", Complete, ""},
	}
	for _, tt := range tests {
		if got, indent := IsComplete(tt.text); got != tt.want || indent != tt.indent {
			t.Errorf("IsComplete(%q) = %v, %q; want %v, %q", tt.text, got, indent, tt.want, tt.indent)
		}
	}
}
