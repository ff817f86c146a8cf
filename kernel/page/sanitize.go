package page

import (
	"bytes"
	"html/template"
	"net/url"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	gmhtml "github.com/yuin/goldmark/renderer/html"
)

// A sanitizer makes HTML and Markdown of strangers safe to show.
type sanitizer struct {
	policy *bluemonday.Policy
	md     goldmark.Markdown
}

func newSanitizer() *sanitizer {
	p := bluemonday.UGCPolicy()
	p.RequireNoReferrerOnLinks(true)
	p.AllowElements("details", "summary", "figure", "figcaption")
	p.AllowAttrs("open").Matching(regexp.MustCompile(`^(open)?$`)).OnElements("details")
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[\pL\pN][\pL\pN_.:,?()'-]*$`)).OnElements("h1", "h2", "h3", "h4", "h5", "h6")
	// Pictures travel in the page. What looks like SVG is one: an img runs no
	// script.
	p.AllowURLSchemeWithCustomPolicy("data", func(u *url.URL) bool {
		return strings.HasPrefix(u.Opaque, "image/") && strings.Contains(u.Opaque, ";base64,")
	})
	// What our own tables and checks are made of. No positions, no addresses.
	p.AllowStyles("text-align", "white-space", "vertical-align", "font-weight", "font-style", "font-family", "font-size",
		"color", "background", "background-color", "opacity", "border", "border-left", "border-bottom", "border-top", "border-radius",
		"padding", "padding-left", "padding-right", "padding-top", "padding-bottom", "margin", "margin-left", "margin-top", "margin-bottom", "margin-right",
		"width", "max-width", "line-height").MatchingHandler(harmless).Globally()
	return &sanitizer{policy: p, md: goldmark.New(
		goldmark.WithExtensions(extension.GFM),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(gmhtml.WithUnsafe()), // its HTML goes through the policy
	)}
}

// harmless reports whether a style's value is plain words, numbers and colours:
// nothing that loads or computes.
func harmless(value string) bool {
	return plainStyle.MatchString(value) && !strings.Contains(strings.ToLower(value), "url")
}

var plainStyle = regexp.MustCompile(`^[#%.,\w\s"'()-]{0,120}$`)

func (s *sanitizer) html(text string) template.HTML {
	return template.HTML(s.policy.Sanitize(text))
}

// attachment is an image of a Markdown cell that the notebook carries.
var attachment = regexp.MustCompile(`attachment:([^)\s"]+)`)

// markdown is a Markdown text as HTML; attachments are its pictures, as data
// URLs by their names.
func (s *sanitizer) markdown(text string, attachments map[string]string) template.HTML {
	text = attachment.ReplaceAllStringFunc(text, func(ref string) string {
		name, err := url.PathUnescape(strings.TrimPrefix(ref, "attachment:"))
		if data, ok := attachments[name]; err == nil && ok {
			return data
		}
		return ref
	})
	var b bytes.Buffer
	if err := s.md.Convert([]byte(text), &b); err != nil {
		return "<pre>" + escaped(text) + "</pre>"
	}
	return s.html(b.String())
}
