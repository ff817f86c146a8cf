package notebook

import "strings"

// splitLines cuts s after each line end, as Python's str.splitlines(True): not
// only after \n. The order of a notebook's lines in its file depends on it.
func splitLines(s string) []string {
	lines := []string{}
	for s != "" {
		n := lineLength(s)
		lines = append(lines, s[:n])
		s = s[n:]
	}
	return lines
}

// lineLength is the length of the first line of s with its end.
func lineLength(s string) int {
	for i, r := range s {
		switch r {
		case '\r':
			if strings.HasPrefix(s[i+1:], "\n") {
				return i + 2
			}
			return i + 1
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e:
			return i + 1
		case 0x85:
			return i + 2
		case 0x2028, 0x2029:
			return i + 3
		}
	}
	return len(s)
}

// joinText undoes splitLines in a value of a file: a string, or a list of them.
func joinText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []any:
		var b strings.Builder
		for _, line := range v {
			s, ok := line.(string)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}

// isJSON reports whether values of a MIME type are JSON, never lists of lines.
func isJSON(mime string) bool {
	return mime == "application/json" ||
		strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}

// isSplit reports whether text of a MIME type is written as a list of lines.
func isSplit(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == "application/javascript" || mime == "image/svg+xml"
}

// joinBundle joins the lines in a MIME bundle, in place.
func joinBundle(data any) {
	bundle, _ := data.(map[string]any)
	for mime, v := range bundle {
		if isJSON(mime) {
			continue
		}
		if s, ok := joinText(v); ok {
			bundle[mime] = s
		}
	}
}

// splitBundle is the MIME bundle with its text in lines; data is not changed.
func splitBundle(data any) any {
	bundle, ok := data.(map[string]any)
	if !ok {
		return data
	}
	split := make(map[string]any, len(bundle))
	for mime, v := range bundle {
		if s, ok := v.(string); ok && isSplit(mime) {
			v = splitLines(s)
		}
		split[mime] = v
	}
	return split
}
