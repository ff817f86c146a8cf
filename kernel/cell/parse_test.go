package cell

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, text string
		commands   []string // name|args|line
		chunks     []string // d:text or s:text
		main       string
	}{
		{name: "empty"},
		{name: "declarations", text: "import \"fmt\"\n\n// F does.\nfunc F() {\n\tfmt.Println(1)\n}\n",
			chunks: []string{"d:import \"fmt\"", "d:// F does.\nfunc F() {\n\tfmt.Println(1)\n}"}},
		{name: "detached comment", text: "// note\n\nvar x = 1 // trailing\n// own\nvar y = 2",
			chunks: []string{"d:var x = 1", "d:// own\nvar y = 2"}},
		{name: "main", text: "var x = 1\n%% -n 3\nprintln(x)\n",
			commands: []string{"%|-n 3|2"}, chunks: []string{"d:var x = 1"}, main: "println(x)\n"},
		{name: "second %% is only a command", text: "%%\na()\n%%\nb()\n",
			commands: []string{"%||1", "%||3"}, main: "a()\n\nb()\n"},
		{name: "commands", text: "%env A=b\n!ls -l \\\n  x\n//gonb:%help\nvar a int",
			commands: []string{"env|A=b|1", "!|ls -l  x|2", "help||4"}, chunks: []string{"d:var a int"}},
		{name: "not commands", text: "var s = `\n%env\n!x`\n/*\n%a\n*/\nvar b = f(\n!c,\n)",
			chunks: []string{"d:var s = `\n%env\n!x`", "d:/*\n%a\n*/\nvar b = f(\n!c,\n)"}},
		{name: "quotes do not confuse", text: "var s = \"`/*\"\n%help\nvar r = '`'\n%ls",
			commands: []string{"help||2", "ls||4"}, chunks: []string{"d:var s = \"`/*\"", "d:var r = '`'"}},
		{name: "statements", text: "x := 1\nfor x < 3 {\n\tx++\n}\nx",
			chunks: []string{"s:x := 1", "s:for x < 3 {\n\tx++\n}", "s:x"}},
		{name: "one line", text: "x := 1; y := 2; x+y", chunks: []string{"s:x := 1", "s:y := 2", "s:x+y"}},
		{name: "func kinds", text: "func (t T) M() {}\nfunc (a int) int { return a }(3)\nfunc() {}()\nfunc G[T any]() {}",
			chunks: []string{"d:func (t T) M() {}", "s:func (a int) int { return a }(3)", "s:func() {}()", "d:func G[T any]() {}"}},
		{name: "package line", text: "package main\n\nimport \"os\"\n", chunks: []string{"d:import \"os\""}},
		{name: "unclosed", text: "func f() {\n\tg(\n", chunks: []string{"d:func f() {\n\tg("}},
		{name: "crlf", text: "%ls\r\nvar x = 1\r\n", commands: []string{"ls||1"}, chunks: []string{"d:var x = 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Parse(4, tt.text)
			var cmds, chunks []string
			for _, cmd := range c.Commands {
				cmds = append(cmds, fmt.Sprintf("%s|%s|%d", cmd.Name, cmd.Args, cmd.Line))
			}
			for _, ch := range c.chunks {
				k := "s:"
				if ch.decl {
					k = "d:"
				}
				chunks = append(chunks, k+c.code[ch.start:ch.end])
			}
			if d := cmp.Diff(tt.commands, cmds); d != "" {
				t.Errorf("commands (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.chunks, chunks); d != "" {
				t.Errorf("chunks (-want +got):\n%s", d)
			}
			if tt.main != "" && c.code[c.mainAt:] != tt.main {
				t.Errorf("main body %q, want %q", c.code[c.mainAt:], tt.main)
			}
			if got, want := strings.Count(c.code, "\n"), strings.Count(strings.ReplaceAll(tt.text, "\r\n", "\n"), "\n"); got < want {
				t.Errorf("code has %d lines, the cell %d: line numbers would move", got, want)
			}
		})
	}
}

func TestParseMagic(t *testing.T) {
	c := Parse(1, "%%writefile -a x.txt\nhello\n%ls\n")
	if c.Magic == nil || c.Magic.Name != "writefile" || c.Magic.Args != "-a x.txt" || c.Body != "hello\n%ls\n" {
		t.Fatalf("got %+v, body %q", c.Magic, c.Body)
	}
	if c := Parse(1, "%%bash\nexit 3"); c.Magic == nil || c.Body != "exit 3" {
		t.Fatalf("got %+v", c)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"%%\n%%\n", "func (", "`", "'", "/*", "!\\", "%", "//gonb:%", "x := `\n%`", "\x00", "package p; var x = 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := Parse(1, text)
		for _, ch := range c.chunks {
			if ch.start < 0 || ch.end > len(c.code) || ch.start > ch.end {
				t.Fatalf("chunk %+v outside code of %d bytes", ch, len(c.code))
			}
			c.position(ch.start)
		}
	})
}
