package jupyter

import (
	"slices"
	"sync"
)

// maxHistory bounds the bytes of code and results that are remembered.
const maxHistory = 8 << 20

// An entry is one executed cell.
type entry struct {
	line   int // its execution count
	input  string
	output *string // its result as text; nil: it had none
}

func (e entry) size() int {
	n := len(e.input) + 64
	if e.output != nil {
		n += len(*e.output)
	}
	return n
}

// A history remembers the cells of one kernel process, which is its only
// session and has number 1. It is safe for concurrent use.
type history struct {
	mu      sync.Mutex
	entries []entry
	bytes   int
}

const historySession = 1

// add remembers a cell, and forgets the oldest ones when there are too many.
func (h *history) add(e entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries = append(h.entries, e)
	h.bytes += e.size()
	old := 0
	for h.bytes > maxHistory {
		h.bytes -= h.entries[old].size()
		old++
	}
	h.entries = slices.Delete(h.entries, 0, old)
}

// A historyRequest selects cells.
type historyRequest struct {
	Output  bool   `json:"output"`
	Access  string `json:"hist_access_type"` // "tail", "range" or "search"
	Session int    `json:"session"`          // range: 1 or 0 for this one; no other is known
	Start   int    `json:"start"`            // range: the first line
	Stop    *int   `json:"stop"`             // range: the line after the last; nil: none
	N       *int   `json:"n"`                // tail, search: at most the last n; nil: all
	Pattern string `json:"pattern"`          // search: a glob that matches all of the code
	Unique  bool   `json:"unique"`           // search: of equal ones only the last
}

// find returns the selected cells, oldest first, as the rows of a reply:
// session, line, and input or a pair of input and output.
func (h *history) find(q historyRequest) [][]any {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []entry
	switch q.Access {
	case "tail":
		found = h.entries
	case "range":
		for _, e := range h.entries {
			if (q.Session == 0 || q.Session == historySession) && e.line >= q.Start && (q.Stop == nil || e.line < *q.Stop) {
				found = append(found, e)
			}
		}
	case "search":
		if q.Pattern == "" {
			q.Pattern = "*"
		}
		seen := make(map[string]bool)
		for _, e := range slices.Backward(h.entries) {
			if glob(q.Pattern, e.input) && !(q.Unique && seen[e.input]) {
				seen[e.input] = true
				found = append(found, e)
			}
		}
		slices.Reverse(found)
	}
	if q.N != nil && q.Access != "range" {
		found = found[max(0, len(found)-max(0, *q.N)):]
	}
	rows := [][]any{}
	for _, e := range found {
		row := []any{historySession, e.line, e.input}
		if q.Output {
			row[2] = []any{e.input, e.output}
		}
		rows = append(rows, row)
	}
	return rows
}

// glob reports whether pattern, in which * stands for any text, ? for one
// character and [abc], [a-z], [^a] for one of a set, matches all of text. It
// is SQLite's GLOB, which other kernels search with; path.Match would stop at
// a slash. It takes at most len(pattern)·len(text) steps.
func glob(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	star, retry := -1, 0 // the last * in p, and where in t to go on after it
	i, j := 0, 0
	for j < len(t) {
		if i < len(p) && p[i] == '*' {
			star, retry = i, j
			i++
			continue
		}
		if i < len(p) {
			if width, ok := matchOne(p[i:], t[j]); ok {
				i += width
				j++
				continue
			}
		}
		if star < 0 {
			return false
		}
		retry++
		i, j = star+1, retry
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// matchOne matches one character against the beginning of a pattern, and
// returns how much of the pattern stood for it. A [ that is never closed
// matches nothing.
func matchOne(p []rune, r rune) (width int, ok bool) {
	switch p[0] {
	case '?':
		return 1, true
	case '[':
	default:
		return 1, p[0] == r
	}
	i, not := 1, false
	if i < len(p) && p[i] == '^' {
		i, not = i+1, true
	}
	in := false
	for first := true; i < len(p); first = false {
		if p[i] == ']' && !first {
			return i + 1, in != not
		}
		low, high := p[i], p[i]
		if i+2 < len(p) && p[i+1] == '-' && p[i+2] != ']' {
			high = p[i+2]
			i += 2
		}
		in = in || low <= r && r <= high
		i++
	}
	return 0, false
}
