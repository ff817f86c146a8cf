package check

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"syscall"
	"testing"
)

// An errand says what a child is for.
type errand struct {
	Call     int
	Exercise string
	Tests    []string
	Seed     uint64
	// Seeds is with how many seeds each test runs: Seed, Seed+1 and so on. The
	// first failure of a test ends it.
	Seeds int
}

// The descriptors that a child has besides the usual three.
const (
	reportFD  = 3
	printedFD = 4
)

// A report is what a child writes: one line when it has reached its check, one
// after each test, one at the end. Whatever is missing tells how it ended.
type report struct {
	Reached  bool      `json:",omitempty"`
	Outcomes []outcome `json:",omitempty"`
	Finished bool      `json:",omitempty"`
}

// An outcome is what one test found.
type outcome struct {
	Test    string
	Seed    uint64
	Failed  bool     `json:",omitempty"`
	Message string   `json:",omitempty"`
	Left    []waiter `json:",omitempty"`
	Picture *picture `json:",omitempty"`

	ended   bool   // the test came to its end, whatever it found
	skipped string // why it was not run
	printed string // what the learner's code printed meanwhile
}

// obey carries out an order and ends the process.
func obey(o errand, tests []test) {
	syscall.CloseOnExec(reportFD)
	syscall.CloseOnExec(printedFD)
	limitSelf()
	out := json.NewEncoder(os.NewFile(reportFD, "report"))
	// What the learner's code prints from here on is worth seeing, what the
	// cell printed before is not.
	os.Stdout = os.NewFile(printedFD, "printed")
	_ = out.Encode(report{Reached: true})
	body := func(tt *testing.T) {
		for _, t := range tests {
			if slices.Contains(o.Tests, t.name) {
				_ = out.Encode(report{Outcomes: []outcome{repeat(tt, t, o)}})
			}
		}
		_ = out.Encode(report{Finished: true})
		os.Exit(0)
	}
	testing.Init()
	_ = flag.CommandLine.Parse(nil)
	os.Args = os.Args[:1]
	// A bubble wants a *testing.T, and only testing.Main makes one outside of
	// go test. It does not return.
	all := func(string, string) (bool, error) { return true, nil }
	testing.Main(all, []testing.InternalTest{{Name: "check", F: body}}, nil, nil)
}

// repeat runs one test with each seed until one fails or leaves a goroutine.
func repeat(tt *testing.T, t test, o errand) (found outcome) {
	for i := range max(1, o.Seeds) {
		found = once(tt, t, o.Seed+uint64(i))
		if found.Failed || len(found.Left) > 0 {
			break
		}
	}
	return found
}

func once(tt *testing.T, t test, seed uint64) (found outcome) {
	x := newT(tt, seed)
	found = outcome{Test: t.name, Seed: seed}
	defer func() {
		found.Left, found.Picture = x.left, x.picture()
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r) // a mistake in the check itself: the process says so
			}
			found.Failed, found.Message = true, f.message
		}
	}()
	t.run(x)
	return found
}
