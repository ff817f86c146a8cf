package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// run runs the command in a folder and returns its exit status and what it said.
func (b *bench) run(dir, stdin string, args ...string) (status int, stdout, stderr string) {
	b.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(b.t.Context(), b.gopark, args...)
	cmd.Dir, cmd.Env = dir, b.env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// lesson is a notebook with a cell of each kind.
var lesson = notebookOf(
	cell{"markdown", "", "# Lesson"},
	cell{"code", "", "import \"gopark/helpers\"\n\nfunc greet(who string) { fmt.Println(\"hello,\", who) }\n\ntype pair[T any] struct{ a, b T }"},
	cell{"code", "", "%%\ngreet(\"gopher\")\nhelpers.Markdown(\"*between*\")\nfmt.Fprintln(os.Stderr, \"to stderr\")"},
	cell{"code", "", "p := pair[int]{1, 2}\np.a + p.b"},
	cell{"code", "raises-exception", "%%\nvar s string = 42"},
	cell{"code", "raises-exception", "%%\ngo func() { panic(\"on purpose\") }()\nselect {}"},
	cell{"code", "skip-execution", "%%\npanic(\"never\")"},
	cell{"code", "", "%test\nfunc TestSum(t *testing.T) {}"},
	cell{"code", "", "!pwd | sed 's#.*/##'"},
)

type cell struct{ kind, tag, source string }

func notebookOf(cells ...cell) string {
	var all []map[string]any
	for i, c := range cells {
		made := map[string]any{"cell_type": c.kind, "id": string(rune('a' + i)), "metadata": map[string]any{}, "source": c.source}
		if c.kind == "code" {
			made["outputs"], made["execution_count"] = []any{}, nil
		}
		if c.tag != "" {
			made["metadata"] = map[string]any{"tags": []string{c.tag}}
		}
		all = append(all, made)
	}
	text, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": all})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// times are what differs between two runs of one notebook.
var times = regexp.MustCompile(`"20\d\d-\d\d-\d\dT[\d:.]+Z"|\d+\.\d+s\b|goroutine \d+`)

func TestRun(t *testing.T) {
	b := setUp(t, "gopark")
	dir := filepath.Join(b.tmp, "course")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "lesson.ipynb")
	read := func() string {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(lesson)

	status, stdout, stderr := b.run(b.tmp, "", "run", "--inplace", file)
	if status != 0 || stdout != "" {
		t.Fatalf("exit status %d\n%s%s", status, stdout, stderr)
	}
	first := read()
	var nb struct{ Cells []nbCell }
	if err := json.Unmarshal([]byte(first), &nb); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range nb.Cells {
		for _, o := range c.Outputs {
			text := o.Name + joined(o.Text)
			if o.Data != nil {
				text = joined(o.Data["text/plain"])
			}
			if o.Metadata.Gopark.Report {
				// An explanation, whose words are the business of kernel/explain.
				text, _, _ = strings.Cut(text, "\n")
			}
			got = append(got, o.Type+" "+constant(text))
		}
	}
	want := []string{
		"stream stdouthello, gopher\n", "display_data *between*", "stream stderrto stderr\n",
		"execute_result 3",
		"error ",
		"display_data Panic: on purpose", "error ",
		"stream stdout=== RUN TestSum\n--- PASS: TestSum (TIME)\nPASS\n",
		"stream stdoutcourse\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the notebook shows (-want +got):\n%s\n%s", diff, stderr)
	}
	if skipped := nb.Cells[6]; skipped.Count != nil || len(skipped.Outputs) > 0 {
		t.Errorf("a cell to skip was run: %+v", skipped)
	}

	if status, _, stderr := b.run(dir, "", "run", "--inplace", "lesson.ipynb"); status != 0 {
		t.Fatalf("the second run: exit status %d\n%s", status, stderr)
	}
	second := read()
	if diff := cmp.Diff(times.ReplaceAllString(first, "T"), times.ReplaceAllString(second, "T")); diff != "" {
		t.Errorf("a second run changes more than times:\n%s", diff)
	}

	// What Python's own reader and nbclient think of the file.
	check := exec.CommandContext(t.Context(), b.python, "-c", "import nbformat, sys; nb = nbformat.read(sys.argv[1], as_version=4); nbformat.validate(nb); nbformat.write(nb, sys.argv[1] + '.again')", file)
	check.Env = b.env
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("nbformat: %v\n%s", err, out)
	}
	if again, err := os.ReadFile(file + ".again"); err != nil || string(again) != second {
		t.Errorf("nbformat writes the notebook in another way (%v):\n%s", err, cmp.Diff(second, string(again)))
	}

	// A failing cell: its status, and what comes after it is left alone.
	write(notebookOf(cell{"code", "", "%%\nfmt.Println(1)"}, cell{"code", "", "%%\nos.Exit(3)"}, cell{"code", "", "%%\nfmt.Println(2)"}))
	status, _, stderr = b.run(dir, "", "run", "--inplace", "lesson.ipynb")
	if status != 1 || !strings.Contains(stderr, "exit status 3") {
		t.Errorf("a failing notebook: exit status %d\n%s", status, stderr)
	}
	if text := read(); !strings.Contains(text, `"1\n"`) || !strings.Contains(text, `"ename": "Exit"`) || strings.Contains(text, `"2\n"`) {
		t.Errorf("a failing notebook was written as\n%s", text)
	}
	write(notebookOf(cell{"code", "", "%%\nfor {}"}))
	status, _, stderr = b.run(dir, "", "run", "--timeout", "1s", "lesson.ipynb")
	if status != 1 || !strings.Contains(strings.ToLower(stderr), "time") {
		t.Errorf("a cell that runs for too long: exit status %d\n%s", status, stderr)
	}
	b.cleanAfter("run")
}

