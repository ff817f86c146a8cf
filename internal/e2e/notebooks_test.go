package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The tags of cells that matter here; notebooks/README.md says what they mean
// to an author.
const (
	tagFails  = "raises-exception"
	tagKernel = "kernel-output" // what it shows is the kernel's own, and differs
	tagVaries = "output-varies" // what it shows differs from run to run, in words too
)

// TestNotebooks executes each notebook of the course with nbclient, as nbconvert
// and CI services do, on our kernel and on GoNB, and compares what the cells
// show.
func TestNotebooks(t *testing.T) {
	b := setUp(t, "gopark", "gonb")
	source := filepath.Join(root, "notebooks")
	files, err := filepath.Glob(filepath.Join(source, "*.ipynb"))
	if err != nil || len(files) < 3 {
		t.Fatalf("found %d notebooks: %v", len(files), err)
	}
	// Cells run in a copy, so that one which writes a file changes no checkout.
	work := filepath.Join(b.tmp, "notebooks")
	if err := os.CopyFS(work, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".ipynb")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := b.execute(t, work, name, "gopark")
			theirs := b.execute(t, work, name, "gonb")
			compareKernels(t, ours, theirs, codeCells(t, file))
		})
	}
}

// compareKernels compares what cells show on both kernels; saved is a run before.
func compareKernels(t *testing.T, ours, theirs, saved []nbCell) {
	t.Helper()
	for _, d := range differences(t, ours, theirs, saved) {
		t.Error(d)
	}
}

// differences are those between what cells show on two kernels, by cell.
func differences(t *testing.T, ours, theirs, saved []nbCell) map[int]string {
	t.Helper()
	if len(ours) == 0 || len(ours) != len(theirs) || len(ours) != len(saved) {
		t.Fatalf("%d cells on gopark, %d on GoNB, %d saved", len(ours), len(theirs), len(saved))
	}
	found := map[int]string{}
	for i := range ours {
		a, b := reconcileCells(ours[i].seen(), theirs[i].seen(), saved[i].seen())
		if diff := cmp.Diff(b, a); diff != "" {
			found[i] = fmt.Sprintf("cell %d shows on GoNB (-) and on gopark (+):\n%s\n%s", i+1, diff, ours[i].source())
		}
	}
	return found
}

// execute runs a notebook and returns its code cells with their outputs.
func (b *bench) execute(t *testing.T, dir, name, kernel string) []nbCell {
	t.Helper()
	target := filepath.Join(b.tmp, name+"."+kernel+".ipynb")
	cmd := exec.CommandContext(t.Context(), b.python, "testdata/execute.py", kernel, filepath.Join(dir, name+".ipynb"), target)
	cmd.Env, cmd.WaitDelay = b.env, 5*time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("on %s: %v\n%s", kernel, err, out)
	}
	return executed(t, kernel, target)
}

// executed returns the code cells of a notebook that ran, all of them, and with
// errors only where they are the lesson.
func executed(t *testing.T, kernel, target string) []nbCell {
	t.Helper()
	code := codeCells(t, target)
	charts, pictures := 0, 0
	for i, c := range code {
		if c.Count == nil || *c.Count != i+1 {
			t.Errorf("on %s: cell %d was not executed in its turn: %v", kernel, i+1, c.Count)
		}
		if failed := c.seen().Failed; failed != c.is(tagFails) {
			t.Errorf("on %s: cell %d: tagged %v, failed: %v", kernel, i+1, c.Metadata.Tags, failed)
		}
		all, drawn := c.charts(t, kernel)
		charts, pictures = charts+all, pictures+drawn
	}
	t.Logf("%s: %d cells, %d charts, %d with a picture", kernel, len(code), charts, pictures)
	if charts > 0 && pictures == 0 {
		t.Errorf("on %s: not one chart has a picture: is GOPARK_RENDER in the kernelspec?", kernel)
	}
	return code
}

// codeCells reads the code cells of a notebook.
func codeCells(t *testing.T, file string) []nbCell {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct{ Cells []nbCell }
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(nb.Cells, func(c nbCell) bool { return c.Type != "code" })
}

// An nbCell is a cell of a notebook as nbformat 4 has it.
type nbCell struct {
	Type     string `json:"cell_type"`
	Source   any
	Count    *int `json:"execution_count"`
	Metadata struct{ Tags []string }
	Outputs  []struct {
		Type string `json:"output_type"`
		Name string // stdout, stderr
		Text any
		Data map[string]any
		// Of our kernel's displays about a run, which belong to no cell's own.
		Metadata struct{ Gopark struct{ Report bool } }
	}
}

