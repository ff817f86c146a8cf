package explain_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"gopark/kernel/explain"
)

// vary expands a program with a line "// vary N 1 2 3": one for each value.
func vary(name, code string) map[string]string {
	line, rest, _ := strings.Cut(code, "\n")
	fields := strings.Fields(line)
	if len(fields) < 4 || fields[0] != "//" || fields[1] != "vary" {
		return map[string]string{name: code}
	}
	out := map[string]string{}
	word := regexp.MustCompile(`\b` + fields[2] + `\b`)
	for _, v := range fields[3:] {
		out[name+"-"+v] = word.ReplaceAllString(rest, v)
	}
	return out
}

// TestGood runs two hundred good programs, plainly and under the race detector:
// nothing may be said against them.
func TestGood(t *testing.T) {
	if os.Getenv("GOPARK_E2E") == "" {
		t.Skip("SKIPPED: builds four hundred programs; set GOPARK_E2E=1")
	}
	files, err := filepath.Glob("testdata/good/*.txtar")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files (%v)", len(files), err)
	}
	l := newLab(t)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(cancel)
	count := 0
	for _, file := range files {
		if filepath.Base(file) == "waiting.txtar" {
			continue
		}
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			for name, code := range vary(f.Name, string(f.Data)) {
				count++
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					for _, code := range []string{code, "%race\n" + code} {
						got := l.run(ctx, t, code)
						if got.failure != nil || len(got.displays) > 0 {
							t.Errorf("of a good program it is said:\n%s\n%s", got.golden(), code)
						}
						if n := got.report.Leaked; n > 0 {
							t.Errorf("%d goroutines of a good program are called leaks:\n%s", n, code)
						}
					}
				})
			}
		}
	}
	if count < 200-15 { // fifteen more are in waiting.txtar
		t.Errorf("only %d programs", count)
	}
}

// dumper makes a program write down its goroutines, soon, and end.
const dumper = `go func() {
	time.Sleep(50 * time.Millisecond)
	gopark_dump := make([]byte, 1<<20)
	os.Stdout.Write(gopark_dump[:runtime.Stack(gopark_dump, true)])
	os.Exit(0)
}()`

// dump is what a program's goroutines do, without the one that writes it down.
func (l *lab) dump(ctx context.Context, t *testing.T, code string) string {
	t.Helper()
	got := l.run(ctx, t, strings.Replace(code, `fmt.Println("on")`, dumper, 1))
	if got.failure != nil {
		t.Fatalf("%v", got.golden())
	}
	_, rest, ok := strings.Cut(got.out.String(), "\n\n")
	if !ok || !strings.HasPrefix(rest, "goroutine ") {
		t.Fatalf("no dump: %q", got.out.String())
	}
	return rest
}

// numbered is the source of a program whose dumper stands where it printed: the
// lines after it are as many further down.
func numbered(code string) explain.Source {
	return func(int) string { return strings.Replace(code, `fmt.Println("on")`, dumper, 1) }
}

// TestWaiting dumps programs that rightly wait.
func TestWaiting(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/good/waiting.txtar")
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	for _, f := range archive.Files {
		for _, race := range []string{"", "%race\n"} {
			t.Run(f.Name+strings.Trim(race, "%\n"), func(t *testing.T) {
				t.Parallel()
				code := race + string(f.Data)
				dump := l.dump(ctx, t, code)
				if f, proved := explain.Stuck(dump, 3*time.Second, numbered(code)); f != nil {
					t.Errorf("a false alarm (proved: %v): %v\n%s", proved, f, dump)
				}
			})
		}
	}
}

// leaked finds what the leak profile would mark in a dump.
var leaked = regexp.MustCompile(`(?m)^(goroutine (?:[2-9]|\d\d+) \[(?:sync\.\w+\.\w+|chan send|chan receive))\]`)

// TestStuck dumps programs that will never go on, which the runtime does not
// see: in one part of a program, or beside the race detector. Names that end in
// -proved have the goroutines marked that the leak profile would mark.
func TestStuck(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/stuck/stuck.txtar")
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	goldens(t, "testdata/stuck/stuck.golden", archive, func(t *testing.T, name, code string) string {
		dump := l.dump(ctx, t, code)
		if strings.HasSuffix(name, "-proved") || strings.HasSuffix(name, "-leak") {
			dump = leaked.ReplaceAllString(dump, "$1 (leaked)]")
		}
		if strings.Contains(name, "leak") || strings.Contains(name, "left") {
			p := explain.Leaks(dump, numbered(code))
			if p == nil {
				t.Fatalf("no leak in:\n%s", dump)
			}
			return normal(p.Text()) + "\n"
		}
		f, proved := explain.Stuck(dump, 3*time.Second, numbered(code))
		if f == nil {
			t.Fatalf("nothing is said of:\n%s", dump)
		}
		return normal(fmt.Sprintf("proved: %v\n%s: %s\n\n%s\n", proved, f.Name, f.Value, f.Page.Text()))
	})
}
