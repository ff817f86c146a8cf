package explain

import (
	"regexp"
	"strconv"
	"strings"

	"gopark/kernel/cell"
)

// An access is one side of a data race.
type access struct {
	verb      string // "write", "read"
	goroutine string // "goroutine 8", "main"
	frames    []Frame
}

var (
	accessLine  = regexp.MustCompile(`^(Previous )?((?:atomic )?(?:[Rr]ead|[Ww]rite)) at 0x[0-9a-f]+ by (main goroutine|goroutine \d+):$`)
	raceFunc    = regexp.MustCompile(`^  (\S.*)\(\)$`)
	raceFile    = regexp.MustCompile(`^      (.*):(\d+)(?: \+0x[0-9a-f]+)?$`)
	raceCreated = regexp.MustCompile(`^Goroutine (\d+) \((\w+)\) created at:$`)
)

// Races explains the race detector's reports; nil when the text holds none.
func Races(text string, source Source) *Failure {
	var accesses [][2]access
	created := map[string]Frame{}
	var frames *[]Frame
	var start string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "WARNING: DATA RACE") {
			accesses = append(accesses, [2]access{})
			frames, start = nil, ""
			continue
		}
		if len(accesses) == 0 {
			continue
		}
		pair := &accesses[len(accesses)-1]
		if m := accessLine.FindStringSubmatch(line); m != nil {
			i := 0
			if m[1] != "" {
				i = 1
			}
			pair[i] = access{verb: strings.ToLower(m[2]), goroutine: strings.TrimSuffix(m[3], " goroutine")}
			frames, start = &pair[i].frames, ""
		} else if m := raceCreated.FindStringSubmatch(line); m != nil {
			frames, start = new([]Frame), "goroutine "+m[1]
		} else if m := raceFunc.FindStringSubmatch(line); m != nil && frames != nil {
			*frames = append(*frames, Frame{Func: m[1]})
		} else if m := raceFile.FindStringSubmatch(line); m != nil && frames != nil && len(*frames) > 0 {
			f := &(*frames)[len(*frames)-1]
			f.File = m[1]
			f.Line, _ = strconv.Atoi(m[2])
			if i := strings.LastIndex(m[1], "cell["); i >= 0 {
				f.Cell, _ = cell.ID(m[1][i:])
			}
			if _, ok := created[start]; start != "" && f.Cell != 0 && !ok {
				created[start] = *f
			}
		}
	}
	if len(accesses) == 0 {
		return nil
	}
	f := &Failure{Name: "DataRace"}
	seen := map[string]bool{}
	for _, pair := range accesses {
		a, b := learner(pair[0].frames), learner(pair[1].frames)
		sentence := pair[0].goroutine + " " + past(pair[0].verb) + " at " + where(a) + " what " +
			pair[1].goroutine + " " + past(pair[1].verb) + " at " + where(b)
		key := where(a) + pair[0].verb + where(b) + pair[1].verb
		mirror := where(b) + pair[1].verb + where(a) + pair[0].verb
		if seen[key] || seen[mirror] {
			continue
		}
		seen[key] = true
		if f.Value == "" {
			f.Value = oneLine(sentence + ", and nothing orders the two")
			f.Traceback = append(f.Traceback, headline("DataRace", f.Value))
		} else {
			f.Traceback = append(f.Traceback, "", bold+"another race"+reset+": "+sentence)
		}
		for i, x := range []Frame{a, b} {
			from := ""
			if c, ok := created[pair[i].goroutine]; ok {
				from = ", started at " + place(c.Cell, c.Line)
			}
			f.Traceback = append(f.Traceback, "  "+bold+pair[i].goroutine+reset+" "+past(pair[i].verb)+" at "+blue+where(x)+reset+from)
			if source != nil && x.Cell != 0 {
				for _, q := range quote(source(x.Cell, x.Line), x.Line, 0) {
					f.Traceback = append(f.Traceback, "  "+q)
				}
			}
		}
	}
	f.Traceback = append(f.Traceback, faint+"try: "+reset+"a sync.Mutex round both, a channel that hands the value over, or a variable of its own for each goroutine")
	return f
}

func learner(frames []Frame) Frame {
	for _, f := range frames {
		if f.Cell != 0 {
			return f
		}
	}
	if len(frames) > 0 {
		return frames[0]
	}
	return Frame{}
}

func where(f Frame) string {
	switch {
	case f.Cell != 0:
		return place(f.Cell, f.Line)
	case f.Func != "":
		return f.Func
	}
	return "an unknown place"
}

func past(verb string) string {
	switch verb {
	case "write":
		return "wrote"
	case "atomic write":
		return "wrote atomically"
	case "atomic read":
		return "read atomically"
	}
	return "read"
}
