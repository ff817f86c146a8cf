package toolchain

import (
	"slices"
	"strings"
	"testing"
)

func TestSplitFlags(t *testing.T) {
	for text, want := range map[string][]string{
		"":                         nil,
		"  ":                       nil,
		"-m":                       {"-m"},
		" -m  -l ":                 {"-m", "-l"},
		`-X 'main.a=1 2' -w`:       {"-X", "main.a=1 2", "-w"},
		`"-X" ""`:                  {"-X", ""},
		"-a\n\t-b":                 {"-a", "-b"},
		`-X=main.a='kept as it is`: {"-X=main.a='kept", "as", "it", "is"},
	} {
		got, err := splitFlags(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	if _, err := splitFlags(`-X 'main`); err == nil {
		t.Error("no error for an open quote")
	}
}

func TestDirectives(t *testing.T) {
	for text, want := range map[string]bool{
		"package main\n//go:embed a.txt\nvar s string":       true,
		"//go:debug http2client=0\npackage main":             true,
		"package main\nimport \"C\"":                         true,
		"package main\n//go:embedded is another word":        false,
		"package main\n//go:noinline\nfunc f() {}":           false,
		"package main\nvar s = `\n x //go:embed a.txt\n`":    false,
		"package main\n// About //go:embed, in a comment.\n": false,
	} {
		p, err := newProgram(source1(text), Config{}, &goEnv{})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.fallback != ""; got != want {
			t.Errorf("%q: go build: %v (%s), want %v", text, got, p.fallback, want)
		}
	}
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"main.go": "main.go", "cell[4].go": "cell[4].go", "cell[4]": "file7.go", "x_test.go": "file7.go",
		"../x.go": "file7.go", "-x.go": "file7.go", ".x.go": "file7.go", "": "file7.go",
	} {
		if got := fileName(name, 7); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestSources(t *testing.T) {
	if _, err := newProgram(nil, Config{}, &goEnv{}); err == nil {
		t.Error("no error without files")
	}
	if _, err := newProgram([]Source{{"a.go", nil}, {"a.go", nil}}, Config{}, &goEnv{}); err == nil {
		t.Error("no error for two files of one name")
	}
}

func FuzzSplitFlags(f *testing.F) {
	f.Add(`-X 'main.a=1 2' -w`)
	f.Add(`"`)
	f.Fuzz(func(t *testing.T, text string) {
		words, err := splitFlags(text)
		if err != nil {
			return
		}
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("%q is not in %q", w, text)
			}
		}
	})
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb\r\n\nc"), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		var got strings.Builder
		w := lineWriter{to: func(line string) { got.WriteString(line + "\n") }}
		for chunk := range slices.Chunk(text, int(size)+1) {
			if n, err := w.Write(chunk); n != len(chunk) || err != nil {
				t.Fatal(n, err)
			}
		}
		w.flush()
		want := strings.ReplaceAll(string(text), "\r\n", "\n")
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		if got.String() != want && !strings.Contains(string(text), "\r") {
			t.Errorf("%q became %q", text, got.String())
		}
	})
}
