package explain

import (
	"os"
	"strings"
	"testing"
)

// TestReasons: each of the runtime's words finds its own sentence, and not that
// of words which are a part of it.
func TestReasons(t *testing.T) {
	for _, r := range reasons {
		if _, got := reasonFor("sync: " + r.has + " [recovered]"); got.has != r.has {
			t.Errorf("%q finds %q", r.has, got.has)
		}
		if (r.why == "") != (r.try == "") {
			t.Errorf("%q has only one of why and try", r.has)
		}
	}
	if _, got := reasonFor("boom"); got != (reason{}) {
		t.Errorf("%+v", got)
	}
}

// TestAdvices: what the compiler says, and the sentence that follows. Messages
// that the programs in testdata/faulty bring about are not repeated here.
func TestAdvices(t *testing.T) {
	tests := map[string]string{
		"cannot receive from non-channel n (variable of type int)":                                 "was n meant to be made",
		"invalid operation: x == ch (mismatched types int and chan int)":                           "<- before it takes a value out",
		"expression in defer must be function call":                                                "as in defer func() { … }()",
		"expression in go must not be parenthesized":                                               "take the brackets",
		"defer discards result of len(xs) (value of type int)":                                     "defer func() { … = len(xs) }()",
		"f() (no value) used as value or type":                                                     "f() gives nothing back",
		"cannot use f() (no value) used as value":                                                  "gives nothing back",
		"multiple-value strconv.Atoi(s) (value of type (int, error)) in single-value context":      "strconv.Atoi(s) gives several values back",
		"x (variable of type int) is not used":                                                     "the value goes nowhere",
		"cannot call pointer method Lock on sync.Mutex":                                            "Lock needs a variable whose address",
		"err.Is undefined (type error has no field or method Is)":                                  "an error has one method",
		"mu.Lock undefined (type **sync.Mutex is pointer to pointer, not pointer)":                 "one * too many",
		"invalid operation: cannot call non-function x (variable of type int)":                     "no function before the brackets",
		"too many arguments in call to wg.Done\n\thave (number)\n\twant ()":                        "wg.Done wants less",
		"invalid operation: a + b (mismatched types int and string)":                               "both sides must have the same type",
		"impossible type assertion: x.(T)\n\tT does not implement I (missing method M)":            "a method is missing",
		"cannot use 10 (untyped int constant) as time.Duration value":                              "10 * time.Millisecond",
		"cannot use mu (variable of struct type sync.Mutex) as *sync.Mutex value in argument to f": "a copy of a sync.Mutex is another one",
		"missing return":                "each way through the function",
		"undefined: foo":                "",
		"expected declaration, found x": "",
		"cannot use x (variable of type int) as string value":    "",
		"label retry declared and not used":                      "break retry and continue retry",
		"label retry defined and not used":                       "break retry and continue retry",
		"no new variables on left side of :=":                    "they exist already",
		"t.Foo undefined (type T has no field or method Foo)":    "",
		"invalid operation: n++ (non-numeric type atomic.Int64)": "read with Load",
	}
	used := map[string]bool{}
	for message, want := range tests {
		got := advise(message)
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
		used[adviser(message)] = true
	}
	golden, err := os.ReadFile("testdata/faulty/compile.golden")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(golden)) {
		if _, message, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			used[adviser(message)] = true
		}
	}
	for _, a := range advices {
		if !used[a.pattern.String()] {
			t.Errorf("no test has %s", a.pattern)
		}
	}
}

// adviser is the pattern that answers a message.
func adviser(message string) string {
	for _, a := range advices {
		if a.pattern.MatchString(message) {
			return a.pattern.String()
		}
	}
	return ""
}
