package check

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// MIME is the type under which a result travels beside what a person reads.
const MIME = "application/vnd.gopark.check+json"

// A Status is how one check ended.
type Status string

const (
	Passed Status = "passed"
	Failed Status = "failed"
	NotRun Status = "not run"
)

// A Result is what the checks of one exercise found. It is the JSON of [MIME].
type Result struct {
	Version  int    `json:"version"`
	Exercise string `json:"exercise"`
	Notebook string `json:"notebook"`
	Title    string `json:"title"`
	Passed   int    `json:"passed"`
	Failed   int    `json:"failed"`
	NotRun   int    `json:"notRun"`
	// Message is the sentence that the learner reads first; "" when nothing failed.
	Message string  `json:"message,omitempty"`
	Checks  []Check `json:"checks"`
	// Seed repeats the run, as the environment variable GOPARK_CHECK_SEED.
	Seed string `json:"seed"`
	// Control is set when nothing was checked, on purpose.
	Control bool `json:"control,omitempty"`

	// Progress says what became of the result.
	Progress string `json:"-"`
}

// A Check is one judgement.
type Check struct {
	Name string `json:"name"`
	// What says what it judges.
	What   string `json:"what"`
	Status Status `json:"status"`
	// Message says what was observed and what was expected, or why it was not run.
	Message string `json:"message,omitempty"`

	picture *picture
	printed string
	// foremost says that other failures may be this one's consequence.
	foremost bool
}

func (r *Result) add(c Check) {
	r.Checks = append(r.Checks, c)
	r.count()
}

// count adds up, and picks the sentence to read first. A data race in the
// learner's code comes before all others: whatever else was seen may be its
// consequence.
func (r *Result) count() {
	r.Passed, r.Failed, r.NotRun, r.Message = 0, 0, 0, ""
	for _, c := range r.Checks {
		switch c.Status {
		case Passed:
			r.Passed++
		case Failed:
			r.Failed++
		default:
			r.NotRun++
		}
	}
	if c := r.first(); c != nil {
		r.Message = c.Message
	}
}

// first is the failed check that is told in full, or nil.
func (r *Result) first() *Check {
	var first *Check
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Status == Failed && (first == nil || c.foremost) {
			first = c
		}
	}
	return first
}

// Summary is "5 passed, 1 not run": never "all" for a part.
func (r Result) Summary() string {
	if r.Passed > 0 && r.Failed == 0 && r.NotRun == 0 {
		if r.Passed == 1 {
			return "the check passed"
		}
		return fmt.Sprintf("all %d checks passed", r.Passed)
	}
	var parts []string
	for _, p := range []struct {
		n    int
		word Status
	}{{r.Failed, Failed}, {r.Passed, Passed}, {r.NotRun, NotRun}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	return strings.Join(parts, ", ")
}

// appendResult writes a line. Who asked for the file notices when it is not there.
func appendResult(file string, r Result) {
	text, err := json.Marshal(r)
	if err != nil {
		return
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return
	}
	_, _ = f.Write(append(text, '\n'))
	_ = f.Close()
}
