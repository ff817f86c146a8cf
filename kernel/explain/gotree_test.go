package explain_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

// The programs with which Go tests itself are read from the toolchain's own
// source, where it is there: nothing of it is copied here. Each of their files
// is taken for a cell.

// A tree is a folder of Go files whose positions are read as cells'.
type tree struct {
	dir   string
	files []string // file i is cell i+1
	texts []string
	place *regexp.Regexp
}

func goTree(t *testing.T, parts ...string) *tree {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	tr := &tree{dir: filepath.Join(append([]string{strings.TrimSpace(string(root)), "src", "runtime"}, parts...)...)}
	tr.files, _ = filepath.Glob(filepath.Join(tr.dir, "*.go"))
	if len(tr.files) == 0 {
		t.Skip("SKIPPED: this toolchain comes without the source of its tests")
	}
	for _, f := range tr.files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tr.texts = append(tr.texts, string(text))
	}
	tr.place = regexp.MustCompile(`[^\s]*?` + regexp.QuoteMeta(filepath.ToSlash(filepath.Join(parts...))) + `/([\w.]+\.go):`)
	return tr
}

// asCells writes a text's positions as those of cells.
func (tr *tree) asCells(text string) string {
	return tr.place.ReplaceAllStringFunc(text, func(m string) string {
		name := tr.place.FindStringSubmatch(m)[1]
		i := slices.IndexFunc(tr.files, func(f string) bool { return filepath.Base(f) == name })
		if i < 0 {
			return m
		}
		return cell.File(i+1) + ":"
	})
}

func (tr *tree) source(id int) string {
	if id < 1 || id > len(tr.texts) {
		return ""
	}
	return tr.texts[id-1]
}

var (
	rawPlace  = regexp.MustCompile(`cell\[(\d+)\]:(\d+)`)
	toldPlace = regexp.MustCompile(`cell \[(\d+)\] line (\d+)`)
	helped    = regexp.MustCompile(`, started at cell \[\d+\] line \d+|(?:since|locked at) cell \[\d+\] line \d+`)
)

// judge checks what is told of a text: every place in it stands in the text,
// but for those that the source says something started or was locked at, which
// must be lines that do so.
func (tr *tree) judge(t *testing.T, text string, f *explain.Failure) {
	t.Helper()
	told := ansi.ReplaceAllString(strings.Join(f.Traceback, "\n"), "")
	if f.Page != nil {
		told += "\n" + f.Page.Text()
		if page := f.Page.HTML(); strings.Count(page, "<div") != strings.Count(page, "</div>") {
			t.Error("the page's HTML is not balanced")
		}
	}
	if strings.Contains(told, "unknown") && !strings.Contains(text, "unknown") {
		t.Errorf("it says unknown:\n%s\nof:\n%s", told, text)
	}
	places := map[string]bool{}
	for _, m := range rawPlace.FindAllStringSubmatch(text, -1) {
		places["cell ["+m[1]+"] line "+m[2]] = true
	}
	for _, p := range toldPlace.FindAllString(helped.ReplaceAllString(told, ""), -1) {
		if !places[p] {
			t.Errorf("%s is not in the text:\n%s\nof:\n%s", p, told, text)
		}
	}
	for _, p := range helped.FindAllString(told, -1) {
		m := toldPlace.FindStringSubmatch(p)
		id, _ := strconv.Atoi(m[1])
		line, _ := strconv.Atoi(m[2])
		src := cell.SourceLine(tr.source(id), line)
		want := []string{"go ", ".Go(", "AfterFunc("}
		if !strings.HasPrefix(p, ", started") {
			want = []string{"Lock()"}
		}
		if !slices.ContainsFunc(want, func(w string) bool { return strings.Contains(src, w) }) && !places[m[0]] {
			t.Errorf("%q, but the line is %q", p, src)
		}
	}
}

// crashText is the part of stderr that the session would take for a crash.
func crashText(stderr string) string {
	for _, begin := range []string{"panic: ", "fatal error: ", "runtime: goroutine stack exceeds", "runtime: program exceeds", "SIG", "unexpected fault address"} {
		if strings.HasPrefix(stderr, begin) {
			return stderr
		}
		if i := strings.Index(stderr, "\n"+begin); i >= 0 {
			return stderr[i+1:]
		}
	}
	return ""
}

