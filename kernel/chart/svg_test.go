package chart

import (
	"strings"
	"testing"
)

func TestRound(t *testing.T) {
	for _, test := range []struct {
		in, want string
		decimals int
	}{
		{"1.005 2.0049 3", "1 2 3", 2},
		{"M1.2345-0.001L-2.5-3.14159", "M1.23 0L-2.5-3.14", 2},
		{"1e-7 -1E-9 2.5e2", "0  0 250", 2},
		{".5 -.5", "0.5 -0.5", 2},
		{"matrix(0.70711,-0.00004,0,1,12,7)", "matrix(0.7071, 0,0,1,12,7)", 4},
		{"50%", "50%", 2},
		{"A3.5 3.5 0 1 1 7.123 0", "A3.5 3.5 0 1 1 7.12 0", 2},
		{"99.999", "100", 2},
	} {
		if got := round(test.in, test.decimals); got != test.want {
			t.Errorf("round(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

const root = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9">`

func TestClean(t *testing.T) {
	in := root + "\n" + `<defs><clipPath id="zr7-c3"><path d="M0.123 4Z"></path></clipPath></defs>
<g clip-path="url(#zr7-c3)"><text class="k" style="font-size:12px;font-family:serif;" xml:space="preserve" transform="translate(0.33333 1)">a &lt; b</text>
<text style="font-family:serif;font-weight:bold;"></text><text style="font: italic normal 9px a, 'b c'"></text><rect ecmeta_x="1" fill="url(#zr7-g1)" pointer-events="none"></rect></g>
<style><![CDATA[ .k:hover { fill: red } ]]></style></svg>`
	got, err := clean([]byte(in), nil, "T & t", "")
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Split(strings.Split(string(got), `id="`)[1], "1\"")[0]
	want := `<svg xmlns="http://www.w3.org/2000/svg" role="img" font-family="serif" width="9"><title>T &amp; t</title>` +
		`<defs><clipPath id="ID1"><path d="M0.12 4Z"/></clipPath></defs>` +
		`<g clip-path="url(#ID1)"><text font-size="12px" xml:space="preserve" transform="translate(0.3333 1)">a &lt; b</text>` +
		`<text font-weight="bold"/><text font-style="italic" font-size="9px" font-family="a, &#39;b c&#39;"/><rect fill="url(#ID2)"/></g></svg>`
	if s := strings.ReplaceAll(string(got), id, "ID"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

func TestCleanRefuses(t *testing.T) {
	for _, body := range []string{
		`<script>alert(1)</script>`,
		`<image href="x"/>`,
		`<image xlink:href="data:image/png;base64,AA"/>`,
		`<foreignObject/>`,
		`<svg/>`,
		`<animate attributeName="x"/>`,
		`<use href="#a"/>`,
		`<a href="#"/>`,
		`<path onload="x"/>`,
		`<path fill="url(http://host/#a)"/>`,
		`<path fill="red;x"/>`,
		`<path clip-path="url(x)"/>`,
		`<path d="M0 0&quot;"/>`,
		`<path xlink:href="x"/>`,
		`<path id="a b"/>`,
		`<text style="font-family:serif;background:red">x</text>`,
		`<text style="font-family:url(x)">x</text>`,
		`<text style="font-family:a\62 c">x</text>`,
		`<text text-anchor="x(1)">x</text>`,
		`<!-- a comment -->`,
		`<?xml-stylesheet href="x"?>`,
		`<!DOCTYPE svg [<!ENTITY e "x">]>`,
		`&e;`,
		`<path>`,
		`<path d="1" d="2"`,
	} {
		if got, err := clean([]byte(root+body+"</svg>"), nil, "", ""); err == nil {
			t.Errorf("%s came through as %s", body, got)
		}
	}
	if got, err := clean([]byte(`<g></g>`), nil, "", ""); err == nil {
		t.Errorf("a picture without a root came through as %s", got)
	}
}

// What clean lets through, it lets through again, and it is harmless.
func FuzzClean(f *testing.F) {
	f.Add(root + `<path d="M1.234-0.001" fill="url(#a)"></path><text style="font-family:x;">y</text></svg>`)
	f.Add(root + `<g id="a"><style>x</style></g></svg>`)
	f.Add(`<svg><text><tspan>&#x0;</tspan></text></svg>`)
	f.Fuzz(func(t *testing.T, in string) {
		once, err := clean([]byte(in), nil, "title", "desc")
		if err != nil {
			return
		}
		text := strings.ReplaceAll(string(once), "<title>title</title><desc>desc</desc>", "")
		if strings.Contains(text, "<script") || strings.Contains(text, "href") && !strings.Contains(in, "href") {
			t.Errorf("%q became %q", in, once)
		}
		if _, err := clean([]byte(strings.ReplaceAll(text, ` role="img"`, "")), nil, "", ""); err != nil && !strings.Contains(err.Error(), "font-") {
			t.Errorf("%q became %q, which is refused: %v", in, once, err)
		}
	})
}
