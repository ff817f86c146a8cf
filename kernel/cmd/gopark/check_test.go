package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopark/helpers/check"
	"gopark/helpers/check/solutions"
	"gopark/kernel/notebook"
	"gopark/kernel/session"
)

// A checker is a kernel whose cells are results: "result {…}" is displayed as a
// check would display it; "fail" fails. It also answers the cells of the suite,
// by a verdict that it asks for.
type checker struct {
	verdict func(source, call string, env map[string]string) check.Result
	env     map[string]string
	source  string
}

func (k *checker) Execute(_ context.Context, req notebook.Request, out session.Publisher) notebook.Reply {
	word, rest, _ := strings.Cut(req.Code, " ")
	switch {
	case word == "%env":
		name, value, _ := strings.Cut(rest, " ")
		k.env[name] = value
	case word == "result":
		var r any
		if err := json.Unmarshal([]byte(rest), &r); err != nil {
			panic(err)
		}
		out.Display(map[string]any{check.MIME: r, "text/plain": "told"}, nil, "")
	case strings.Contains(req.Code, "fail"):
		return failure(out, "Panic", "boom", 2)
	case strings.HasPrefix(req.Code, "import"):
		_, call, _ := strings.Cut(req.Code, "%%\n")
		out.Display(map[string]any{check.MIME: k.verdict(k.source, call, k.env)}, nil, "")
	default:
		k.source = req.Code
	}
	return notebook.Reply{Status: "ok"}
}

