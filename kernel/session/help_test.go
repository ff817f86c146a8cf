package session

import (
	"os"
	"strings"
	"testing"
)

// TestReadme keeps kernel/README.md's table of commands the one of %help.
// GOPARK_UPDATE=1 writes it.
func TestReadme(t *testing.T) {
	const file, begin, end = "../README.md", "<!-- commands -->\n", "<!-- /commands -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("the marks round the table are gone")
	}
	if table == HelpMarkdown() {
		return
	}
	if os.Getenv("GOPARK_UPDATE") == "" {
		t.Fatal("the table is not that of %help: GOPARK_UPDATE=1 go test ./kernel/session writes it")
	}
	if err := os.WriteFile(file, []byte(before+begin+HelpMarkdown()+end+after), 0o666); err != nil {
		t.Fatal(err)
	}
}
