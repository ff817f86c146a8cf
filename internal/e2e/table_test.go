package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A column is one kernel of the conformance table.
type column struct {
	kernel, language string // what table.py is told
	title            string
	cells            map[string]check // by the case's name
}

// TestConformanceTable gives our kernel each message of the protocol and each
// adversary, and compares what it sees with the table of kernel/README.md. With
// GOPARK_UPDATE=1 it gives the same cases to GoNB and to ipykernel, in one run,
// and writes the table; that takes some minutes more, which wait for answers
// that never come.
func TestConformanceTable(t *testing.T) {
	b := setUp(t, "gopark")
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: it looks for what is left behind in /proc, which only Linux has")
	}
	columns := []*column{{kernel: "gopark", language: "go", title: "gopark"}}
	update := os.Getenv("GOPARK_UPDATE") != ""
	if update {
		kernelProgram(t, b.venv, "gonb")
		columns = append(columns, &column{kernel: "gonb", language: "go", title: "GoNB " + moduleVersion(t, "github.com/janpfeifer/gonb")})
		version, err := b.ipykernel()
		if err != nil {
			t.Fatalf("the table needs ipykernel, which cannot be had: %v", err)
		}
		columns = append(columns, &column{kernel: "ipykernel", language: "python", title: "ipykernel " + version})
	}
	var order []check
	for _, c := range columns {
		// One after the other: times are measured.
		order = b.cases(c)
	}
	ours := columns[0]
	for _, c := range order {
		if got := ours.cells[c.Check]; got.Status == "failed" {
			t.Errorf("%s: %s", c.Check, got.Detail)
		}
	}
	if t.Failed() {
		return
	}
	text := table(columns, order)
	if update {
		if err := writeTable(text); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := readTable()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ourPart(have), ourPart(text); got != want {
		t.Errorf("kernel/README.md has another table: GOPARK_UPDATE=1 GOPARK_E2E=1 go test -run ConformanceTable ./internal/e2e writes it\nhave:\n%s\nwant:\n%s", got, want)
	}
}

// cases runs table.py for one kernel and returns the cases in their order.
func (b *bench) cases(c *column) (order []check) {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), b.python, filepath.Join("testdata", "table.py"), c.kernel, c.language)
	cmd.Env = b.env
	cmd.WaitDelay = 5 * time.Second
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	begin := time.Now()
	err := cmd.Run()
	c.cells = map[string]check{}
	for line := range bytes.Lines(out.Bytes()) {
		var r check
		if json.Unmarshal(line, &r) == nil && r.Check != "" {
			c.cells[r.Check] = r
			order = append(order, r)
			b.t.Logf("%-10s %-8s %5.1f s  %s  %s", c.kernel, r.Status, r.Seconds, r.Check, r.Detail)
		}
	}
	b.t.Logf("%s: %d cases in %.0f s", c.title, len(order), time.Since(begin).Seconds())
	if err != nil || len(order) == 0 {
		b.t.Fatalf("table.py %s: %v\n%s", c.kernel, err, log.String())
	}
	return order
}

// table is the conformance table as Markdown, one for each group of cases.
func table(columns []*column, order []check) string {
	var text strings.Builder
	group := ""
	for _, row := range order {
		if row.Group != group {
			group = row.Group
			heads := map[string]string{"messages": "Message", "adversaries": "Adversary"}
			fmt.Fprintf(&text, "\n| %s |", heads[group])
			for _, c := range columns {
				fmt.Fprintf(&text, " %s |", c.title)
			}
			text.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
		}
		fmt.Fprintf(&text, "| %s |", row.Check)
		for _, c := range columns {
			fmt.Fprintf(&text, " %s |", verdict(c.cells[row.Check]))
		}
		text.WriteString("\n")
	}
	for _, c := range columns {
		passed, asked := 0, 0
		for _, r := range c.cells {
			if r.Status != "skipped" {
				asked++
			}
			if r.Status == "ok" {
				passed++
			}
		}
		fmt.Fprintf(&text, "\n%s: %d of %d.", c.title, passed, asked)
	}
	return strings.TrimSpace(text.String()) + "\n"
}

func verdict(c check) string {
	note := strings.ReplaceAll(strings.ReplaceAll(c.Detail, "|", `\|`), "\n", " ")
	switch c.Status {
	case "ok":
		return strings.TrimSpace("✓ " + note)
	case "skipped":
		return "– " + note
	}
	return "✗ " + note
}

// The table stands between these lines of kernel/README.md.
const (
	tableFile  = root + "/kernel/README.md"
	tableBegin = "<!-- conformance -->\n"
	tableEnd   = "<!-- /conformance -->"
)

func splitTable() (before, table, after string, err error) {
	data, err := os.ReadFile(tableFile)
	if err != nil {
		return "", "", "", err
	}
	before, rest, ok := strings.Cut(string(data), tableBegin)
	table, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		return "", "", "", fmt.Errorf("%s has no place for the table", tableFile)
	}
	return before, table, after, nil
}

func readTable() (string, error) {
	_, table, _, err := splitTable()
	return table, err
}

func writeTable(text string) error {
	before, _, after, err := splitTable()
	if err != nil {
		return err
	}
	return os.WriteFile(tableFile, []byte(before+tableBegin+text+tableEnd+after), 0o666)
}

// ourPart is what must be the same in every run: the cases, and which of them
// our kernel, the first column, passes.
func ourPart(table string) string {
	var rows []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, " | ")
		if len(cells) > 1 && strings.HasPrefix(line, "| ") {
			mark, _, _ := strings.Cut(strings.TrimSpace(cells[1]), " ")
			rows = append(rows, cells[0]+" "+mark)
		}
	}
	return strings.Join(rows, "\n")
}

func moduleVersion(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// ipykernel makes a Python environment with ipykernel beside the others, once,
// and lets this test's front ends find it. It returns its version.
func (b *bench) ipykernel() (version string, err error) {
	lock, err := os.ReadFile(filepath.Join(root, "lab", "requirements-ipykernel.txt"))
	if err != nil {
		return "", err
	}
	m := regexp.MustCompile(`(?m)^ipykernel==(\S+)`).FindSubmatch(lock)
	if m == nil {
		return "", errors.New("lab/requirements-ipykernel.txt names no ipykernel")
	}
	dir, err := filepath.Abs(filepath.Join(root, ".venv-ipykernel"))
	if err != nil {
		return "", err
	}
	base, err := exec.Command(b.python, "-c", "import sys; print(sys._base_executable)").Output()
	if err != nil {
		return "", fmt.Errorf("find Python: %w", err)
	}
	setup := exec.CommandContext(b.t.Context(), filepath.Join(root, "lab", "setup.sh"), dir, "ipykernel")
	setup.Env = append(os.Environ(), "PYTHON="+strings.TrimSpace(string(base)))
	if out, err := setup.CombinedOutput(); err != nil {
		return "", fmt.Errorf("lab/setup.sh: %w\n%s", err, out)
	}
	b.env = append(b.env, "JUPYTER_PATH="+filepath.Join(dir, "share", "jupyter"))
	return string(m[1]), nil
}