// runCheck runs "gopark check" with a checker.
func runCheck(t *testing.T, verdict func(source, call string, env map[string]string) check.Result, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := parts{open: func(context.Context, *slog.Logger, string) (*headless, error) {
		return &headless{Kernel: &checker{verdict: verdict, env: map[string]string{}}, goVersion: "go1.26.0", close: func() error { return nil }}, nil
	}}
	status = runWith(t.Context(), p, append([]string{"check"}, args...), strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

// writeChecked writes a notebook whose code cells have these sources.
func writeChecked(t *testing.T, sources ...string) string {
	t.Helper()
	cells := []any{}
	for i, s := range sources {
		cells = append(cells, map[string]any{"cell_type": "code", "id": fmt.Sprint("c", i), "metadata": map[string]any{}, "execution_count": nil, "outputs": []any{}, "source": s})
	}
	text, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": cells})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.ipynb")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

const (
	solvedResult = `result {"exercise":"FetchAll","passed":2,"checks":[{"name":"a","status":"passed"},{"name":"b","status":"passed"}]}`
	partResult   = `result {"exercise":"FetchAll","passed":1,"notRun":1,"checks":[{"name":"a","status":"passed"},{"name":"no data race","status":"not run","message":"no detector"}]}`
	failedResult = `result {"exercise":"FetchAll","passed":1,"failed":1,"message":"at most 1 <&> \u001b[1m","checks":[{"name":"a","status":"passed"},{"name":"b","status":"failed","message":"at most 1 <&> \u001b[1m"}]}`
)

func TestCheckGrades(t *testing.T) {
	for _, test := range []struct {
		name   string
		cells  []string
		status int
		want   []string
	}{
		{"solved", []string{"x", solvedResult}, 0, []string{"ok      FetchAll  all 2 checks passed", "1 of 1 exercises solved"}},
		{"in part", []string{partResult}, 0, []string{"FetchAll  1 passed, 1 not run", "not run: no data race: no detector"}},
		{"failed", []string{failedResult}, 1, []string{"FAILED  FetchAll  1 failed, 1 passed", "at most 1 <&>", "0 of 1 exercises"}},
		{"mended later", []string{failedResult, solvedResult}, 0, []string{"1 of 1 exercises solved"}},
		{"broken later", []string{solvedResult, "check.FetchAll(FetchAll) fail"}, 1, []string{"FAILED  FetchAll  not checked: cell [2] failed: Panic: boom", "0 of 1"}},
		{"another cell fails", []string{"fail", solvedResult}, 0, []string{"(cell [1], which checks nothing, failed: Panic: boom)", "1 of 1"}},
		{"a hint is no check", []string{"check.Hint(\"FetchAll\") fail", solvedResult}, 0, []string{"1 of 1"}},
		{"nothing checked", []string{"x"}, 1, []string{"0 of 0"}},
		{"nothing judged", []string{`result {"exercise":"FetchAll","passed":2,"control":true,"checks":[]}`}, 1, []string{"FAILED  FetchAll"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out, errs := runCheck(t, nil, writeChecked(t, test.cells...))
			if status != test.status {
				t.Errorf("exit status %d, want %d\n%s%s", status, test.status, out, errs)
			}
			for _, w := range test.want {
				if !strings.Contains(out, w) {
					t.Errorf("no %q in\n%s", w, out)
				}
			}
		})
	}
}

func TestCheckWritesReports(t *testing.T) {
	dir := t.TempDir()
	j, x := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.xml")
	file := writeChecked(t, failedResult, "check.Add(Add) fail", partResult, strings.ReplaceAll(failedResult, "FetchAll", "TellAll"))
	if status, out, errs := runCheck(t, nil, "--json", j, "--junit", x, file); status != 1 {
		t.Fatalf("exit status %d\n%s%s", status, out, errs)
	}
	var report struct {
		Failed    int
		Notebooks []grade
	}
	text, err := os.ReadFile(j)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if report.Failed != 2 || len(report.Notebooks) != 1 || len(report.Notebooks[0].Results) != 2 || len(report.Notebooks[0].Errors) != 1 {
		t.Errorf("%s", text)
	}
	var suites junitSuites
	text, err = os.ReadFile(x)
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(text, &suites); err != nil {
		t.Fatal(err)
	}
	if suites.Tests != 5 || suites.Failures != 1 || suites.Errors != 1 || suites.Skipped != 1 || len(suites.Suites[0].Cases) != 5 {
		t.Errorf("%s", text)
	}
	if bytes.Contains(text, []byte("\x1b")) {
		t.Error("an escape in XML")
	}
}

// perfect answers the suite as it should be answered: it knows the solutions.
func perfect(source, call string, env map[string]string) check.Result {
	pass := check.Result{Passed: 1, Checks: []check.Check{{Name: "a", Status: check.Passed}}}
	if env["GOPARK_CHECK_CONTROL"] == "1" {
		pass.Control = true
	}
	name := strings.TrimPrefix(call[:strings.Index(call, "(")], "check.")
	pass.Exercise = name
	for _, s := range solutions.Of(name) {
		if strings.TrimSpace(s.Source) == strings.TrimSpace(source) && s.Name != "reference" && !pass.Control {
			m := sample(s.Want)
			return check.Result{Exercise: name, Failed: 1, Message: m, Checks: []check.Check{{Name: "a", Status: check.Failed, Message: m}}}
		}
	}
	return pass
}

// sample is a text that the want of Add's solutions matches.
func sample(want string) string {
	if strings.HasPrefix(want, "your code panicked") {
		return "your code panicked: runtime error: index out of range [3] with length 10, at cell [6] line 3"
	}
	if strings.Contains(want, `Add\(-`) {
		return "Add(-1, 2) returned 3; 1 was expected"
	}
	return "Add(1, 2) returned 3; 4 was expected"
}

// The suite is itself tried: whoever answers it wrong must not get through.
func TestSuiteTellsCheckersApart(t *testing.T) {
	type judge = func(source, call string, env map[string]string) check.Result
	change := func(f func(r *check.Result, source string, env map[string]string)) judge {
		return func(source, call string, env map[string]string) check.Result {
			r := perfect(source, call, env)
			f(&r, source, env)
			return r
		}
	}
	pass := []check.Check{{Name: "a", Status: check.Passed}}
	for _, test := range []struct {
		name    string
		verdict judge
		status  int
		want    string
	}{
		{"perfect", perfect, 0, "ok      Add "},
		{"does nothing", change(func(r *check.Result, _ string, _ map[string]string) {
			*r = check.Result{Exercise: "Add", Passed: 1, Checks: pass}
		}), 1, "- multiplies: it was accepted: the check passed"},
		{"always fails", change(func(r *check.Result, source string, _ map[string]string) {
			r.Failed, r.Message, r.Checks = 1, "Add(1, 2) returned 3; 4 was expected", []check.Check{{Name: "a", Status: check.Failed}}
		}), 1, "- reference: not all passed"},
		{"says the wrong thing", change(func(r *check.Result, _ string, _ map[string]string) {
			if r.Failed > 0 {
				r.Message = "wrong"
			}
		}), 1, `- stub: it was told "wrong", want `},
		{"runs only a part", change(func(r *check.Result, _ string, _ map[string]string) {
			if r.Failed == 0 {
				r.Checks = append(r.Checks, check.Check{Name: "no data race", Status: check.NotRun})
			}
		}), 1, "- reference: not all passed (seed ): no data race not run"},
		{"judges although it should not", change(func(r *check.Result, source string, env map[string]string) {
			if env["GOPARK_CHECK_CONTROL"] == "1" {
				*r = perfect(source, "check.Add(Add)", nil)
			}
		}), 1, "a checker that checks nothing gets through"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, out, errs := runCheck(t, test.verdict, "--all", "Add")
			if status != test.status || !strings.Contains(out, test.want) {
				t.Errorf("exit status %d, want %d and %q\n%s\n%s", status, test.status, test.want, out, errs)
			}
		})
	}
	if status, _, errs := runCheck(t, perfect, "--all", "Subtract"); status != 2 || !strings.Contains(errs, `there is no exercise "Subtract"`) {
		t.Errorf("exit status %d: %s", status, errs)
	}
}
