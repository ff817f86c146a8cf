package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep JSON may be nested. Python's json gives up at about the
// same depth, so no notebook that Jupyter can open is refused.
const maxDepth = 900

// A parser reads JSON as Python's json module does. It differs from
// encoding/json where that would lose something which Python writes into
// notebooks: NaN and the infinities are numbers, numbers keep their digits, and
// half of a surrogate pair survives (as its three-byte generalised UTF-8, which
// the writer turns into \ud83d again).
type parser struct {
	data  []byte
	off   int
	depth int

	// seek is the path whose offset is wanted, or empty; found is that offset.
	seek  string
	found int
}

// parseJSON reads one JSON value that fills data.
func parseJSON(data []byte) (any, error) {
	p := &parser{data: data}
	return p.document()
}

// locate is the offset of the value at path in data, or of the innermost value
// around it where it is missing. data has been parsed before: positions are
// needed for errors only, so they are not kept.
func locate(data []byte, path string) int {
	p := &parser{data: data, seek: path}
	p.document() // its error was reported by the first parse
	return p.found
}

func (p *parser) document() (any, error) {
	v, err := p.value("")
	if err != nil {
		return nil, err
	}
	if p.space(); p.off < len(p.data) {
		return nil, p.fault("text after the end of the notebook")
	}
	return v, nil
}

func (p *parser) fault(format string, args ...any) error {
	return faultAt(p.data, p.off, "", "not JSON: "+fmt.Sprintf(format, args...))
}

func (p *parser) space() {
	for p.off < len(p.data) {
		switch p.data[p.off] {
		case ' ', '\t', '\n', '\r':
			p.off++
		default:
			return
		}
	}
}

// saw names what stands at the offset, for messages.
func (p *parser) saw() string {
	if p.off >= len(p.data) {
		return "the end of the file"
	}
	r, size := utf8.DecodeRune(p.data[p.off:])
	if r == utf8.RuneError && size <= 1 {
		return fmt.Sprintf("the byte %#02x", p.data[p.off])
	}
	return fmt.Sprintf("%q", r)
}

func (p *parser) value(path string) (any, error) {
	p.space()
	if p.seek != "" && within(p.seek, path) {
		p.found = p.off
	}
	if p.off >= len(p.data) {
		return nil, p.fault("want a value, found the end of the file")
	}
	switch c := p.data[p.off]; {
	case c == '{':
		return p.object(path)
	case c == '[':
		return p.array(path)
	case c == '"':
		return p.text()
	}
	switch rest := p.data[p.off:]; {
	case hasPrefix(rest, "null"):
		p.off += len("null")
		return nil, nil
	case hasPrefix(rest, "true"):
		p.off += len("true")
		return true, nil
	case hasPrefix(rest, "false"):
		p.off += len("false")
		return false, nil
	}
	if n := number(p.data[p.off:]); n > 0 {
		lit := string(p.data[p.off : p.off+n])
		p.off += n
		return json.Number(lit), nil
	}
	return nil, p.fault("want a value, found %s", p.saw())
}

func hasPrefix(data []byte, word string) bool { return bytes.HasPrefix(data, []byte(word)) }

func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.fault("nested more than %d deep", maxDepth)
	}
	p.off++ // the bracket
	p.space()
	return nil
}

// next moves past the comma before another element, or past the closing bracket.
func (p *parser) next(closing byte) (more bool, err error) {
	p.space()
	if p.off < len(p.data) {
		switch p.data[p.off] {
		case ',':
			p.off++
			p.space()
			return true, nil
		case closing:
			p.off++
			p.depth--
			return false, nil
		}
	}
	return false, p.fault("want ',' or '%c', found %s", closing, p.saw())
}

func (p *parser) object(path string) (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	m := map[string]any{}
	if p.off < len(p.data) && p.data[p.off] == '}' {
		p.off++
		p.depth--
		return m, nil
	}
	for more := true; more; {
		if p.off >= len(p.data) || p.data[p.off] != '"' {
			return nil, p.fault("want a name in quotes, found %s", p.saw())
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if p.space(); p.off >= len(p.data) || p.data[p.off] != ':' {
			return nil, p.fault("want ':' after the name, found %s", p.saw())
		}
		p.off++
		v, err := p.value(p.child(path, key))
		if err != nil {
			return nil, err
		}
		m[key] = v
		if more, err = p.next('}'); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (p *parser) array(path string) (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	list := []any{}
	if p.off < len(p.data) && p.data[p.off] == ']' {
		p.off++
		p.depth--
		return list, nil
	}
	for more := true; more; {
		v, err := p.value(p.element(path, len(list)))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if more, err = p.next(']'); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (p *parser) child(path, key string) string {
	if p.seek == "" {
		return ""
	}
	return joinPath(path, key)
}

func (p *parser) element(path string, i int) string {
	if p.seek == "" {
		return ""
	}
	return fmt.Sprintf("%s[%d]", path, i)
}

// within reports whether path leads to the value at outer, or outer lies on the way.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// joinPath is the path of a field of the value at path.
func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// text reads a string; the offset is at its opening quote.
func (p *parser) text() (string, error) {
	opening := p.off
	p.off++
	var b strings.Builder
	for start := p.off; ; {
		if p.off >= len(p.data) {
			p.off = opening
			return "", p.fault("text without a closing quote")
		}
		switch c := p.data[p.off]; {
		case c == '"':
			b.Write(p.data[start:p.off])
			p.off++
			return b.String(), nil
		case c == '\\':
			b.Write(p.data[start:p.off])
			if err := p.escape(&b); err != nil {
				return "", err
			}
			start = p.off
		case c < ' ':
			return "", p.fault("control character %#02x inside text", c)
		case c < utf8.RuneSelf:
			p.off++
		default:
			r, size := utf8.DecodeRune(p.data[p.off:])
			if r == utf8.RuneError && size == 1 {
				return "", p.fault("the byte %#02x is not UTF-8", c)
			}
			p.off += size
		}
	}
}

func (p *parser) escape(b *strings.Builder) error {
	const names, values = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	rest := p.data[p.off:]
	if len(rest) > 1 {
		if i := strings.IndexByte(names, rest[1]); i >= 0 {
			b.WriteByte(values[i])
			p.off += 2
			return nil
		}
	}
	r, ok := codeUnit(rest)
	if !ok {
		return p.fault("unknown escape in text")
	}
	p.off += 6
	if utf16.IsSurrogate(r) {
		if low, ok := codeUnit(p.data[p.off:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				p.off += 6
				b.WriteRune(pair)
				return nil
			}
		}
		b.Write([]byte{0xe0 | byte(r>>12), 0x80 | byte(r>>6)&0x3f, 0x80 | byte(r)&0x3f})
		return nil
	}
	b.WriteRune(r)
	return nil
}

// codeUnit reads \uXXXX.
func codeUnit(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