func (c nbCell) is(tag string) bool { return slices.Contains(c.Metadata.Tags, tag) }

func (c nbCell) source() string { return joined(c.Source) }

// joined is a text that nbformat has as a string or as lines.
func joined(text any) string {
	if lines, ok := text.([]any); ok {
		var all strings.Builder
		for _, line := range lines {
			all.WriteString(fmt.Sprint(line))
		}
		return all.String()
	}
	s, _ := text.(string)
	return s
}

// What is compared of a cell's outputs. GoNB keeps no order between text and
// displays, so each kind stands for itself; the order on our kernel is the
// business of TestClient. A program's stderr says nothing on our kernel when
// the program fails: the error says it all.
type seen struct {
	Failed   bool
	Stdout   string
	Stderr   string
	Results  []string
	Displays []string // MIME types and text
}

func (c nbCell) seen() (s seen) {
	tidy := constant
	if c.is(tagVaries) {
		// That it shows something, and of which types, is all that is certain.
		tidy = func(text string) string { return strings.Repeat("something", min(1, len(text))) }
	}
	var judged []string
	for _, o := range c.Outputs {
		if o.Metadata.Gopark.Report {
			continue
		}
		switch o.Type {
		case "error":
			s.Failed = true
		case "stream":
			if o.Name == "stdout" {
				s.Stdout += joined(o.Text)
			} else {
				s.Stderr += joined(o.Text)
			}
		case "display_data", "execute_result":
			var types []string
			for t := range o.Data {
				types = append(types, t)
			}
			sort.Strings(types)
			text := strings.Join(types, " ") + "\n" + tidy(joined(o.Data["text/plain"]))
			if v, ok := verdicts(o.Data["application/vnd.gopark.check+json"]); ok {
				judged = append(judged, v)
			}
			if o.Type == "execute_result" {
				s.Results = append(s.Results, text)
			} else {
				s.Displays = append(s.Displays, text)
			}
		}
	}
	s.Stdout, s.Stderr = tidy(s.Stdout), tidy(s.Stderr)
	switch {
	case c.is(tagKernel):
		return seen{Failed: s.Failed}
	case judged != nil:
		// What is drawn beside the verdicts is another run each time.
		return seen{Failed: s.Failed, Displays: judged}
	}
	if s.Failed {
		s.Stderr, s.Displays = "", nil
	}
	return s
}

// verdicts are what an exercise's check says in a word each. The numbers are
// drawn anew in each run, and the race detector's part runs on our kernel only.
func verdicts(data any) (string, bool) {
	result, ok := data.(map[string]any)
	if !ok {
		return "", false
	}
	checks, _ := result["checks"].([]any)
	text := fmt.Sprint(result["exercise"])
	for _, c := range checks {
		if c, ok := c.(map[string]any); ok && c["name"] != "no data race" {
			text += fmt.Sprintf("; %v: %v", c["name"], c["status"])
		}
	}
	return text, len(checks) > 0
}

// reconcileCells reconciles each text of a cell that ran on two kernels.
func reconcileCells(ours, theirs, saved seen) (seen, seen) {
	ours.Stdout, theirs.Stdout = reconcile(ours.Stdout, theirs.Stdout, saved.Stdout)
	ours.Stderr, theirs.Stderr = reconcile(ours.Stderr, theirs.Stderr, saved.Stderr)
	list := func(ours, theirs, saved []string) {
		if len(ours) == len(theirs) && len(ours) == len(saved) {
			for i := range ours {
				ours[i], theirs[i] = reconcile(ours[i], theirs[i], saved[i])
			}
		}
	}
	list(ours.Results, theirs.Results, saved.Results)
	list(ours.Displays, theirs.Displays, saved.Displays)
	return ours, theirs
}

// charts counts the charts of a cell, and those that have their picture: what
// GitHub, VS Code and nbconvert show. On our kernel all must have it. On GoNB a
// program draws it, and text takes its place when that takes too long.
func (c nbCell) charts(t *testing.T, kernel string) (charts, pictures int) {
	t.Helper()
	for _, o := range c.Outputs {
		if o.Data["application/vnd.gopark.chart+json"] == nil {
			continue
		}
		charts++
		html := joined(o.Data["text/html"])
		if strings.Contains(html, `src="data:image/svg+xml;base64,`) {
			pictures++
		} else if kernel == "gopark" || html == "" {
			t.Errorf("on %s: a chart without its picture: %.200s", kernel, html)
		}
	}
	return charts, pictures
}
