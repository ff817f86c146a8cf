package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What a learner reads when a check did not come to its end. Each is one
// sentence or two: what happened, where, and what to look at.

func panicMessage(value, stack string) string {
	value = strings.TrimPrefix(value, "panic: ")
	at, _ := learnerFrames(strings.Split(stack, "\n"))
	s := fmt.Sprintf("your code panicked: %s", oneLine(value))
	if at.known() {
		s += ", at " + at.String()
	}
	return s
}

func deadlockMessage(stuck []waiter) string {
	s := "deadlock: everybody waits, and nobody is left who could wake anybody"
	if p := places(stuck); p != "" {
		s += ": " + p
	}
	return s
}

func leakMessage(left []waiter) string {
	n := 0
	for _, w := range left {
		if w.At.known() || w.From.known() {
			n++
		}
	}
	verb := "were"
	if n == 1 {
		verb = "was"
	}
	return fmt.Sprintf("%s %s left behind when the work was done; none was expected: %s. Who would ever wake it?",
		count(n, "goroutine"), verb, places(left))
}

func lockMessage(dump string) string {
	var locked []waiter
	for _, w := range waiters(dump, func(state string) bool {
		return strings.Contains(state, "Mutex") || strings.Contains(state, "semacquire")
	}) {
		if w.At.known() {
			locked = append(locked, w)
		}
	}
	if len(locked) == 0 {
		return ""
	}
	return "a lock is held while its owner waits for something else, and so nothing goes on: " + places(locked) +
		". (The clock of a check stands still while somebody waits for a lock: take locks for as short as possible, and never across a call that waits.)"
}

var exitStatus = regexp.MustCompile(`exit status \d+`)

// crashMessage explains a process that ended without a verdict: stderr is what
// it said, status how it ended.
func crashMessage(stderr, status string, reached bool) string {
	if i := strings.Index(stderr, "panic: "); i >= 0 {
		value, rest, _ := strings.Cut(stderr[i:], "\n")
		// Only the goroutine that panicked, which comes first.
		first := rest
		if j := strings.Index(rest, "goroutine "); j >= 0 {
			first, _, _ = strings.Cut(rest[j:], "\n\n")
		}
		return panicMessage(strings.TrimSuffix(value, " [recovered]"), first)
	}
	if i := strings.Index(stderr, "fatal error: "); i >= 0 {
		value, rest, _ := strings.Cut(stderr[i+len("fatal error: "):], "\n")
		switch {
		case strings.Contains(value, "all goroutines are asleep"):
			if m := lockMessage(rest); m != "" {
				return m
			}
			return deadlockMessage(waiters(rest, func(state string) bool { return true }))
		case strings.Contains(value, "concurrent map"):
			at, _ := learnerFrames(strings.Split(rest, "\n"))
			s := "two goroutines used the same map at the same time (" + value + ")"
			if at.known() {
				s += ", at " + at.String()
			}
			return s
		}
		at, _ := learnerFrames(strings.Split(rest, "\n"))
		s := "your program was stopped by Go: " + oneLine(value)
		if strings.Contains(value, "out of memory") || strings.Contains(value, "cannot allocate") {
			s = "your code used up the memory of a check: does something grow without end?"
			at, _ = learnerFrames(strings.Split(rest[strings.Index(rest, "goroutine ")+1:], "\n"))
		}
		if at.known() {
			s += ", at " + at.String()
		}
		return s
	}
	switch {
	case !reached:
		return "the cell did not get as far as this check again (" + status + "): let the check stand in a cell of its own"
	case status == "exit status 0", exitStatus.MatchString(status):
		s := "your code ended the whole program (" + status + "): is there an os.Exit or a log.Fatal in it?"
		if line := lastLine(stderr); line != "" {
			s += " It said: " + oneLine(line)
		}
		return s
	}
	return "the program was stopped from outside (" + status + "): did it use up the memory?"
}

// hangMessage explains a process that had to be stopped after limit.
func hangMessage(stderr string, limit time.Duration) string {
	dump := stderr
	if i := strings.Index(dump, "SIGQUIT"); i >= 0 {
		dump = dump[i:]
	}
	all := waiters(dump, func(string) bool { return true })
	// The first goroutine is the one that called the check, and waits for it.
	all = slices.DeleteFunc(all, func(w waiter) bool { return w.ID == "1" })
	busy := func(w waiter) bool { return strings.HasPrefix(w.State, "runn") } // running, runnable
	for _, w := range all {
		if busy(w) && w.At.known() {
			return fmt.Sprintf("still running after %v of real time, at %s: a loop that never ends?", limit, w.At)
		}
	}
	for _, w := range all {
		if busy(w) && w.From.known() {
			return fmt.Sprintf("still running after %v of real time, in a goroutine started at %s: a loop that never ends?", limit, w.From)
		}
	}
	if m := lockMessage(dump); m != "" {
		return m
	}
	// A goroutine that was put aside just when its stack was to be printed has
	// none: then nothing is said of the place, rather than of another one.
	if slices.ContainsFunc(all, func(w waiter) bool { return busy(w) && w.ID != "0" }) {
		return fmt.Sprintf("still running after %v of real time: a loop that never ends?", limit)
	}
	for _, w := range all {
		if w.At.known() {
			return fmt.Sprintf("not at its end after %v of real time: a goroutine is %s at %s", limit, doing(w.State), w.At)
		}
	}
	return fmt.Sprintf("still running after %v of real time: a loop that never ends?", limit)
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
