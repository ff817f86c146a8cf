package check_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopark/helpers/check"
)

func TestWhatALearnerReads(t *testing.T) {
	text := run(t, t.TempDir(), "prints")
	for _, want := range []string{
		"printed by the cell\nFetchAll: ",
		"\nFetch was never called; ",
		"  failed   at the same time ",
		"Your code printed, while it was checked:\n    I have <b> ",
		"A hint? Run check.Hint(\"FetchAll\").",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "printed by the cell"); n != 1 {
		t.Errorf("what the cell prints came %d times: children print too", n)
	}
	if strings.Contains(text, "One way to write it") {
		t.Error("the reference was shown before the exercise was solved")
	}
	text = run(t, t.TempDir(), "right")
	for _, want := range []string{"One way to write it, beside yours:", "wg.Go(func() { answers[k] = fetch(id) })", "Why other ways fail:"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if long := run(t, t.TempDir(), "prints without end"); len(long) > 20000 {
		t.Errorf("a flood of %d bytes came through", len(long))
	}
}

// Without the race detector nobody may say that all have passed.
func TestNeverAllForAPart(t *testing.T) {
	r := judged(t, "right")[0]
	race := named(r, "no data race")
	if check.RaceBuild {
		if race.Status != check.Passed || r.Summary() != "all 7 checks passed" {
			t.Errorf("%s: %s %s", r.Summary(), race.Status, race.Message)
		}
		return
	}
	if race.Status != check.NotRun || !strings.Contains(race.Message, "go run -race") {
		t.Errorf("the race check: %s %s", race.Status, race.Message)
	}
	if got := r.Summary(); got != "6 passed, 1 not run" {
		t.Error(got)
	}
}

func TestRaceIsToldFirst(t *testing.T) {
	if !check.RaceBuild {
		t.Skip("needs go test -race")
	}
	r := judged(t, "appends")[0]
	if !strings.HasPrefix(r.Message, "data race: one goroutine ") || !strings.Contains(r.Message, "main_test.go line ") {
		t.Error(r.Message)
	}
}

// A broken race build is told, and is no verdict.
func TestRaceBuildThatFails(t *testing.T) {
	if check.RaceBuild {
		t.Skip("a program with the race detector uses itself")
	}
	for _, program := range []string{"/nowhere/at/all", "/bin/false"} {
		race := named(judged(t, "right", "GOPARK_CHECK_RACE="+program)[0], "no data race")
		if race.Status != check.NotRun || race.Message == "" {
			t.Errorf("%s: %s %q", program, race.Status, race.Message)
		}
	}
}

// Each call of a check in one cell is judged for itself.
func TestTwoChecksInOneCell(t *testing.T) {
	rs := judged(t, "two checks")
	if len(rs) != 2 || rs[0].Exercise != "Add" || rs[0].Failed != 3 || rs[1].Exercise != "FetchAll" || rs[1].Failed != 0 {
		t.Errorf("%+v", rs)
	}
}

func TestTheSameSeedTellsTheSame(t *testing.T) {
	a := judged(t, "prints", "GOPARK_CHECK_SEED=42")[0]
	b := judged(t, "prints", "GOPARK_CHECK_SEED=42")[0]
	c := judged(t, "prints", "GOPARK_CHECK_SEED=45")[0]
	if a.Message != b.Message || a.Seed != "42" {
		t.Errorf("%q and %q with seed %s", a.Message, b.Message, a.Seed)
	}
	if a.Message == c.Message {
		t.Errorf("%q with another seed too", c.Message)
	}
}

func TestControlJudgesNothing(t *testing.T) {
	r := judged(t, "panics", "GOPARK_CHECK_CONTROL=1")[0]
	if !r.Control || r.Failed != 0 || r.Passed != 7 {
		t.Errorf("%+v", r)
	}
	if text := run(t, t.TempDir(), "panics", "GOPARK_CHECK_CONTROL=1"); !strings.Contains(text, "nothing was checked") {
		t.Error(text)
	}
}

func TestHintsAndProgress(t *testing.T) {
	dir := t.TempDir()
	text := run(t, dir, "hints")
	want := []string{"Hint 1: ", "again for one more hint", "Hint 2: ", "Hint 2: ", `There is no exercise "FetchNone". There are: Add, Timed,`,
		"Add: mend Add", "solved", "all 3 checks passed", "FetchAll: fetch them all", "1 of ", "Your progress is forgotten.", "0 of "}
	rest := text
	for _, w := range want {
		_, after, ok := strings.Cut(rest, w)
		if !ok {
			t.Fatalf("no %q (in this order) in\n%s", w, text)
		}
		rest = after
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".gopark*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestProgressFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, ".gopark-progress.json")
	read := func() map[string]struct {
		Tries  int
		Solved *string
		Failed int
	} {
		var p struct {
			Exercises map[string]struct {
				Tries  int
				Solved *string
				Failed int
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatal(err)
		}
		return p.Exercises
	}
	run(t, dir, "two checks")
	run(t, dir, "prints")
	p := read()
	if p["Add"].Tries != 1 || p["Add"].Solved != nil || p["Add"].Failed != 3 {
		t.Errorf("Add: %+v", p["Add"])
	}
	if p["FetchAll"].Tries != 2 || p["FetchAll"].Solved == nil || p["FetchAll"].Failed == 0 {
		t.Errorf("FetchAll was solved once, and is remembered as %+v", p["FetchAll"])
	}
	for _, damage := range []string{"", "{", "null", `{"exercises": 3}`, "\x00\x00\x00"} {
		if err := os.WriteFile(file, []byte(damage), 0o666); err != nil {
			t.Fatal(err)
		}
		run(t, dir, "two checks")
		if p := read(); p["Add"].Tries != 1 {
			t.Errorf("after %q: %+v", damage, p["Add"])
		}
	}
	run(t, dir, "two checks", "GOPARK_CHECK_PROGRESS=off")
	if p := read(); p["Add"].Tries != 1 {
		t.Errorf("remembered although it is off: %+v", p["Add"])
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".gopark-progress.json.*")); len(left) != 1 { // .damaged
		t.Errorf("left: %v", left)
	}
}

func TestProgressCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	// A folder stands in its place: that stops root, too.
	if err := os.MkdirAll(filepath.Join(dir, ".gopark-progress.json", "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	text := run(t, dir, "two checks")
	if !strings.Contains(text, "Your progress cannot be remembered in this folder") || !strings.Contains(text, "FetchAll: 6 passed") && !check.RaceBuild {
		t.Error(text)
	}
}
