package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// appendJSON appends v as Python's json.dumps(v, indent=1, sort_keys=True,
// ensure_ascii=False) writes it. Go values that Read never makes go through
// encoding/json first.
func appendJSON(dst []byte, v any, indent int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return appendText(dst, v), nil
	case json.Number:
		return append(dst, pythonNumber(string(v))...), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case float64:
		return append(dst, pythonFloat(v)...), nil
	case map[string]any:
		return appendObject(dst, v, indent)
	case Output:
		return appendObject(dst, v, indent)
	case []any:
		return appendArray(dst, v, indent)
	case []string:
		return appendArray(dst, v, indent)
	}
	p, err := plain(v)
	if err != nil {
		return nil, err
	}
	return appendJSON(dst, p, indent)
}

// plain turns a Go value into those that Read makes, sharing nothing with it.
func plain(v any) (any, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("a notebook cannot hold this value: %w", err)
	}
	return parseJSON(b.Bytes())
}

func appendObject(dst []byte, m map[string]any, indent int) ([]byte, error) {
	if len(m) == 0 {
		return append(dst, "{}"...), nil
	}
	dst = append(dst, '{')
	for i, key := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = newline(dst, indent+1)
		dst = appendText(dst, key)
		dst = append(dst, ": "...)
		var err error
		if dst, err = appendJSON(dst, m[key], indent+1); err != nil {
			return nil, err
		}
	}
	return append(newline(dst, indent), '}'), nil
}

func appendArray[T any](dst []byte, list []T, indent int) ([]byte, error) {
	if len(list) == 0 {
		return append(dst, "[]"...), nil
	}
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = newline(dst, indent+1)
		var err error
		if dst, err = appendJSON(dst, v, indent+1); err != nil {
			return nil, err
		}
	}
	return append(newline(dst, indent), ']'), nil
}

func newline(dst []byte, indent int) []byte {
	dst = append(dst, '\n')
	for range indent {
		dst = append(dst, ' ')
	}
	return dst
}

// appendText appends s in quotes. Python escapes the quote, the backslash and
// what is below a space, and nothing else: neither U+2028 nor < and >.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c == '\f':
			dst = append(dst, `\f`...)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c == 0xed && surrogate(s[i:]) != 0:
			r := surrogate(s[i:])
			if pair := utf16.DecodeRune(r, surrogate(s[i+3:])); pair != '\uFFFD' {
				// Two halves met when lines were joined.
				dst = append(dst, string(pair)...)
				i += 5
				continue
			}
			dst = append(dst, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
			i += 2
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r) // U+FFFD for a byte that is not UTF-8
			i += size - 1
		}
	}
	return append(dst, '"')
}

// surrogate is the half of a surrogate pair that s begins with in the parser's
// generalised UTF-8, or 0.
func surrogate(s string) rune {
	if len(s) < 3 || s[0] != 0xed || s[1] < 0xa0 || s[1] > 0xbf || s[2]&0xc0 != 0x80 {
		return 0
	}
	return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f)
}
