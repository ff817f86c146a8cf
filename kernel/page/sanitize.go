package page

import (
	"html/template"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"
)

// sanitized is HTML of a stranger's without anything that could run, load or
// take a place that is not its own: elements and attributes that are known to be
// harmless, well nested. The rest is left out; of scripts, styles, frames and
// drawings the content, too.
//
// A general sanitiser's rules and patterns would cost each kernel, which is the
// same program, two megabytes at its start; ours are a few words, and the page
// forbids scripts besides.
func sanitized(text string) template.HTML {
	var b strings.Builder
	var open []string
	dropped, depth := "", 0
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		t := z.Token()
		if dropped != "" {
			switch {
			case t.Data != dropped:
			case kind == html.StartTagToken:
				depth++
			case kind == html.EndTagToken:
				if depth--; depth == 0 {
					dropped = ""
				}
			}
			continue
		}
		switch kind {
		case html.TextToken:
			b.WriteString(html.EscapeString(t.Data))
		case html.StartTagToken, html.SelfClosingTagToken:
			if strings.Contains(withContent, " "+t.Data+" ") {
				if kind == html.StartTagToken {
					dropped, depth = t.Data, 1
				}
				continue
			}
			if !strings.Contains(elements, " "+t.Data+" ") {
				continue
			}
			b.WriteString("<" + t.Data)
			for _, a := range t.Attr {
				if value, ok := attribute(t.Data, a.Key, a.Val); ok {
					b.WriteString(" " + a.Key + `="` + html.EscapeString(value) + `"`)
				}
			}
			b.WriteString(">")
			if !strings.Contains(void, " "+t.Data+" ") {
				open = append(open, t.Data)
			}
		case html.EndTagToken:
			at := len(open) - 1
			for at >= 0 && open[at] != t.Data {
				at--
			}
			if at < 0 {
				continue // it would close something of the page's
			}
			open = closed(&b, open, at)
		}
	}
	closed(&b, open, 0)
	return template.HTML(b.String())
}

// closed closes the open elements down to the one at that place.
func closed(b *strings.Builder, open []string, at int) []string {
	for i := len(open) - 1; i >= at; i-- {
		b.WriteString("</" + open[i] + ">")
	}
	return open[:at]
}

const (
	elements = " a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr tt u ul var "
	void     = " br col hr img "
	// withContent go with all that is in them: it is no text for people, or is
	// parsed by rules of its own.
	withContent = " applet audio canvas embed frame frameset iframe math noembed noframes noscript object plaintext script select style svg template textarea title video xmp "
)

// attribute says whether an element may have an attribute, and with which value.
func attribute(element, key, value string) (string, bool) {
	switch key {
	case "style":
		value = harmless(value)
		return value, value != ""
	case "title", "lang", "dir", "align":
		return value, true
	case "colspan", "rowspan", "start", "span", "width", "height":
		return value, number(value) && element != "div"
	case "open":
		return "", element == "details"
	case "alt":
		return value, element == "img"
	case "id": // of headings only, which the page's own links lead to
		return value, len(element) == 2 && element[0] == 'h' && heading1(value)
	case "src":
		return value, element == "img" && isPicture(value)
	case "href":
		return value, element == "a" && isLink(value)
	}
	return "", false
}

func number(s string) bool {
	return s != "" && len(s) < 6 && strings.Trim(strings.TrimSuffix(s, "%"), "0123456789") == ""
}

func heading1(id string) bool { return id != "" && !strings.ContainsAny(id, "<>\"'& \t\n") }

// isPicture reports whether an address is a picture that travels in the page.
// What looks like SVG is one: an img runs no script.
func isPicture(src string) bool {
	return strings.HasPrefix(src, "data:image/") && strings.Contains(src, ";base64,") && !strings.ContainsAny(src, " \t\r\n\"'<>")
}

func isLink(href string) bool {
	u, err := url.Parse(href)
	return err == nil && slices.Contains([]string{"", "http", "https", "mailto"}, u.Scheme) && !strings.HasPrefix(strings.TrimSpace(href), "//")
}

// styles are the properties that our own tables and checks are made of. No
// positions.
const styles = " text-align white-space vertical-align font-weight font-style font-family font-size color background background-color opacity border border-left border-right border-top border-bottom border-collapse border-radius padding padding-left padding-right padding-top padding-bottom margin margin-left margin-right margin-top margin-bottom width max-width height line-height cursor "

// plainStyle is a value of plain words, numbers and colours: nothing loads or
// computes.
var plainStyle = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[#%.,\w\s"'()-]{1,120}$`) })

func harmless(style string) string {
	var kept []string
	for rule := range strings.SplitSeq(style, ";") {
		name, value, ok := strings.Cut(rule, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if ok && name != "" && strings.Contains(styles, " "+name+" ") && plainStyle().MatchString(value) && !strings.Contains(strings.ToLower(value), "url") {
			kept = append(kept, name+": "+value)
		}
	}
	return strings.Join(kept, "; ")
}
