package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// python is the interpreter of the virtual environment that `make` creates, or
// of the one that GOPARK_VENV names. Without it the comparison with the real
// nbformat is skipped, loudly.
func python(t *testing.T) string {
	t.Helper()
	venv := os.Getenv("GOPARK_VENV")
	if venv == "" {
		venv = filepath.Join("..", "..", ".venv")
	}
	py := filepath.Join(venv, "bin", "python")
	if err := exec.Command(py, "-c", "import nbformat").Run(); err != nil {
		t.Skipf("NOT COMPARED with Python's nbformat: %s cannot import it (%v). Set GOPARK_VENV to a virtual environment that has it.", py, err)
	}
	return py
}

type answer struct{ Text, Error string }

// askNbformat hands notebooks to testdata/rewrite.py, all in one process.
func askNbformat(t *testing.T, notebooks []string, flags ...string) []answer {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python(t), append([]string{"testdata/rewrite.py"}, flags...)...)
	in, err := json.Marshal(notebooks)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("rewrite.py: %v\n%s", err, stderr.Bytes())
	}
	var answers []answer
	if err := json.Unmarshal(stdout.Bytes(), &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

// Whatever notebook Python can rewrite, it and we rewrite to the same bytes.
func TestSameAsNbformat(t *testing.T) {
	var in []string
	files, _ := filepath.Glob("testdata/*.ipynb")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var compact bytes.Buffer
		if json.Compact(&compact, data) == nil { // NaN keeps the richest one as it is
			in = append(in, compact.String())
		}
		in = append(in, string(data))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		in = append(in, randomNotebook(rng))
	}
	for i, want := range askNbformat(t, in) {
		if want.Error != "" {
			t.Fatalf("nbformat refuses what the test made: %s\n%s", want.Error, in[i])
		}
		nb, err := Read([]byte(in[i]))
		if err != nil {
			t.Fatalf("%v\n%s", err, in[i])
		}
		if diff := cmp.Diff(want.Text, marshal(t, nb)); diff != "" {
			t.Fatalf("(-nbformat +ours):\n%s\nof:\n%s", diff, in[i])
		}
		nb, err = Read([]byte(want.Text))
		if err != nil {
			t.Fatalf("%v\n%s", err, want.Text)
		}
		if diff := cmp.Diff(want.Text, marshal(t, nb)); diff != "" {
			t.Fatalf("rewriting what nbformat wrote (-was +is):\n%s", diff)
		}
	}
}

