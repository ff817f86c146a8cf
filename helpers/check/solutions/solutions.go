// Package solutions holds, for each exercise, what a learner may answer: the
// stub of the notebook, the reference, and named wrong ways. They are text, the
// declarations of one cell each.
//
// A wrong way begins with comments that say what it must be told, and why it
// fails:
//
//	// want: at most 1 request was in flight; \d+ were expected
//	// why: wg.Wait() stands inside the loop, so each request waits for the one before.
//
// want is a regular expression for the sentence that the learner reads first. A
// stub has a want too. why is a sentence or two, over several lines if need be.
//
// A stub may say how its check is called, where it is not check.X(X):
//
//	// call: check.FetchInOrder(Predict, FetchInOrder)
package solutions

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed */*.txt
var files embed.FS

// A Solution is one answer to an exercise.
type Solution struct {
	// Name is stub, reference, or what a wrong one does: "waits inside the loop".
	Name string
	// Want is a regular expression for the message; "" for a reference.
	Want string
	// Why says why it fails.
	Why string
	// Call is how the exercise is checked, set in a stub.
	Call string
	// Source is the text, without the comments above.
	Source string
}

// Names lists the exercises, sorted.
func Names() (names []string) {
	entries, _ := fs.ReadDir(files, ".")
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Call is the line that checks an exercise: "check.FetchAll(FetchAll)".
func Call(exercise string) string {
	for _, s := range Of(exercise) {
		if s.Call != "" {
			return s.Call
		}
	}
	return "check." + exercise + "(" + exercise + ")"
}

// Of returns the solutions of an exercise: the stub, the reference, and the
// wrong ones, as far as they are there.
func Of(exercise string) (all []Solution) {
	entries, _ := fs.ReadDir(files, exercise)
	var stub, reference, wrong []Solution
	for _, e := range entries {
		text, err := files.ReadFile(path.Join(exercise, e.Name()))
		if err != nil {
			continue
		}
		s := parse(strings.TrimSuffix(e.Name(), ".go.txt"), string(text))
		switch s.Name {
		case "stub":
			stub = append(stub, s)
		case "reference":
			reference = append(reference, s)
		default:
			wrong = append(wrong, s)
		}
	}
	return append(append(stub, reference...), wrong...)
}

func parse(name, text string) Solution {
	s := Solution{Name: strings.ReplaceAll(strings.TrimPrefix(name, "wrong_"), "_", " ")}
	field := (*string)(nil)
	for {
		line, rest, _ := strings.Cut(text, "\n")
		comment, ok := strings.CutPrefix(line, "//")
		if !ok {
			break
		}
		comment = strings.TrimSpace(comment)
		if want, ok := strings.CutPrefix(comment, "want: "); ok {
			field, comment = &s.Want, want
		} else if why, ok := strings.CutPrefix(comment, "why: "); ok {
			field, comment = &s.Why, why
		} else if call, ok := strings.CutPrefix(comment, "call: "); ok {
			field, comment = &s.Call, call
		} else if field == nil {
			break
		}
		*field = strings.TrimSpace(*field + " " + comment)
		text = rest
	}
	s.Source = strings.TrimSpace(text) + "\n"
	return s
}
