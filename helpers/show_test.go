package helpers

import (
	"testing"
)

func TestPlainText(t *testing.T) {
	tests := []struct{ markup, want string }{
		{"", ""},
		{"just text", "just text"},
		{"<p>hello <b>world</b> &lt;3</p><p>again</p>", "hello world <3\nagain"},
		{"<table><tr><th>a<th>b</tr><tr><td>1</td><td>2</td></tr></table>", "a b\n1 2"},
		{"<ul><li>a<li>b</ul>", "a\nb"},
		{"a<script>alert(1 < 2)</script>b<style>p{}</style>c", "abc"},
		{"a <br/>b", "a\nb"},
		{"unfinished <b", "unfinished"},
		{"<>x< >y", "xy"},
		{"<script>never closed", "never closed"},
	}
	for _, test := range tests {
		if got := plainText(test.markup); got != test.want {
			t.Errorf("%q: got %q, want %q", test.markup, got, test.want)
		}
	}
}

func FuzzPlainText(f *testing.F) {
	f.Add("<p>a</p>")
	f.Fuzz(func(t *testing.T, markup string) { plainText(markup) })
}
