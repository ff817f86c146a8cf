package compiled

import (
	"bytes"
	"strconv"
	"strings"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
	"gopark/kernel/session"
	"gopark/kernel/toolchain"
)

// exitFiles add the package that counts goroutines at the end of p; none for
// tests, whose main is not the learner's.
func (e *Engine) exitFiles(p *cell.Program) []toolchain.Source {
	if p.Kind == cell.Tests || e.uncounted {
		return nil
	}
	return []toolchain.Source{{Name: "gopark_exit.go", Text: []byte("package main\n\nimport _ \"gopark/helpers/internal/exit\"\n")}}
}

// readLedger reads what the exit file wrote. Anything but what it writes is
// taken for nothing: the program may have written there, too.
func readLedger(text []byte) (g session.Goroutines) {
	for {
		line, rest, ok := bytes.Cut(text, []byte("\n"))
		if !ok {
			return g
		}
		if head := string(line); head == "dump" || head == "cut dump" {
			dump, marked, _ := strings.Cut(string(rest), "\ngopark leaks\n")
			// The first is the one that came to the end.
			_, dump, _ = strings.Cut(dump, "\n\n")
			if head == "cut dump" {
				dump = explain.Cut(dump, "")
			}
			g.Dump = markLeaked(dump, marked)
			return g
		}
		name, number, _ := strings.Cut(string(line), " ")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 {
			return session.Goroutines{}
		}
		switch name {
		case "allgs", "allp", "at": // package peek reads them
		case "created":
			g.Created = n
		case "at-once":
			g.AtMost = n
		case "live":
			g.Live = n
		case "unstarted":
			g.Unstarted = n
		default:
			return session.Goroutines{}
		}
		text = rest
	}
}

// markLeaked puts the marks of the second dump, which the leak profile made,
// into the first, which is older: what main left behind.
func markLeaked(dump, marked string) string {
	const mark = " (leaked)"
	for line := range strings.Lines(marked) {
		if head, state, ok := strings.Cut(line, "["); ok && strings.HasPrefix(head, "goroutine ") && strings.Contains(state, mark) {
			before, after, found := strings.Cut("\n"+dump, "\n"+head+"[")
			if end := strings.IndexAny(after, ",]"); found && end >= 0 {
				dump = before[min(1, len(before)):] + "\n" + head + "[" + after[:end] + mark + after[end:]
			}
		}
	}
	return dump
}
