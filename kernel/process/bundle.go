package process

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// present turns one value of a bundle into what Jupyter expects under its MIME
// type: JSON types as Go values, text as a string, everything else as base64.
//
// A program may send JSON as text or as bytes too; stock GoNB would show that
// as a string or as base64, which no front end can draw.
func present(mime string, v any) any {
	raw, isBytes := v.([]byte)
	text, isText := v.(string)
	if isText {
		raw = []byte(text)
	}
	switch {
	case isJSON(mime) && (isBytes || isText):
		if value, ok := parseJSON(raw, isBytes); ok {
			return value
		}
		return string(raw)
	case isJSON(mime):
		return plain(v)
	case isText:
		return text
	case isBytes && isPlainText(mime):
		return string(raw)
	case isBytes:
		return base64.StdEncoding.EncodeToString(raw)
	default:
		return fmt.Sprint(v)
	}
}

// parseJSON reads JSON. In a string only an object or a list counts: a program
// that sends "5" as a string may well mean the string.
func parseJSON(raw []byte, anyKind bool) (value any, ok bool) {
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) == 0 || !anyKind && trimmed[0] != '{' && trimmed[0] != '[' {
		return nil, false
	}
	if err := json.Unmarshal(trimmed, &value); err != nil {
		return nil, false
	}
	return value, true
}

// isJSON reports a type whose value is JSON (RFC 6838, section 4.2.8).
func isJSON(mime string) bool {
	mime = essence(mime)
	return mime == "application/json" || strings.HasSuffix(mime, "+json")
}

// isPlainText reports a type whose value is text that needs no base64.
func isPlainText(mime string) bool {
	mime = essence(mime)
	return strings.HasPrefix(mime, "text/") || strings.HasSuffix(mime, "+xml") ||
		mime == "application/javascript" || mime == "application/xml"
}

// essence is a MIME type without its parameters.
func essence(mime string) string {
	mime, _, _ = strings.Cut(mime, ";")
	return strings.ToLower(strings.TrimSpace(mime))
}

// plain makes of v something that encoding/json takes. What JSON lacks, such
// as infinity and numbers that aren't one, is null, as in JavaScript.
func plain(v any) any {
	switch v := v.(type) {
	case nil, bool, string, int, int64, []byte:
		return v
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v
	case map[string]any:
		for key, value := range v {
			v[key] = plain(value)
		}
		return v
	case []any:
		for i, value := range v {
			v[i] = plain(value)
		}
		return v
	case []float64:
		list := make([]any, len(v))
		for i, value := range v {
			list[i] = plain(value)
		}
		return list
	case map[string]float64:
		object := make(map[string]any, len(v))
		for key, value := range v {
			object[key] = plain(value)
		}
		return object
	}
	if _, err := json.Marshal(v); err != nil {
		return fmt.Sprint(v)
	}
	return v
}
