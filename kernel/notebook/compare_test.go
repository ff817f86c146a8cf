package notebook

import (
	"regexp"
	"strings"
	"testing"
)

func streamed(name, text string) Output {
	return Output{"output_type": "stream", "name": name, "text": text}
}

func displayed(data map[string]any) Output {
	return Output{"output_type": "display_data", "data": data, "metadata": map[string]any{}}
}

func TestDiff(t *testing.T) {
	failure := func(lines ...any) Output {
		return Output{"output_type": "error", "ename": "Panic", "evalue": "x", "traceback": lines}
	}
	chart := func(text string) Output {
		return displayed(map[string]any{"text/plain": text, "image/svg+xml": text})
	}
	judged := func(seen, status string) Output {
		return displayed(map[string]any{"text/plain": seen, checkType: map[string]any{"exercise": "Add", "checks": []any{
			map[string]any{"name": "sums", "status": status}, map[string]any{"name": "no data race", "status": "not run"}}}})
	}
	varies := &Cell{Metadata: map[string]any{"tags": []any{TagVaries}}}
	for _, tt := range []struct {
		name          string
		cell          *Cell
		before, after []Output
		want          string // lines of the diff that begin with + or -
	}{
		{"the same", &Cell{}, []Output{streamed("stdout", "5\n")}, []Output{streamed("stdout", "5\n")}, ""},
		{"another number", &Cell{}, []Output{streamed("stdout", "a\n5\n")}, []Output{streamed("stdout", "a\n6\n")}, "-5 +6"},
		{"times, addresses, goroutines", &Cell{}, []Output{streamed("stdout", "goroutine 7 at 0xc000012: 1.2ms\n")}, []Output{streamed("stdout", "goroutine 18 at 0xc0fff2: 3 s\n")}, ""},
		{"dates", &Cell{}, []Output{streamed("stderr", "2026/01/02 03:04:05 up\n")}, []Output{streamed("stderr", "2026/11/12 13:14:15 up\n")}, ""},
		{"a benchmark", &Cell{}, []Output{streamed("stdout", "BenchmarkX-2  100  22.5 ns/op\n")}, []Output{streamed("stdout", "BenchmarkX-2\t  1000\t  21.0 ns/op  3 B/op\n")}, ""},
		{"pieces of streams", &Cell{}, []Output{streamed("stdout", "a\n"), chart("x"), streamed("stdout", "b\n")}, []Output{chart("x"), streamed("stdout", "a\nb\n")}, ""},
		{"a display that is gone", &Cell{}, []Output{chart("x\ny")}, nil, "-== display data: image/svg+xml, text/plain -x -y"},
		{"colours of a traceback", &Cell{}, []Output{failure("\x1b[31mPanic\x1b[0m: x")}, []Output{failure("Panic: x")}, ""},
		{"another traceback", &Cell{}, []Output{failure("at cell [1] line 1")}, []Output{failure("at cell [1] line 2")}, "-at cell [1] line 1 +at cell [1] line 2"},
		{"no error any more", &Cell{}, []Output{failure("a")}, []Output{streamed("stdout", "ok\n")}, "-== error: Panic -a +== stdout +ok"},
		{"a check with other numbers", &Cell{}, []Output{judged("3", "passed")}, []Output{judged("4", "passed")}, ""},
		{"a check with another verdict", &Cell{}, []Output{judged("3", "passed")}, []Output{judged("3", "failed")}, "-sums: passed +sums: failed"},
		{"JSON", &Cell{}, []Output{displayed(map[string]any{"application/json": map[string]any{"a": "1"}})}, []Output{displayed(map[string]any{"application/json": map[string]any{"a": "2"}})}, `-"a": "1" +"a": "2"`},
		{"output that varies", varies, []Output{streamed("stdout", "5\n"), streamed("stdout", "6\n"), chart("x")}, []Output{chart("y"), streamed("stdout", "7\n")}, ""},
		{"output that varies in kind", varies, []Output{streamed("stdout", "5\n")}, []Output{streamed("stderr", "5\n")}, "-== stdout +== stderr"},
		{"ignored", &Cell{}, []Output{streamed("stdout", "seed 12\n")}, []Output{streamed("stdout", "seed 77\n")}, ""},
	} {
		c := Comparison{Ignore: []*regexp.Regexp{regexp.MustCompile(`seed \d+`)}}
		var changed []string
		d := c.Diff(tt.cell, tt.before, tt.after)
		for line := range strings.Lines(d) {
			if line[0] == '+' || line[0] == '-' {
				changed = append(changed, strings.TrimSuffix(line, "\n"))
			}
		}
		if got := strings.Join(changed, " "); got != tt.want || (d == "") != (tt.want == "") {
			t.Errorf("%s: %q, want %q\n%s", tt.name, got, tt.want, d)
		}
	}
}
