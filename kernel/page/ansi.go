package page

import (
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// sequence is an escape sequence of a terminal: a colour (ends in m) or another
// wish, which a page cannot grant.
var sequence = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)|[@-Z\\\\-_])")
})

// ansi is text that a terminal would show in colours, as HTML.
func ansi(text string) template.HTML {
	var m marked
	var st sgr
	for text != "" {
		loc := sequence().FindStringIndex(text)
		if loc == nil {
			m.put(st.class(), visible(text))
			break
		}
		m.put(st.class(), visible(text[:loc[0]]))
		seq := text[loc[0]:loc[1]]
		if strings.HasPrefix(seq, "\x1b[") && strings.HasSuffix(seq, "m") {
			st.apply(seq[2 : len(seq)-1])
		}
		text = text[loc[1]:]
	}
	return m.html()
}

// visible leaves out the control characters that HTML cannot hold.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}

// An sgr is how text looks now ("select graphic rendition", ECMA-48).
type sgr struct {
	bold, dim, italic, underline bool
	colour                       int // 1 to 8: one of eight; 0: that of the page
}

func (s *sgr) apply(params string) {
	list := strings.Split(params, ";")
	for i := 0; i < len(list); i++ {
		n, err := strconv.Atoi(list[i])
		if err != nil && list[i] != "" {
			return
		}
		switch {
		case n == 0:
			*s = sgr{}
		case n == 1:
			s.bold = true
		case n == 2:
			s.dim = true
		case n == 3:
			s.italic = true
		case n == 4:
			s.underline = true
		case n == 22:
			s.bold, s.dim = false, false
		case n == 23:
			s.italic = false
		case n == 24:
			s.underline = false
		case n >= 30 && n <= 37:
			s.colour = n - 29
		case n >= 90 && n <= 97:
			s.colour = n - 89
		case n == 39:
			s.colour = 0
		case n == 38 || n == 48: // one of 256 colours, or one by its parts
			if i+2 < len(list) && list[i+1] == "5" {
				if c, err := strconv.Atoi(list[i+2]); n == 38 && err == nil && c >= 0 && c < 16 {
					s.colour = c%8 + 1
				}
				i += 2
			} else {
				i += 4
			}
		}
	}
}

func (s sgr) class() string {
	var all []string
	for _, c := range []struct {
		on   bool
		name string
	}{{s.bold, "b"}, {s.dim, "d"}, {s.italic, "i"}, {s.underline, "u"}, {s.colour > 0, "f" + strconv.Itoa(s.colour-1)}} {
		if c.on {
			all = append(all, c.name)
		}
	}
	return strings.Join(all, " ")
}
