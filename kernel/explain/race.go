package explain

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopark/kernel/cell"
)

// A race is one report of the race detector.
type race struct {
	accesses [2]access
	times    int // how often the same was reported
}

// An access is one side of a data race.
type access struct {
	verb      string // "write", "read", "atomic write"
	goroutine string // "goroutine 8", "main"
	frames    []Frame
	created   []Frame // where its goroutine was started, innermost first
}

var (
	accessLine  = regexp.MustCompile(`^(Previous )?((?:atomic )?(?:[Rr]ead|[Ww]rite)) at 0x[0-9a-f]+ by (main goroutine|goroutine \d+)`)
	raceFunc    = regexp.MustCompile(`^  (\S.*)\(\)$`)
	raceFile    = regexp.MustCompile(`^      (.*):(\d+)(?: \+0x[0-9a-f]+)?$`)
	raceCreated = regexp.MustCompile(`^Goroutine (\d+) \((\w+)\) created at:$`)
)

// parseRaces reads the race detector's reports.
func parseRaces(text string) (out []race) {
	var frames *[]Frame
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n")
		if strings.HasPrefix(l, "WARNING: DATA RACE") {
			out = append(out, race{times: 1})
			frames = nil
			continue
		}
		if len(out) == 0 {
			continue
		}
		r := &out[len(out)-1]
		if m := accessLine.FindStringSubmatch(l); m != nil {
			i := 0
			if m[1] != "" {
				i = 1
			}
			r.accesses[i] = access{verb: strings.ToLower(m[2]), goroutine: strings.TrimSuffix(m[3], " goroutine")}
			frames = &r.accesses[i].frames
		} else if m := raceCreated.FindStringSubmatch(l); m != nil {
			frames = nil
			for i := range r.accesses {
				if r.accesses[i].goroutine == "goroutine "+m[1] && r.accesses[i].created == nil {
					frames = &r.accesses[i].created
				}
			}
		} else if m := raceFunc.FindStringSubmatch(l); m != nil && frames != nil {
			*frames = append(*frames, Frame{Func: m[1]})
		} else if m := raceFile.FindStringSubmatch(l); m != nil && frames != nil && len(*frames) > 0 {
			f := &(*frames)[len(*frames)-1]
			f.File = m[1]
			f.Line, _ = strconv.Atoi(m[2])
			if i := strings.LastIndex(m[1], "cell["); i >= 0 {
				f.Cell, _ = cell.ID(m[1][i:])
			}
		} else if l == "" || strings.HasPrefix(l, "=====") {
			frames = nil
		}
	}
	return out
}

// settle brings reports into an order that does not depend on which access the
// detector happened to see last, and joins those that name the same two places:
// a line such as n++ reads and writes, and is reported now as the one, now as
// the other. The access that writes comes first, then the earlier place.
func (l *library) settle(races []race) (out []race) {
	at := map[string]int{}
	for _, r := range races {
		for i := range r.accesses {
			if a := &r.accesses[i]; l.changes(*a) {
				a.verb = "change"
			}
		}
		a, b := &r.accesses[0], &r.accesses[1]
		if c := cmp.Or(cmp.Compare(rank(b.verb), rank(a.verb)), cmpFrame(learner(a.frames), learner(b.frames)), strings.Compare(a.goroutine, b.goroutine)); c > 0 {
			*a, *b = *b, *a
		}
		key := where(learner(a.frames)) + "\x00" + where(learner(b.frames))
		mirror := where(learner(b.frames)) + "\x00" + where(learner(a.frames))
		i, ok := at[key]
		if !ok {
			i, ok = at[mirror]
		}
		if !ok {
			at[key] = len(out)
			out = append(out, r)
			continue
		}
		// The report in which more was written tells more.
		times := out[i].times + 1
		if rank(a.verb)+rank(b.verb) > rank(out[i].accesses[0].verb)+rank(out[i].accesses[1].verb) {
			out[i] = r
		}
		out[i].times = times
	}
	slices.SortStableFunc(out, func(a, b race) int {
		return cmp.Or(cmpFrame(learner(a.accesses[0].frames), learner(b.accesses[0].frames)),
			cmpFrame(learner(a.accesses[1].frames), learner(b.accesses[1].frames)))
	})
	return out
}

// rank orders verbs by how much they say.
func rank(verb string) int {
	switch verb {
	case "change":
		return 3
	case "write":
		return 2
	case "atomic write":
		return 1
	}
	return 0
}

func cmpFrame(a, b Frame) int {
	return cmp.Or(cmp.Compare(a.Cell, b.Cell), cmp.Compare(a.Line, b.Line), strings.Compare(a.Func, b.Func))
}

