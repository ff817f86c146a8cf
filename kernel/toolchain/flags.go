package toolchain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// setFlags sorts the learner's flags: what the direct way honours, and why
// the rest needs go build.
func (p *program) setFlags(flags []string) {
	for i := 0; i < len(flags); i++ {
		name, value, hasValue := strings.Cut(flags[i], "=")
		name = "-" + strings.TrimLeft(name, "-")
		switch name {
		case "-gcflags", "-ldflags":
			if !hasValue && i+1 < len(flags) { // -gcflags -m, as the go command allows
				i++
				value = flags[i]
			}
			// "pattern=flags" speaks of other packages too.
			if pattern, _, ok := strings.Cut(value, "="); ok && !strings.HasPrefix(value, "-") && pattern != "" {
				p.needGo(name + "=" + value)
			}
			words, err := splitFlags(value)
			if err != nil {
				p.needGo(name + "=" + value) // go build explains it
			}
			if name == "-gcflags" {
				p.gcflags = words // the last one counts
				break
			}
			p.ldflags = words
			for _, w := range words {
				if w == "-s=false" || w == "-w=false" || w == "-s=0" || w == "-w=0" || strings.HasPrefix(w, "-linkmode") || strings.HasPrefix(w, "-ext") {
					p.needGo("-ldflags=" + value)
				}
			}
			p.flags = append(p.flags, name+"="+value)
			continue
		case "-race":
			if value == "false" {
				continue
			}
			p.kind = Race
			continue
		case "-trimpath":
			continue // it changes paths that a cell does not have
		case "-o", "-C", "-modfile", "-overlay", "-toolexec", "-n":
			p.needGo(name + " is not for cells")
			if !hasValue && name != "-n" {
				i++
			}
			continue // go build must not see it
		default:
			p.needGo(flags[i])
		}
		if name == "-gcflags" {
			p.flags = append(p.flags, name+"="+value)
		} else {
			p.flags = append(p.flags, flags[i])
		}
	}
}

func (p *program) needGo(why string) {
	if p.fallback == "" {
		p.fallback = why
	}
}

// splitFlags splits as the go command does: at spaces, with quotes.
func splitFlags(s string) ([]string, error) {
	var out []string
	for s = strings.TrimLeft(s, " \t\n"); s != ""; s = strings.TrimLeft(s, " \t\n") {
		if q := s[0]; q == '"' || q == '\'' {
			end := strings.IndexByte(s[1:], q)
			if end < 0 {
				return nil, fmt.Errorf("unterminated %c", q)
			}
			out = append(out, s[1:end+1])
			s = s[end+2:]
			continue
		}
		end := strings.IndexAny(s, " \t\n")
		if end < 0 {
			end = len(s)
		}
		out = append(out, s[:end])
		s = s[end:]
	}
	return out, nil
}

// setEnv looks for settings that change what is built.
func (p *program) setEnv(env []string, have *goEnv) {
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		if slices.Contains(runtimeOnly, name) {
			continue
		}
		known, isGo := have.all[name]
		switch {
		case !isGo, known == value:
			continue
		case name == "CGO_ENABLED" && (value == "0") == (p.kind == Normal):
			continue
		case name == "GOPROXY", name == "GOCACHE", name == "GOMODCACHE", name == "GOPATH", name == "GOROOT",
			name == "GOMOD", name == "GOWORK", name == "GOENV", name == "GOTOOLCHAIN", name == "GOVERSION":
			continue // for go commands that the learner runs, not for this one
		}
		p.env = append(p.env, kv)
		p.needGo(kv)
	}
}

// key names the built program: everything that it depends on.
func (p *program) key(s *set, identity []string) string {
	h := sha256.New()
	fmt.Fprintf(h, "program 1\n%s\n%q\n%q\n%q\n", p.kind, identity, p.gcflags, p.ldflags)
	for _, root := range p.roots() {
		fmt.Fprintf(h, "%s %x\n", root, s.hashes[root])
	}
	for _, f := range p.files {
		fmt.Fprintf(h, "%q %d\n", f.Name, len(f.Text))
		h.Write(f.Text)
	}
	return hex.EncodeToString(h.Sum(nil))
}
