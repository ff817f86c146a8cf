package session

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gopark/kernel/cell"
)

// TestPromptIsShownOnce: what the front end will show is not published, unless
// it was before, or nobody answers.
func TestPromptIsShownOnce(t *testing.T) {
	for _, tt := range []struct {
		name   string
		writes []string
		prompt string
		answer string
		want   []string
	}{
		{"held back", []string{"hi\nname? "}, "name? ", "Ada", []string{`stdout "hi\n"`, "input name? "}},
		{"in pieces", []string{"na", "me? "}, "name? ", "Ada", []string{"input name? "}},
		{"begun again", []string{"50%\rgo on? "}, "go on? ", "yes", []string{`stdout "50%\r"`, "input go on? "}},
		{"nobody", []string{"name? "}, "name? ", "", []string{"input name? ", `stdout "name? "`}},
		{"no prompt", []string{"hi\n"}, "", "Ada", []string{`stdout "hi\n"`, "input "}},
		{"another prompt", []string{"name? "}, "x", "Ada", []string{`stdout "name? "`, "input x"}},
		{"not the whole line", []string{"your name? "}, "name? ", "Ada", []string{`stdout "your name? "`, "input name? "}},
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := transcript{answer: tt.answer}
			o := newOutputs(&tr, &displayIDs{}, nil)
			o.expectInput(true)
			for _, w := range tt.writes {
				o.Write("stdout", []byte(w))
			}
			time.Sleep(promptFor / 2)
			o.Input(t.Context(), tt.prompt, false)
			o.Write("stdout", []byte("done"))
			o.settle(false)
			o.close()
			if d := cmp.Diff(append(tt.want, `stdout "done"`), tr.events); d != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, d)
			}
		})
	}
}

func TestMayRead(t *testing.T) {
	for code, want := range map[string]bool{
		"fmt.Println(1)":                      false,
		"os.ReadFile(\"x\")":                  false,
		"fmt.Scanln()":                        true,
		"bufio.NewReader(os.Stdin)":           true,
		"os.Open(\"/dev/stdin\")":             true,
		"os.NewFile(0, \"in\").Read(nil)":     true,
		"syscall.Read(0, make([]byte, 1))":    true,
		"io.Copy(os.Stdout, os.Stdin)":        true,
		"exec.Command(\"cat\").Run()":         false,
		"// no Stdin here, but who will know": true,
	} {
		p := &cell.Program{Files: []cell.SourceFile{{Text: []byte("package main")}, {Text: []byte(code)}}}
		if got := mayRead(p); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
	if !mayRead(&cell.Program{Imports: []string{"github.com/chzyer/readline"}}) {
		t.Error("a package from elsewhere may read")
	}
}
