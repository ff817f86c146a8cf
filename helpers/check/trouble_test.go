package check_test

import (
	"regexp"
	"testing"

	"gopark/helpers/check"
)

// Whatever a solution does, it is told in words, and only the checks that met it
// fail.
func TestTrouble(t *testing.T) {
	const here = `(deeper|right|init|glob\.) ?\S*\(main_test\.go( line \d+)?\)`
	for _, test := range []struct {
		program string
		first   string // of the messages
		passed  []string
		limit   string
	}{
		{program: "right", passed: []string{"all answers", "at the same time", "no longer than the slowest", "in order", "nothing to do", "nothing left behind"}},
		{program: "panics", first: `your code panicked: runtime error: slice bounds out of range .*, at ` + here},
		{program: "panics in a goroutine", first: `your code panicked: <script>no bike</script>, at ` + here},
		{program: "panics with an error", first: `your code panicked: an error: of two lines`},
		{program: "panics only without ids", first: `your code panicked: runtime error: slice bounds out of range`, passed: []string{"all answers", "at the same time", "in order"}},
		{program: "exits", first: `your code ended the whole program \(exit status 0\): is there an os.Exit or a log.Fatal in it\?`},
		{program: "gives up", first: `your code ended the whole program \(exit status 1\): .* It said: .*I give up`},
		{program: "goexit", first: `your function ended its goroutine with runtime.Goexit`},
		{program: "never ends", limit: "300ms", first: `still running after 300ms of real time(, at ` + here + `)?: a loop that never ends\?`},
		{program: "never ends in a goroutine", limit: "300ms", first: `still running after 300ms of real time(, at ` + here + `|, in a goroutine started at ` + here + `)?: a loop that never ends\?`},
		{program: "starts goroutines without end", limit: "500ms", first: `after 500ms of real time|your code used up the memory of a check`},
		{program: "keeps everything", first: `your code used up the memory of a check: does something grow without end\?`},
		{program: "polls for ever", limit: "300ms", first: `after 300ms of real time`},
		{program: "waits for itself", first: `deadlock: everybody waits, .*: 1 goroutine waiting to receive from a channel at ` + here},
		{program: "waits for nil", first: `deadlock: everybody waits, .*: 1 goroutine waiting to receive from a channel`},
		{program: "holds a lock", limit: "1s", first: `a lock is held while its owner waits for something else, .*waiting for a lock at ` + here, passed: []string{"nothing to do"}},
		{program: "leaves one", first: `1 goroutine was left behind when the work was done; none was expected: 1 goroutine waiting to receive from a channel at ` + here, passed: []string{"all answers", "at the same time", "in order"}},
		{program: "leaves a ticker", first: `1 goroutine was left behind`, passed: []string{"all answers", "at the same time", "in order"}},
		{program: "calls itself", first: `your program was stopped by Go: stack overflow, at ` + here},
		{program: "exits before the check", first: `the cell did not get as far as this check again`},
	} {
		t.Run(test.program, func(t *testing.T) {
			t.Parallel()
			var env []string
			if test.limit != "" {
				env = append(env, "GOPARK_CHECK_LIMIT="+test.limit)
			}
			if check.RaceBuild {
				// With the race detector there is no limit to memory, Go does not
				// see that all are asleep, and a loop does not always tell where
				// it is. It runs so only where a learner asks for it.
				test.passed = nil
				switch test.program {
				case "keeps everything", "starts goroutines without end", "calls itself":
					return
				case "never ends", "never ends in a goroutine":
					test.first = `still running after 300ms of real time`
				}
			}
			rs := judged(t, test.program, env...)
			if len(rs) != 1 {
				t.Fatalf("%d results", len(rs))
			}
			r := rs[0]
			if test.first == "" && r.Message != "" || !regexp.MustCompile(test.first).MatchString(r.Message) {
				t.Errorf("told %q, want %q", r.Message, test.first)
			}
			for _, name := range test.passed {
				if c := named(r, name); c.Status != check.Passed {
					t.Errorf("%s: %s: %s", name, c.Status, c.Message)
				}
			}
			if t.Failed() {
				for _, c := range r.Checks {
					t.Logf("%-8s %-30s %s", c.Status, c.Name, c.Message)
				}
			}
		})
	}
}

func named(r check.Result, name string) check.Check {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	return check.Check{}
}
