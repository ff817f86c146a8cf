package page

import (
	"bytes"
	"html/template"
	"net/url"
	"regexp"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	gmhtml "github.com/yuin/goldmark/renderer/html"
)

// attachment is an image of a Markdown cell that the notebook carries.
var attachment = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`attachment:([^)\s"]+)`) })

// commonMark is made for the first text: a kernel needs none.
var commonMark = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(gmhtml.WithUnsafe()), // what it writes is sanitized
	)
})

// markdown is a Markdown text as HTML; attachments are its pictures, as data
// URLs by their names.
func markdown(text string, attachments map[string]string) template.HTML {
	text = attachment().ReplaceAllStringFunc(text, func(ref string) string {
		name, err := url.PathUnescape(ref[len("attachment:"):])
		if data, ok := attachments[name]; err == nil && ok {
			return data
		}
		return ref
	})
	var b bytes.Buffer
	if err := commonMark().Convert([]byte(text), &b); err != nil {
		return "<pre>" + escaped(text) + "</pre>"
	}
	return sanitized(b.String())
}
