package notebook

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The files in testdata were written by Python's nbformat.
func TestRewrite(t *testing.T) {
	files, err := filepath.Glob("testdata/*.ipynb")
	if err != nil || len(files) == 0 {
		t.Fatalf("no notebooks: %v", err)
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		nb, err := Read(want)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if got := marshal(t, nb); got != string(want) {
			t.Errorf("%s changed (-was +is):\n%s", file, cmp.Diff(string(want), got))
		}
	}
}

func marshal(t *testing.T, nb *Notebook) string {
	t.Helper()
	data, err := nb.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// cellsOf is a notebook of format 4.minor with these cells, as JSON.
func cellsOf(minor, cells string) string {
	return `{"nbformat": 4, "nbformat_minor": ` + minor + `, "metadata": {}, "cells": [` + cells + `]}`
}

func TestReadErrors(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", " \n", "the file is empty, not a notebook"},
		{"text", "package main\n", `line 1 column 1: not JSON: want a value, found 'p'`},
		{"cut short", "{\n \"cells\": [\n", "line 3 column 1: not JSON: want a value, found the end of the file"},
		{"comma", "{\n \"a\": 1,\n}", "line 3 column 1: not JSON: want a name in quotes, found '}'"},
		{"no comma", "[\n \"é\" 1]", "line 2 column 6: not JSON: want ',' or ']', found '1'"},
		{"open text", `{"a": "b`, "line 1 column 7: not JSON: text without a closing quote"},
		{"raw newline", "{\"a\": \"b\n\"}", "line 1 column 9: not JSON: control character 0x0a inside text"},
		{"not UTF-8", "{\"a\": \"\xff\"}", "line 1 column 8: not JSON: the byte 0xff is not UTF-8"},
		{"escape", `["\x41"]`, "line 1 column 3: not JSON: unknown escape in text"},
		{"two values", "{} {}", "line 1 column 4: not JSON: text after the end of the notebook"},
		{"leading zero", "[01]", "line 1 column 3: not JSON: want ',' or ']', found '1'"},
		{"deep", strings.Repeat("[", 100_000), "line 1 column 901: not JSON: nested more than 900 deep"},
		{"merge", "{\n<<<<<<< HEAD\n}", "line 2 column 1: git left a conflict marker here: settle the merge first"},
		{"list", "[1, 2]", "line 1 column 1: want a notebook (a JSON object), found a list"},
		{"package.json", `{"name": "x"}`, "line 1 column 1: this is JSON, but not a notebook: it has no nbformat"},
		{"format 3", `{"metadata": {}, "nbformat": 3}`, "line 1 column 30: nbformat: format 3 is older than 4: " +
			"save the notebook in JupyterLab, or run jupyter nbconvert --to notebook --inplace on it"},
		{"format 5", `{"nbformat": 5}`, "line 1 column 14: nbformat: format 5 is newer than 4, the newest known here"},
		{"format text", `{"nbformat": "4"}`, "line 1 column 14: nbformat: want the number 4, found text"},
		{"no cells", `{"nbformat": 4, "nbformat_minor": 5}`, "line 1 column 1: cells: want a list of cells, found null"},
		{"metadata", `{"nbformat": 4, "nbformat_minor": 5, "metadata": []}`, "line 1 column 50: metadata: want an object, found a list"},
		{"cell", cellsOf("5", `7`), "line 1 column 64: cells[0]: want a cell (an object), found the number 7"},
		{"source", cellsOf("5", "{\"cell_type\": \"raw\"},\n{\"cell_type\": \"raw\", \"source\": [1]}"),
			"line 2 column 32: cells[1].source: want text or a list of lines, found a list"},
		{"id", cellsOf("5", `{"cell_type": "raw", "id": 1}`), "line 1 column 91: cells[0].id: want text, found the number 1"},
		{"type", cellsOf("5", `{"source": ""}`), "line 1 column 64: cells[0].cell_type: want code, markdown or raw, found null"},
		{"count", cellsOf("5", `{"cell_type": "code", "execution_count": -1}`),
			"line 1 column 105: cells[0].execution_count: want a number or null, found the number -1"},
		{"outputs", cellsOf("5", `{"cell_type": "code", "outputs": {}}`), "line 1 column 97: cells[0].outputs: want a list of outputs, found an object"},
		{"output", cellsOf("5", `{"cell_type": "code", "outputs": [{"text": "x"}]}`),
			"line 1 column 98: cells[0].outputs[0].output_type: want the kind of output, found null"},
	} {
		_, err := Read([]byte(tt.in))
		var format *FormatError
		if !errors.As(err, &format) {
			t.Errorf("%s: error %v, want a FormatError", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestUpgrade(t *testing.T) {
	old := `{"nbformat": 4, "nbformat_minor": 2, "metadata": {"orig_nbformat": 3, "signature": "x"}, "cells": [
		{"cell_type": "code", "source": ["a\n", "b"], "metadata": {"trusted": true}, "execution_count": null, "outputs": []},
		{"cell_type": "markdown", "source": "same", "metadata": {}},
		{"cell_type": "markdown", "source": "same", "metadata": {}}]}`
	nb, err := Read([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for i, c := range nb.Cells {
		if len(c.ID) != 8 || ids[c.ID] {
			t.Errorf("cell %d: id %q, want 8 digits that no other cell has", i, c.ID)
		}
		ids[c.ID] = true
	}
	if nb.Cells[0].Source != "a\nb" {
		t.Errorf("source %q", nb.Cells[0].Source)
	}
	text := marshal(t, nb)
	for _, gone := range []string{"orig_nbformat", "signature", "trusted"} {
		if strings.Contains(text, gone) {
			t.Errorf("%s was kept", gone)
		}
	}
	again, err := Read([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, marshal(t, again)); diff != "" {
		t.Errorf("a second reading gives another file:\n%s", diff)
	}
}

func TestIDs(t *testing.T) {
	nb, err := Read([]byte(cellsOf("5", `{"cell_type": "raw", "id": "a"}, {"cell_type": "raw", "id": "a"}, {"cell_type": "raw"}, {"cell_type": "raw", "id": "b"}`)))
	if err != nil {
		t.Fatal(err)
	}
	if nb.Cells[0].ID != "a" || nb.Cells[3].ID != "b" {
		t.Errorf("good ids changed: %q, %q", nb.Cells[0].ID, nb.Cells[3].ID)
	}
	if x, y := nb.Cells[1].ID, nb.Cells[2].ID; x == "a" || x == "" || y == "" || x == y {
		t.Errorf("ids %q and %q, want new ones", x, y)
	}
}

func TestUnknownIsKept(t *testing.T) {
	in := `{"nbformat": 4, "nbformat_minor": 7, "metadata": {}, "later": [1], "cells": [
		{"cell_type": "sql", "id": "x", "metadata": {}, "source": "select", "engine": {"a": 1}, "outputs": [7]},
		{"cell_type": "code", "id": "y", "metadata": {}, "source": "", "execution_count": null, "language": "go",
		 "outputs": [{"output_type": "hologram", "text": ["a", "b"], "depth": 3}]}]}`
	nb, err := Read([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	text := marshal(t, nb)
	for _, want := range []string{`"nbformat_minor": 7`, `"later": [`, `"cell_type": "sql"`, `"engine": {`, "7\n", `"language": "go"`, `"text": "ab"`, `"depth": 3`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is lost in:\n%s", want, text)
		}
	}
}

func TestTags(t *testing.T) {
	nb, err := Read([]byte(cellsOf("5", `{"cell_type": "code", "metadata": {"tags": ["a", 1, "b"]}}`)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, nb.Cells[0].Tags()); diff != "" {
		t.Error(diff)
	}
	if c := nb.Cells[0]; !c.HasTag("b") || c.HasTag("c") {
		t.Error("HasTag is wrong")
	}
}

func TestMarshalRefuses(t *testing.T) {
	nb := &Notebook{Metadata: map[string]any{"f": func() {}}}
	if data, err := nb.Marshal(); err == nil {
		t.Errorf("a function was written as %s", data)
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.ipynb")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(cellsOf("4", `{"cell_type": "code", "source": ["\ud83d", "\ude00\ud800"], "outputs": [{"output_type": "stream", "text": "a\u2028b"}]}`)))
	f.Add([]byte(`{"nbformat": 4, "cells": [{"cell_type": "raw", "source": 1e999}], "x": [NaN, -Infinity, -0, 1E5, 0.1e-7]}`))
	f.Add([]byte("{<<<<<<< \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		nb, err := Read(data)
		if err != nil {
			var format *FormatError
			if !errors.As(err, &format) {
				t.Fatalf("error %v is not a FormatError", err)
			}
			return
		}
		once := marshal(t, nb)
		nb, err = Read([]byte(once))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once)
		}
		if twice := marshal(t, nb); twice != once {
			t.Fatalf("writing again changes the file (-once +twice):\n%s", cmp.Diff(once, twice))
		}
	})
}
