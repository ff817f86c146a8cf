package session

import (
	"bytes"
	"gopark/kernel/explain"
	"strings"
)

// crashLines are how the runtime begins to say that a program dies. All that
// follows on stderr belongs to it.
var crashLines = []string{
	"panic: ", "fatal error: ", "SIGQUIT: quit", "SIGSEGV: ", "SIGABRT: ", "unexpected fault address ",
	"runtime: goroutine stack exceeds ", "runtime: out of memory", "runtime: program exceeds ",
}

const (
	raceRule  = "=================="
	raceBegin = "WARNING: DATA RACE"
	raceCount = "Found "
	// heldHead and heldTail bound what is kept of a crash: 200,000 goroutines
	// have much to say.
	heldHead = 1 << 20
	heldTail = 64 << 10
)

// A crashFilter takes crash and race reports out of a program's stderr. The
// zero value is ready to use.
type crashFilter struct {
	line    []byte // the line under way, while it may still become a report
	midLine bool   // the line under way is none, and its beginning is gone
	crashed bool
	inRace  bool
	rule    []byte // a race's first rule, until the next line tells
	crash   held
	races   held
}

type held struct {
	head, tail []byte
	cut        bool
}

func (h *held) write(p []byte) {
	if room := heldHead - len(h.head); room > 0 {
		n := min(room, len(p))
		h.head = append(h.head, p[:n]...)
		p = p[n:]
	}
	h.tail = append(h.tail, p...)
	if extra := len(h.tail) - heldTail; extra > heldTail {
		h.tail = append(h.tail[:0], h.tail[extra:]...)
		h.cut = true
	}
}

func (h *held) String() string {
	if h.cut {
		return explain.Cut(string(h.head), string(h.tail))
	}
	return string(h.head) + string(h.tail)
}

// filter returns the part of p, and of what it held before, that is no report.
func (f *crashFilter) filter(p []byte) (pass []byte) {
	for len(p) > 0 {
		if f.crashed {
			f.crash.write(p)
			return pass
		}
		i := bytes.IndexByte(p, '\n')
		if f.midLine {
			if i < 0 {
				return append(pass, p...)
			}
			pass = append(pass, p[:i+1]...)
			p = p[i+1:]
			f.midLine = false
			continue
		}
		end := i + 1
		if i < 0 {
			end = len(p)
		}
		f.line = append(f.line, p[:end]...)
		p = p[end:]
		if i < 0 {
			if !f.inRace && !f.mayBecome(string(f.line)) {
				pass = append(append(pass, f.takeRule()...), f.line...)
				f.line, f.midLine = nil, true
			}
			continue
		}
		line := f.line
		f.line = nil
		pass = append(pass, f.whole(line)...)
	}
	return pass
}

// whole judges a line that has its newline.
func (f *crashFilter) whole(line []byte) (pass []byte) {
	text := string(line)
	isRule := strings.HasPrefix(text, raceRule)
	switch {
	case f.inRace:
		f.races.write(line)
		f.inRace = !isRule
	case strings.HasPrefix(text, raceBegin):
		f.rule = nil
		f.inRace = true
		f.races.write(line)
	case isRule:
		pass = f.takeRule()
		f.rule = line
	case strings.HasPrefix(text, raceCount) && strings.Contains(text, "data race(s)") && len(f.races.head) > 0:
	case startsCrash(text):
		pass = f.takeRule()
		f.crashed = true
		f.crash.write(line)
	default:
		pass = append(f.takeRule(), line...)
	}
	return pass
}

func (f *crashFilter) takeRule() []byte {
	r := f.rule
	f.rule = nil
	return r
}

func startsCrash(line string) bool {
	for _, c := range crashLines {
		if strings.HasPrefix(line, c) {
			return true
		}
	}
	return false
}

// mayBecome reports whether the beginning of a line may turn out a report's.
func (f *crashFilter) mayBecome(begin string) bool {
	for _, c := range append(crashLines, raceRule, raceBegin, raceCount) {
		if strings.HasPrefix(c, begin) || strings.HasPrefix(begin, c) {
			return true
		}
	}
	return false
}

// rest gives up only what is part of no report.
func (f *crashFilter) rest() []byte {
	out := append(f.takeRule(), f.line...)
	f.line = nil
	return out
}

// release gives up what is held, for a program whose output only looked like a
// report.
func (f *crashFilter) release() []byte {
	out := f.takeRule()
	out = append(out, f.races.String()...)
	out = append(out, f.line...)
	out = append(out, f.crash.String()...)
	*f = crashFilter{}
	return out
}