// shownRaces bounds what is told of a program with many races.
const shownRaces = 4

// Races explains the race detector's reports; nil when the text holds none.
func Races(text string, source Source) *Failure {
	lib := newLibrary(source)
	races := lib.settle(parseRaces(text))
	if len(races) == 0 {
		return nil
	}
	p := &Page{raw: text}
	value := ""
	for i, r := range races {
		name := lib.variable(r.accesses)
		if i == 0 {
			value = sentence(r, name) + ", and nothing orders the two"
			p.title = "Data race" + prefixed(" on ", name)
			if n := len(races) - 1; n > 0 {
				value += " (and " + plural(n, "more race", "more races") + ")"
			}
			p.try = raceFix(lib, r, name)
		}
		if i == shownRaces {
			p.parts = append(p.parts, para{dim("… and " + plural(len(races)-i, "more race", "more races"))})
			break
		}
		if i > 0 {
			p.parts = append(p.parts, para{bold("Another race" + prefixed(" on ", name))})
		}
		left, right := lib.accessSection(r.accesses[0], name), lib.accessSection(r.accesses[1], name)
		p.parts = append(p.parts, columns{left, right, "not ordered\nby anything"})
		if r.times > 1 {
			p.parts = append(p.parts, verbatim("reported "+strconv.Itoa(r.times)+" times"))
		}
	}
	return finish("DataRace", value, p, true)
}

// sentence is the race in words: who did what, and where.
func sentence(r race, name string) string {
	a, b := r.accesses[0], r.accesses[1]
	s := a.goroutine + " " + past(a.verb) + " " + cmp.Or(name, "a variable") + " at " + where(learner(a.frames)) + ", " +
		b.goroutine + " " + past(b.verb) + " it at " + where(learner(b.frames))
	return s
}

func (l *library) accessSection(a access, name string) section {
	f := learner(a.frames)
	head := line{bold(a.goroutine), say(" " + past(a.verb) + prefixed(" ", name) + " at "), at(f)}
	if from := l.raceStart(a); from.Cell != 0 {
		head = append(head, dim(", started at "), at(from))
	}
	s := section{head: head}
	shown := 0
	for _, x := range a.frames {
		if x.Cell == 0 {
			continue
		}
		c := call{frame: x, times: 1, source: l.source.line(x.Cell, x.Line), bare: shown == 0 && len(a.learners()) == 1}
		if shown > 0 || len(a.learners()) > 1 {
			c.fn = pretty(x.Func)
		}
		s.calls = append(s.calls, c)
		if shown++; shown == 3 {
			break
		}
	}
	if shown == 0 && f.Func != "" {
		s.calls = append(s.calls, call{fn: pretty(f.Func), note: "in " + f.Func + ", outside the cells"})
	}
	return s
}

func (a access) learners() (out []Frame) {
	for _, f := range a.frames {
		if f.Cell != 0 {
			out = append(out, f)
		}
	}
	return out
}

// raceStart is the line in a cell that started an access's goroutine.
func (l *library) raceStart(a access) Frame {
	if f := learner(a.created); f.Cell != 0 {
		return f
	}
	// WaitGroup.Go and its like hide the statement; the function literal that
	// they ran stands in it.
	if frames := a.learners(); len(frames) > 0 && a.goroutine != "main" {
		f := frames[len(frames)-1]
		if n := l.launch(f); n != 0 {
			return Frame{Cell: f.Cell, Line: n}
		}
	}
	return Frame{}
}

func raceFix(l *library, r race, name string) []string {
	for _, a := range r.accesses {
		for _, f := range a.frames {
			if f.Cell != 0 {
				break
			}
			if strings.HasPrefix(f.Func, "runtime.map") || strings.HasPrefix(f.Func, "internal/runtime/maps.") {
				return []string{"a map has no lock inside: a sync.Mutex round every use of " + cmp.Or(name, "it") + ", or one goroutine that owns it"}
			}
			if strings.HasPrefix(f.Func, "runtime.growslice") || strings.HasPrefix(f.Func, "runtime.racewriteobjectpc") {
				return []string{"append changes the slice for all: a sync.Mutex round it, or give each goroutine its own index of a slice that is made long enough before"}
			}
		}
	}
	for _, a := range r.accesses {
		if strings.HasPrefix(a.verb, "atomic") {
			return []string{"atomic on one side only orders nothing: use the atomic operation for every access to " + cmp.Or(name, "it")}
		}
	}
	return []string{"a sync.Mutex round both, a channel that hands the value over, or a variable of its own for each goroutine"}
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
	case "change":
		return "changed"
	case "write":
		return "wrote"
	case "atomic write":
		return "wrote atomically"
	case "atomic read":
		return "read atomically"
	}
	return "read"
}
