package session

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

// asked is NAME? or NAME??, alone in a cell, or ?NAME: how people of other
// kernels ask what something is. No Go looks like it.
var asked = regexp.MustCompile(`^\s*(?:(%?%?[\pL_][\pL\pN_]*(?:\.[\pL_][\pL\pN_]*)*)(\?\??)|(\?\??)(%?%?[\pL_][\pL\pN_]*(?:\.[\pL_][\pL\pN_]*)*))\s*$`)

// question is the name that a cell asks for, and whether for its source.
func question(text string) (name string, source, ok bool) {
	m := asked.FindStringSubmatch(text)
	if m == nil {
		return "", false, false
	}
	return m[1] + m[4], m[2] == "??" || m[3] == "??", true
}

// answer puts what is known of a name into the front end's pager.
func (x *execution) answer(name string, source bool) *explain.Failure {
	x.report.Kind = "command"
	d := x.Inspect(x.ctx, name, utf8.RuneCountInString(name), source)
	if !d.Found {
		return explain.New("CommandError", fmt.Sprintf("nothing is known of %s", name),
			"write it as a cell would: F, T.M, sync.WaitGroup; one ? for its documentation, ?? for its source")
	}
	x.page = d.Data
	return nil
}

// IsComplete judges a cell that is being typed.
func (s *Session) IsComplete(code string) (cell.Completeness, string) {
	if _, _, ok := question(code); ok {
		return cell.Complete, ""
	}
	return cell.IsComplete(code)
}

// completeName proposes how a Go name at the end of a command could go on.
func (s *Session) completeName(begin string, packages cell.Packages, add func(text, kind, signature string)) {
	memory := s.remembered()
	name := memory.Draft("%%\n"+begin, len("%%\n"+begin), packages)
	before := strings.TrimSuffix(begin, name.Prefix)
	for _, c := range name.Suggest() {
		if c.Kind != "keyword" {
			add(before+c.Text, c.Kind, c.Signature)
		}
	}
}
