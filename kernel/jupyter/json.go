package jupyter

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// pieceLen is how much of a long string is written at once, in bytes.
const pieceLen = 32 << 10

// marshal writes JSON without escaping < and >, of which HTML is full.
//
// Package json writes into buffers that it keeps for later, each as large as
// the largest value it ever held: after one display of 14 MB the kernel stayed
// 30 MB bigger. So objects are taken apart here and long strings are cut.
func marshal(v any) ([]byte, error) { return appendJSON(nil, v) }

func appendJSON(b []byte, v any) (_ []byte, err error) {
	switch v := v.(type) {
	case streamContent:
		return appendJSON(b, object{"name": v.Name, "text": v.Text})
	case object:
		if v == nil {
			break
		}
		b = append(b, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendJSON(b, key); err != nil {
				return nil, err
			}
			if b, err = appendJSON(append(b, ':'), v[key]); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	case string:
		if len(v) > pieceLen {
			return appendLong(b, v)
		}
	}
	text, err := encodeJSON(v)
	return append(b, text...), err
}

// appendLong writes a long string piece by piece, cut between characters.
func appendLong(b []byte, s string) ([]byte, error) {
	b = slices.Grow(b, len(s)+len(s)/8+2)
	b = append(b, '"')
	for len(s) > 0 {
		n := len(s)
		if n > pieceLen {
			n = cut(s, pieceLen)
		}
		text, err := encodeJSON(s[:n])
		if err != nil {
			return nil, err
		}
		b = append(b, text[1:len(text)-1]...) // without its quotes
		s = s[n:]
	}
	return append(b, '"'), nil
}

// cut is the last place at or before n that is inside no character of s. Bytes
// that belong to none may be cut anywhere.
func cut(s string, n int) int {
	for i := n - 1; i >= max(0, n-utf8.UTFMax); i-- {
		if utf8.RuneStart(s[i]) {
			if _, size := utf8.DecodeRuneInString(s[i:]); i+size > n {
				return i
			}
			break
		}
	}
	return n
}

// encodeJSON is package json's way.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