// TestGoPanics runs the programs of runtime/testdata/testprog that die.
func TestGoPanics(t *testing.T) {
	if testing.Short() || os.Getenv("GOPARK_E2E") == "" {
		t.Skip("SKIPPED: runs Go's own test programs; set GOPARK_E2E=1")
	}
	tr := goTree(t, "testdata", "testprog")
	program := filepath.Join(t.TempDir(), "testprog")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = tr.dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var names []string
	for _, text := range tr.texts {
		for _, m := range regexp.MustCompile(`register\("(\w+)"`).FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
	}
	t.Run("programs", func(t *testing.T) {
		for _, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				text := tr.asCells(tr.die(t, program, name))
				if text == "" {
					return
				}
				f := explain.Crash(text, tr.source)
				if f == nil {
					t.Fatalf("not recognised:\n%s", text)
				}
				tr.judge(t, text, f)
				// The first place told is the first goroutine's newest in a cell.
				if _, stack, ok := strings.Cut(text, "\ngoroutine "); ok {
					stack, _, _ = strings.Cut(stack, "\n\n")
					m := rawPlace.FindStringSubmatch(stack)
					told := ansi.ReplaceAllString(strings.Join(f.Traceback, "\n"), "")
					if m != nil && !strings.Contains(told, fmt.Sprintf("cell [%s] line %s", m[1], m[2])) {
						t.Errorf("line %s is not told:\n%s\nof:\n%s", m[2], told, text)
					}
				}
				t.Logf("%s", f.Value)
			})
		}
	})
	if len(names) < 100 {
		t.Errorf("only %d programs", len(names))
	}
}

// die runs a program and returns what it says of its death; "" when it lives
// longer than we wait, or ends well.
func (tr *tree) die(t *testing.T, program, name string) string {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, name)
	cmd.Env = append(os.Environ(), "GOTRACEBACK=", "GODEBUG=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	if err == nil || ctx.Err() != nil {
		return ""
	}
	return crashText(stderr.String())
}

// TestGoRaces runs the race detector's own tests.
func TestGoRaces(t *testing.T) {
	if testing.Short() || os.Getenv("GOPARK_E2E") == "" {
		t.Skip("SKIPPED: runs Go's own tests of the race detector; set GOPARK_E2E=1")
	}
	tr := goTree(t, "race", "testdata")
	program := filepath.Join(t.TempDir(), "races")
	args := []string{"test", "-c", "-race", "-vet=off", "-o", program}
	for _, f := range tr.files {
		if !strings.HasPrefix(filepath.Base(f), "cgo_test_main") {
			args = append(args, filepath.Base(f))
		}
	}
	build := exec.CommandContext(t.Context(), "go", args...)
	build.Dir = tr.dir
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var text string
	// The runtime ends a program whose goroutines it catches in a map at the same
	// time, and Go's tests of races are there, so that one run may be cut short.
	for range 5 {
		cmd := exec.CommandContext(ctx, program, "-test.v", "-test.run=Race")
		cmd.Env = append(os.Environ(), "GORACE=suppress_equal_stacks=0 suppress_equal_addresses=0 atexit_sleep_ms=0", "GOMAXPROCS="+strconv.Itoa(max(2, runtime.GOMAXPROCS(0))))
		out, _ := cmd.CombinedOutput() // it fails: that is what races do
		text = tr.asCells(string(out))
		if !strings.Contains(text, "fatal error: concurrent map") {
			break
		}
	}
	reports, named := 0, 0
	for _, block := range strings.Split(text, "==================") {
		i := strings.Index(block, "WARNING: DATA RACE")
		if i < 0 {
			continue
		}
		reports++
		block = block[i:]
		f := explain.Races(block, tr.source)
		if f == nil {
			t.Fatalf("not recognised:\n%s", block)
		}
		tr.judge(t, block, f)
		if name, ok := strings.CutPrefix(strings.SplitN(f.Page.Text(), "\n", 2)[0], "Data race on "); ok {
			named++
			tr.judgeName(t, block, name)
		}
	}
	if reports < 200 {
		t.Errorf("only %d reports; it ended with:\n%.2000s", reports, text[max(0, len(text)-2000):])
	}
	t.Logf("%d reports, in %d of them the variable has a name", reports, named)
}

// judgeName checks that the variable stands at one of the two lines.
func (tr *tree) judgeName(t *testing.T, block, name string) {
	t.Helper()
	base := regexp.MustCompile(`\w+`).FindString(name)
	for _, m := range rawPlace.FindAllStringSubmatch(block, -1) {
		id, _ := strconv.Atoi(m[1])
		line, _ := strconv.Atoi(m[2])
		if regexp.MustCompile(`\b` + base + `\b`).MatchString(cell.SourceLine(tr.source(id), line)) {
			return
		}
	}
	t.Errorf("%s is at none of the lines of:\n%s", name, block)
}