// randomNotebook is a 4.5 notebook in the styles that tools other than nbformat
// write: text as one string or in lines, keys in any order, floats in any form.
func randomNotebook(rng *rand.Rand) string {
	pick := func(options ...string) string { return options[rng.IntN(len(options))] }
	word := func() string {
		s := ""
		for range rng.IntN(6) {
			s += pick("a", "Z", " ", "é", "😀", `\n`, `\r\n`, `\r`, `\t`, `\u2028`, `\u0085`, `\u001e`, `\u000b`, `\\`, `\"`, "<", `\ud83d\ude00`, `\/`, "\u007f", `\u0000`)
		}
		return s
	}
	quoted := func() string { return `"` + word() + `"` }
	list := func(n int, of func() string) string {
		var items []string
		for range n {
			items = append(items, of())
		}
		return "[" + strings.Join(items, pick(",", ", ", ",\n\t")) + "]"
	}
	text := func() string {
		if rng.IntN(2) == 0 {
			return quoted()
		}
		return list(rng.IntN(4), quoted)
	}
	var value func(depth int) string
	object := func(depth int) string {
		var items []string
		for i := range rng.IntN(4) {
			items = append(items, fmt.Sprintf(`"%s%d": %s`, word(), i, value(depth+1)))
		}
		return "{" + strings.Join(items, ",") + "}"
	}
	value = func(depth int) string {
		switch n := rng.IntN(8); {
		case n == 0 && depth < 4:
			return object(depth)
		case n == 1 && depth < 4:
			return list(rng.IntN(4), func() string { return value(depth + 1) })
		case n == 2:
			return pick("true", "false", "null", "NaN", "Infinity", "-Infinity")
		case n < 5:
			return pick(fmt.Sprint(rng.Int64()), fmt.Sprint(rng.NormFloat64()), fmt.Sprintf("%E", rng.ExpFloat64()),
				fmt.Sprintf("%de%d", rng.IntN(100), rng.IntN(60)-30), "-0", "-0.0", "1e400", "0.00001", "1e16")
		}
		return quoted()
	}
	bundle := func() string {
		return fmt.Sprintf(`{"text/plain": %s, "image/png": %s, "application/json": %s, "image/svg+xml": %s, "application/x+json": %s, "text/html": %s}`,
			text(), text(), value(0), text(), text(), text())
	}
	output := func() string {
		switch rng.IntN(4) {
		case 0:
			return fmt.Sprintf(`{"text": %s, "output_type": "stream", "name": "%s"}`, text(), pick("stdout", "stderr"))
		case 1:
			return fmt.Sprintf(`{"output_type": "display_data", "metadata": %s, "data": %s}`, object(0), bundle())
		case 2:
			return fmt.Sprintf(`{"output_type": "execute_result", "execution_count": %s, "metadata": {}, "data": %s}`, pick("null", "0", "7"), bundle())
		}
		return fmt.Sprintf(`{"output_type": "error", "ename": %s, "evalue": %s, "traceback": %s}`, quoted(), quoted(), list(rng.IntN(3), quoted))
	}
	id := 0
	cell := func() string {
		id++
		common := fmt.Sprintf(`"source": %s, "id": "c-%d", "metadata": %s`, text(), id, object(0))
		switch rng.IntN(3) {
		case 0:
			return fmt.Sprintf(`{"cell_type": "code", "execution_count": %s, "outputs": %s, %s}`, pick("null", "0", "12"), list(rng.IntN(4), output), common)
		case 1:
			return fmt.Sprintf(`{%s, "attachments": {"a.png": %s}, "cell_type": "markdown"}`, common, bundle())
		}
		return fmt.Sprintf(`{"cell_type": "raw", %s}`, common)
	}
	return fmt.Sprintf(`{"metadata": %s, "cells": %s, "nbformat_minor": 5, "nbformat": 4}`, object(0), list(rng.IntN(4), cell))
}

// A notebook that a Runner filled, and one that Read upgraded, satisfy the
// official schema, and nbformat would not write them otherwise.
func TestValidForNbformat(t *testing.T) {
	nb := notebookWith("one", "two", "three")
	run := &Runner{AllowErrors: true, Kernel: script{
		"one": func(_ context.Context, out publisher) Reply {
			out.Stream("stdout", "a\u2028b\n")
			out.Display(map[string]any{"text/plain": "x\ny", "application/json": map[string]any{"tiny": 1e-9, "list": []int{1}}}, nil, "d")
			out.Stream("stderr", "c")
			return Reply{Status: "ok"}
		},
		"two": func(_ context.Context, out publisher) Reply {
			out.Result(map[string]any{"text/plain": "42"}, nil)
			return Reply{Status: "ok"}
		},
		"three": func(_ context.Context, out publisher) Reply {
			out.Error("Panic", "boom", []string{"panic: boom"})
			return Reply{Status: "error", Name: "Panic", Value: "boom"}
		},
	}}
	if _, err := run.Run(t.Context(), nb); err != nil {
		t.Fatal(err)
	}
	old, err := Read([]byte(`{"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": [
		{"cell_type": "code", "source": "", "metadata": {}}, {"cell_type": "markdown"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{marshal(t, nb), marshal(t, old)}
	for i, a := range askNbformat(t, texts, "--validate") {
		if a.Error != "" {
			t.Errorf("not valid: %s\n%s", a.Error, texts[i])
		}
	}
	for i, a := range askNbformat(t, texts) {
		if diff := cmp.Diff(a.Text, texts[i]); diff != "" {
			t.Errorf("(-nbformat +ours):\n%s", diff)
		}
	}
}
