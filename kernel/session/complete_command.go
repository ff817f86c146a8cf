package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"gopark/kernel/cell"
)

// completeCommand proposes commands, and what can follow one: that is read
// from how the table writes its arguments, so that a new command needs nothing
// here unless its placeholder is new.
func (s *Session) completeCommand(d *cell.Draft, packages func() cell.Packages) []cell.Suggestion {
	var out []cell.Suggestion
	add := func(text, kind, signature string) {
		if strings.HasPrefix(text, d.Prefix) && !slices.ContainsFunc(out, func(c cell.Suggestion) bool { return c.Text == text }) {
			out = append(out, cell.Suggestion{Text: text, Kind: kind, Signature: signature})
		}
	}
	if strings.HasPrefix(d.Prefix, "%") {
		for _, k := range commands() {
			if name := title(k); k.later == "" && name != "!" {
				add(name, "command", k.args)
			}
		}
		slices.SortStableFunc(out, func(a, b cell.Suggestion) int { return strings.Compare(a.Text, b.Text) })
		return out
	}
	k, ok := find(d.Command.Name)
	if !ok || k.later != "" {
		return nil
	}
	for _, word := range strings.FieldsFunc(k.args, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("[]|…", r) }) {
		name, value, _ := strings.Cut(word, "=")
		switch {
		case name == "NAME" && k.name == "env":
			for _, kv := range slices.Sorted(slices.Values(s.environ(s.current()))) {
				variable, now, _ := strings.Cut(kv, "=")
				add(variable+"=", "var", now)
			}
		case name == "NAME" && k.name == "doc":
			s.completeName(d.Prefix, packages(), add)
		case name == "NAME":
			memory := s.remembered()
			for _, e := range memory.Entries() {
				add(e.Name, e.Kind, "")
			}
		case name == "FUNC":
			memory := s.remembered()
			for _, e := range memory.Entries() {
				if e.Kind == "func" {
					add(e.Name, e.Kind, "")
				}
			}
		case name == "FILE":
			s.files(d.Prefix, false, add)
		case name == "DIR":
			s.files(d.Prefix, true, add)
		case name == "COMMAND" && k.name == "help":
			for _, k := range commands() {
				if k.later == "" {
					add(k.name, "command", k.args)
				}
			}
		case name == "FLAG":
			for _, f := range flagsOf[k.name] {
				add(f, "flag", "")
			}
		case strings.HasPrefix(name, "-") || name == strings.ToLower(name):
			// A word that is meant as it stands: on, off, -a, go.mod.
			if value != "" {
				name += "="
			}
			add(name, "flag", "")
		}
	}
	return out
}

// find is the command of a name.
func find(name string) (command, bool) {
	all := commands()
	i := slices.IndexFunc(all, func(k command) bool { return k.name == name })
	if i < 0 {
		return command{}, false
	}
	return all[i], true
}

// flagsOf are the flags of go build and go test that make sense in a cell.
var flagsOf = map[string][]string{
	"goflags": {"-a", "-asan", "-cover", "-gcflags=", "-ldflags=", "-msan", "-race", "-tags=", "-trimpath"},
	"test": {"-bench=", "-benchmem", "-benchtime=", "-count=", "-cpu=", "-failfast", "-list=", "-parallel=", "-run=",
		"-short", "-shuffle=", "-skip=", "-timeout=", "-v"},
}

// files adds the files, or only the folders, that begin with a path. Hidden
// ones want their dot written.
func (s *Session) files(begin string, foldersOnly bool, add func(text, kind, signature string)) {
	dir, base := filepath.Split(begin)
	entries, err := os.ReadDir(s.resolve(dir))
	if err != nil {
		return
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".") {
			continue
		}
		folder := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(s.resolve(dir), name))
			folder = err == nil && info.IsDir()
		}
		name = dir + strings.ReplaceAll(name, " ", `\ `)
		if folder {
			add(name+"/", "folder", "")
		} else if !foldersOnly {
			add(name, "file", "")
		}
	}
}
