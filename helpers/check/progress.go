package check

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gopark/helpers/chart"
	"gopark/helpers/display"
)

// progressFile stands in the folder where the cell runs, which is the
// notebook's.
const progressFile = ".gopark-progress.json"

// envProgress is "off" where results are not to be remembered.
const envProgress = "GOPARK_CHECK_PROGRESS"

// A record is the progress file.
type record struct {
	Version   int              `json:"version"`
	Exercises map[string]entry `json:"exercises"`
}

// An entry is what is remembered of one exercise.
type entry struct {
	// Tries counts the runs of its check.
	Tries int `json:"tries"`
	// Solved is when all checks that could be run had passed for the first time.
	Solved *time.Time `json:"solved,omitempty"`
	// The last run.
	Passed int       `json:"passed"`
	Failed int       `json:"failed"`
	NotRun int       `json:"notRun"`
	Last   time.Time `json:"last"`
	// Hints is how many hints were shown.
	Hints int `json:"hints,omitempty"`
}

// load reads the progress. A file that is not there, or is damaged, is no
// progress: a learner loses a table then, and never the way on. A damaged file
// is kept beside.
func load() record {
	empty := record{Version: 1, Exercises: map[string]entry{}}
	text, err := os.ReadFile(progressFile)
	if err != nil {
		return empty
	}
	var r record
	if json.Unmarshal(text, &r) != nil || r.Exercises == nil {
		_ = os.Rename(progressFile, progressFile+".damaged")
		return empty
	}
	return r
}

// store writes the progress: all of it or nothing.
func store(r record) error {
	r.Version = 1
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(progressFile), progressFile+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.Write(append(text, '\n'))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), progressFile)
}

// change updates the entry of an exercise, as far as that is possible.
func change(name string, f func(*entry)) error {
	if os.Getenv(envProgress) == "off" {
		return nil
	}
	r := load()
	e := r.Exercises[name]
	f(&e)
	r.Exercises[name] = e
	return store(r)
}

// remember notes a result. It returns what there is to say of that, which is
// nothing unless it fails.
func remember(e *exercise, r Result) string {
	if r.Control {
		return ""
	}
	err := change(e.name, func(en *entry) {
		now := time.Now().UTC().Truncate(time.Second)
		en.Tries++
		en.Passed, en.Failed, en.NotRun, en.Last = r.Passed, r.Failed, r.NotRun, now
		if r.Failed == 0 && r.Passed > 0 && en.Solved == nil {
			en.Solved = &now
		}
	})
	if err != nil {
		return "(Your progress cannot be remembered in this folder: " + oneLine(err.Error()) + ")"
	}
	return ""
}

// Progress shows a table of all exercises: which are solved, and how the last
// try went. It is remembered for each folder of notebooks, in the file
// .gopark-progress.json.
func Progress() {
	if inChild() {
		return
	}
	t, line := progressTable(load())
	_ = display.Bundle(map[string]any{
		display.HTML:  t.HTML() + "<p>" + line + "</p>",
		display.Plain: t.String() + line,
	}, "")
}

func progressTable(r record) (chart.Table, string) {
	t := chart.Table{Header: []string{"notebook", "exercise", "", "last try", "tries", "hints"}, Right: []int{4, 5}}
	solved := 0
	all := exercises()
	for _, e := range all {
		en := r.Exercises[e.name]
		state, last := "not tried", ""
		if en.Tries > 0 {
			state = "not yet"
			last = Result{Passed: en.Passed, Failed: en.Failed, NotRun: en.NotRun}.Summary()
		}
		if en.Solved != nil {
			state = "solved"
			solved++
		}
		t.Rows = append(t.Rows, []string{e.notebook, e.name + ": " + e.title, state, last, number(en.Tries), number(en.Hints)})
	}
	return t, fmt.Sprintf("%d of %s solved.", solved, count(len(all), "exercise"))
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// ResetProgress forgets what Progress shows, for this folder.
func ResetProgress() {
	if inChild() {
		return
	}
	text := "Your progress is forgotten."
	if err := os.Remove(progressFile); err != nil && !os.IsNotExist(err) {
		text = "Your progress cannot be forgotten: " + err.Error()
	}
	_ = display.Bundle(map[string]any{display.Plain: text}, "")
}

// Hint shows the first hint for an exercise, and at the next call the second.
// The name is that of its check: check.Hint("FetchAll").
func Hint(name string) {
	if inChild() {
		return
	}
	e := find(name)
	if e == nil {
		var names []string
		for _, e := range exercises() {
			names = append(names, e.name)
		}
		_ = display.Bundle(map[string]any{display.Plain: fmt.Sprintf("There is no exercise %q. There are: %s.", name, strings.Join(names, ", "))}, "")
		return
	}
	shown := load().Exercises[e.name].Hints
	i := min(shown, len(e.hints)-1)
	// Where nothing can be remembered, both are shown.
	if err := change(e.name, func(en *entry) { en.Hints = min(i+1, len(e.hints)) }); err != nil {
		for i, h := range e.hints {
			showHint(i, h, "")
		}
		return
	}
	more := ""
	if i+1 < len(e.hints) {
		more = " Run the cell again for one more hint."
	}
	showHint(i, e.hints[i], more)
}

func showHint(i int, hint, more string) {
	text := fmt.Sprintf("Hint %d: %s%s", i+1, hint, more)
	_ = display.Bundle(map[string]any{display.Markdown: "**Hint " + fmt.Sprint(i+1) + ":** " + hint + more, display.Plain: text}, "")
}
