package page

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"gopark/kernel/notebook"
)

func TestAnsi(t *testing.T) {
	for in, want := range map[string]string{
		"plain <b>\x1b[31mred\x1b[0m":             `plain &lt;b&gt;<span class="f1">red</span>`,
		"\x1b[1;92mbold green\x1b[39m bold":       `<span class="b f2">bold green</span><span class="b"> bold</span>`,
		"\x1b[38;5;9mred\x1b[m \x1b[38;2;1;2;3mx": `<span class="f1">red</span> x`,
		"\x1b]0;title\x07a\x1b[2Jb\x1b[?25lc":     "abc",
		"a\x00\rb\x1b":                            "ab",
		"\x1b[31;x;1mno\x1b[":                     `;1mno[`,
	} {
		if got := string(ansi(in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestGoSource(t *testing.T) {
	for in, want := range map[string]string{
		"%%\nfor i := range 3 { // <x>\n}": "<span class=\"m\">%%\n</span><span class=\"k\">for</span> i := <span class=\"k\">range</span> <span class=\"n\">3</span> { <span class=\"c\">// &lt;x&gt;</span>\n}",
		"!echo '<i>'":                      `<span class="m">!echo &#39;&lt;i&gt;&#39;</span>`,
		"%%bash\nif true; then":            "<span class=\"m\">%%bash</span>\nif true; then",
		"s := `a\n%b`":                     "s := <span class=\"s\">`a\n%b`</span>",
		"x := \"unfinished\ny := 'é'":      "x := <span class=\"s\">&#34;unfinished</span>\ny := <span class=\"s\">&#39;é&#39;</span>",
	} {
		if got := string(goSource(in)); got != want {
			t.Errorf("%q:\n%s, want\n%s", in, got, want)
		}
	}
}

// The text of a cell comes out as it went in, whatever it is.
func FuzzGoSource(f *testing.F) {
	for _, s := range []string{"%%\nx", "a\r\nb `\r`", "\x80'\xff", "//gonb:%%\n/* x", "%%bash\n\"", "\"\n%race\n\""} {
		f.Add(s)
	}
	tags := regexp.MustCompile(`</?span[^>]*>`)
	unescape := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&", "\uFFFD", "\x00")
	f.Fuzz(func(t *testing.T, text string) {
		got := tags.ReplaceAllString(string(goSource(text)), "")
		if unescape.Replace(got) != strings.ReplaceAll(text, "\uFFFD", "\x00") {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}

func TestBundles(t *testing.T) {
	for _, tt := range []struct {
		mime string
		v    any
		want string
	}{
		{"text/html", `<table><tr><td style="text-align:left;position:fixed">x</td></tr></table>`, `<table><tr><td style="text-align: left">x</td></tr></table>`},
		{"text/html", `<img alt="a" src="data:image/svg+xml;base64,PHN2Zy8+">`, `<img alt="a" src="data:image/svg+xml;base64,PHN2Zy8+">`},
		{"text/html", `<img src=x onerror=alert(1)><script>alert(1)</script><a href="javascript:alert(1)">a</a>`, `<img><a>a</a>`},
		{"text/html", `</div></main><div><p>open <svg><script>x</script></svg><b title='"><i>'>t`, `<div><p>open <b title="&#34;&gt;&lt;i&gt;">t</b></p></div>`},
		{"text/html", `<a href="JaVaScRiPt:x">1</a><a href=" javascript:x">2</a><a href="//x">3</a><a href="https://x/?a&b">4</a>`, `<a>1</a><a>2</a><a>3</a><a href="https://x/?a&amp;b">4</a>`},
		{"text/html", `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<img>&#34;&gt;`},
		{"text/html", `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`, ``},
		{"text/html", `<textarea><img src=x></textarea>after<iframe srcdoc="<script>"></iframe>`, `after`},
		{"text/html", `<div style="background:url(http://x/)">x</div>`, `<div>x</div>`},
		{"text/html", `<details open><summary>s</summary>t</details>`, `<details open=""><summary>s</summary>t</details>`},
		{"image/svg+xml", `<svg onload="alert(1)"/>`, `<img alt="" src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+">`},
		{"image/png", "iVBORw0KGgo=\n", `<img alt="" src="data:image/png;base64,iVBORw0KGgo=">`},
		{"image/png", `"><script>`, `[image/png: shown in a notebook only]`},
		{"text/markdown", "*a* <script>x</script>", "<p><em>a</em> </p>\n"},
		{"application/json", map[string]any{"a": "<"}, "{\n  &#34;a&#34;: &#34;\\u003c&#34;\n}"},
		{"application/x<y", "z", "[application/x&lt;y: shown in a notebook only]"},
	} {
		if got := string(bundle(map[string]any{tt.mime: tt.v}).Body); got != tt.want {
			t.Errorf("%s %v: %s, want %s", tt.mime, tt.v, got, tt.want)
		}
	}
}

func TestAttachment(t *testing.T) {
	nb, err := notebook.Read([]byte(`{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "markdown", "id": "a", "metadata": {},
	 "attachments": {"a b.png": {"image/png": "iVBORw0KGgo="}}, "source": "![x](attachment:a%20b.png) ![y](attachment:none.png)"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(&b, nb, "<t>"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<img src="data:image/png;base64,iVBORw0KGgo=" alt="x">`, "<title>&lt;t&gt;</title>"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
}