// cleanAfter looks for what a command has left behind.
func (b *bench) cleanAfter(command string) {
	b.t.Helper()
	if left := b.processes(); len(left) > 0 {
		b.t.Errorf("gopark %s has left processes: %v", command, left)
	}
	if left, _ := filepath.Glob(filepath.Join(b.tmp, "gopark-*")); len(left) > 0 {
		b.t.Errorf("gopark %s has left %v", command, left)
	}
}

func TestExec(t *testing.T) {
	b := setUp(t, "gopark")
	if err := os.WriteFile(filepath.Join(b.tmp, "program.go"), []byte("package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\tfmt.Println(\"out\")\n\tfmt.Fprintln(os.Stderr, \"err\")\n\tos.Exit(7)\n}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, stdin    string
		args           []string
		status         int
		stdout, stderr string // stderr: a part
	}{
		{"hello", "fmt.Println(\"hello\")", []string{"exec"}, 0, "hello\n", ""},
		{"result", "x := 6\nx * 7", []string{"exec", "-"}, 0, "42\n", ""},
		{"a file, and its status", "", []string{"exec", "program.go"}, 7, "out\n", "err"},
		{"compile error", "%%\nvar s string = 1", []string{"exec"}, 1, "", "cell [1] line 2"},
		{"panic", "%%\npanic(\"on purpose\")", []string{"exec"}, 2, "", "on purpose"},
		{"display", "import \"gopark/helpers\"\n%%\nhelpers.Table([]string{\"a\", \"b\"}, [][]any{{1, 2}})", []string{"exec"}, 0, "", ""},
		{"shell", "!echo $((6*7)); exit 5", []string{"exec"}, 5, "42\n", "exit status 5"},
		{"out of time", "for {}", []string{"exec", "--timeout", "1s"}, 124, "", "ran out of time"},
		{"unknown command", "%rce", []string{"exec"}, 1, "", "did you mean %race?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := b.run(b.tmp, tt.stdin, tt.args...)
			if status != tt.status || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
				t.Errorf("exit status %d, not %d\nstderr: %s", status, tt.status, stderr)
			}
			if tt.name == "display" {
				if !strings.Contains(stdout, "1") || !strings.Contains(stdout, "b") {
					t.Errorf("the table reads %q", stdout)
				}
			} else if stdout != tt.stdout {
				t.Errorf("stdout is %q, not %q", stdout, tt.stdout)
			}
		})
	}
	b.cleanAfter("exec")
}
