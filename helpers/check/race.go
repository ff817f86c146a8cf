package check

import (
	"regexp"
	"strconv"
	"strings"

	"gopark/helpers/display"
)

var raceAccess = regexp.MustCompile(`(?i)^(previous )?(?:atomic )?(read|write) at 0x[0-9a-f]+ by (main goroutine|goroutine \d+):$`)

// raceMessage explains the first report of the race detector that has a line of
// the learner's in it; "" when there is none. It is foremost when both sides
// are the learner's code: otherwise, the check found a result that was still
// being made, and its own words for that are better.
func raceMessage(stderr string) (message string, foremost bool) {
	for text := range strings.SplitSeq(stderr, "==================\n") {
		if !strings.HasPrefix(text, "WARNING: DATA RACE") {
			continue
		}
		var verbs []string
		var at []frame
		for block := range strings.SplitSeq(text, "\n\n") {
			lines := strings.Split(strings.TrimPrefix(block, "WARNING: DATA RACE\n"), "\n")
			m := raceAccess.FindStringSubmatch(lines[0])
			if m == nil {
				continue
			}
			verbs = append(verbs, map[string]string{"read": "reads", "write": "writes"}[strings.ToLower(m[2])])
			at = append(at, raceFrame(lines[1:]))
		}
		if len(at) < 2 || !at[0].known() && !at[1].known() {
			continue
		}
		if !at[0].known() || !at[1].known() {
			own, verb := at[0], verbs[0]
			if !own.known() {
				own, verb = at[1], verbs[1]
			}
			if message == "" {
				message = "data race: a goroutine " + verb + " at " + own.String() + " what the check uses at the same time: your result, or what it gave you. Is it still running after you have returned?"
			}
			continue
		}
		s := "data race: one goroutine " + verbs[0] + " at " + at[0].String() + " what another " + verbs[1] + " "
		if at[0] == at[1] {
			s += "in the same line"
		} else {
			s += "at " + at[1].String()
		}
		return s + ", and nothing says who comes first", true
	}
	return message, false
}

// raceFrame is the first frame of the learner's in one half of a report.
func raceFrame(lines []string) frame {
	for i, line := range lines {
		name, ok := learnerFunc(strings.TrimSuffix(strings.TrimSpace(line), "()"))
		if !ok || i+1 >= len(lines) {
			continue
		}
		if m := dumpFile.FindStringSubmatch(lines[i+1]); m != nil && !strings.Contains(m[1], "gopark_") {
			f := frame{Func: name, File: m[1]}
			f.Line, _ = strconv.Atoi(m[2])
			return f
		}
	}
	return frame{}
}

// raceHow says how to have the race detector, where it is not.
func raceHow() string {
	switch {
	case display.InGopark():
		return "the race detector is not ready here; the command gopark doctor says what is missing"
	case display.Rich():
		return "it needs the race detector: run a cell with the line %goflags -race, then this cell again"
	}
	return "it needs the race detector: use go run -race"
}
