package complete

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"gopark/kernel/cell"
)

// The few shapes of the Language Server Protocol 3.17 that are spoken here.

type position struct {
	Line      int `json:"line"`
	Character int `json:"character"` // UTF-16 units
}

type textRange struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

type textDocument struct {
	URI        string `json:"uri"`
	LanguageID string `json:"languageId,omitempty"`
	Version    int    `json:"version,omitempty"`
	Text       string `json:"text,omitempty"`
}

type positionParams struct {
	TextDocument textDocument `json:"textDocument"`
	Position     position     `json:"position"`
}

type completionList struct {
	Items []completionItem `json:"items"`
}

type completionItem struct {
	Label               string            `json:"label"`
	Kind                int               `json:"kind"`
	Detail              string            `json:"detail"`
	SortText            string            `json:"sortText"`
	InsertText          string            `json:"insertText"`
	TextEdit            *textEdit         `json:"textEdit"`
	AdditionalTextEdits []json.RawMessage `json:"additionalTextEdits"`
}

// A textEdit is a TextEdit or an InsertReplaceEdit, whose insert range is the
// one that ends at the cursor.
type textEdit struct {
	NewText string    `json:"newText"`
	Range   textRange `json:"range"`
	Insert  textRange `json:"insert"`
}

type hover struct {
	Contents struct {
		Value string `json:"value"`
	} `json:"contents"`
}

// kinds are CompletionItemKind in Go's words; what is not here is no name.
var kinds = map[int]string{2: "method", 3: "func", 5: "field", 6: "var", 7: "type", 8: "type", 9: "package",
	14: "keyword", 21: "const", 22: "type", 25: "type"}

// fileURI is the address of a file.
func fileURI(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }

// positionOf is the place of a byte offset: the line, and UTF-16 units in it.
func positionOf(text []byte, offset int) position {
	offset = min(max(0, offset), len(text))
	before := string(text[:offset])
	start := strings.LastIndexByte(before, '\n') + 1
	p := position{Line: strings.Count(before, "\n")}
	for _, r := range before[start:] {
		p.Character++
		if r >= 0x10000 {
			p.Character++
		}
	}
	return p
}

// offsetOf is the byte offset of a place; that of the line's end when the line
// is shorter, and of the text's end when the text is.
func offsetOf(text []byte, p position) int {
	offset := 0
	for range p.Line {
		i := slices.Index(text[offset:], '\n')
		if i < 0 {
			return len(text)
		}
		offset += i + 1
	}
	for units := 0; units < p.Character && offset < len(text) && text[offset] != '\n'; units++ {
		r, size := utf8.DecodeRune(text[offset:])
		if r >= 0x10000 {
			units++
		}
		offset += size
	}
	return offset
}

// suggestions are the items that only replace the prefix which ends at cursor,
// best first. Others, such as those that rewrite what stands before a dot, are
// for editors.
func suggestions(list completionList, text []byte, cursor int, prefix string) []cell.Suggestion {
	slices.SortStableFunc(list.Items, func(a, b completionItem) int { return cmp.Compare(a.SortText, b.SortText) })
	var out []cell.Suggestion
	for _, item := range list.Items {
		kind := kinds[item.Kind]
		name := cmp.Or(item.InsertText, item.Label)
		if e := item.TextEdit; e != nil {
			r := e.Range
			if r == (textRange{}) {
				r = e.Insert
			}
			if offsetOf(text, r.Start) != cursor-len(prefix) {
				continue
			}
			name = e.NewText
		}
		if kind == "" || len(item.AdditionalTextEdits) > 0 || !plainName(name) || name == "_" ||
			len(name) < len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
			continue
		}
		if kind == "package" {
			item.Detail = strings.Trim(item.Detail, `"`)
		}
		out = append(out, cell.Suggestion{Text: name, Kind: kind, Signature: item.Detail})
	}
	return out
}

// plainName reports whether a proposal is one name, and not code.
func plainName(s string) bool { return s != "" && !strings.ContainsAny(s, " \t\n.(){}[]\"`") }
