package gopark

import (
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopark/kernel/notebook"
)

// readNotebooks reads all notebooks of the course.
func readNotebooks(t *testing.T) map[string]*notebook.Notebook {
	t.Helper()
	names, err := fs.Glob(Notebooks(), "*.ipynb")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d notebooks (%v)", len(names), err)
	}
	out := map[string]*notebook.Notebook{}
	for _, name := range names {
		data, err := fs.ReadFile(Notebooks(), name)
		if err != nil {
			t.Fatal(err)
		}
		nb, err := notebook.Read(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again, err := nb.Marshal(); err != nil || string(again) != string(data) {
			t.Errorf("%s is not written as nbformat writes it (%v): gopark run --inplace mends that", name, err)
		}
		out[name] = nb
	}
	return out
}

func TestNotebooks(t *testing.T) {
	for name, nb := range readNotebooks(t) {
		if nb.KernelName() != "gopark" {
			t.Errorf("%s names the kernel %q", name, nb.KernelName())
		}
		ids := map[string]bool{}
		for _, c := range nb.Cells {
			if ids[c.ID] || len(c.ID) < 4 {
				t.Errorf("%s: the cell id %q is short or there twice", name, c.ID)
			}
			ids[c.ID] = true
			if c.Type == "code" && strings.Contains(c.Source, "\r") {
				t.Errorf("%s: cell %s has carriage returns", name, c.ID)
			}
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+?)\s*$`)
)

// TestLinks follows every link between the pages of the course: the file, and
// the heading in it, must be there. JupyterLab's anchor is the heading's text
// with hyphens for blanks.
func TestLinks(t *testing.T) {
	nbs := readNotebooks(t)
	anchors := map[string][]string{}
	texts := map[string]string{}
	for name, nb := range nbs {
		for _, c := range nb.Cells {
			if c.Type != "markdown" {
				continue
			}
			texts[name] += c.Source + "\n\n"
			for _, h := range heading.FindAllStringSubmatch(c.Source, -1) {
				anchors[name] = append(anchors[name], strings.ReplaceAll(strings.NewReplacer("`", "", "*", "").Replace(h[1]), " ", "-"))
			}
		}
	}
	readme, err := fs.ReadFile(Notebooks(), "README.md")
	if err != nil {
		t.Fatal(err)
	}
	texts["README.md"] = string(readme)
	followed := 0
	for from, text := range texts {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			u, err := url.Parse(m[1])
			if err != nil {
				t.Errorf("%s: %s: %v", from, m[1], err)
				continue
			}
			if u.IsAbs() {
				continue
			}
			to := u.Path
			if to == "" {
				to = from
			}
			if _, err := fs.Stat(Notebooks(), path.Clean(to)); err != nil && !strings.HasPrefix(to, "../") {
				t.Errorf("%s links to %s, which is not there", from, to)
			}
			if u.Fragment != "" && nbs[to] != nil && !slices.Contains(anchors[to], u.Fragment) {
				t.Errorf("%s links to %s#%s: no such heading among %q", from, to, u.Fragment, anchors[to])
			}
			followed++
		}
	}
	if followed < 20 {
		t.Errorf("only %d links were found: has their form changed?", followed)
	}
}

// rows are the seed's, of the course's checklist, that each notebook must teach.
var rows = map[string][]string{
	"00": {"S21"},
	"01": {"S1", "S2", "S3", "S4", "S5", "S6"},
	"02": {"S7", "S8", "S9", "S22", "S23"},
	"03": {"S24", "S25", "S26", "S27", "S28", "S29"},
	"04": {"S34", "S35", "S36", "S37"},
	"05": {"S14", "S15", "S16", "S17", "S18"},
	"06": {"S10", "S11", "S12", "S13", "S19", "S20", "S30", "S31", "S32", "S33"},
}

// TestSeedRows finds each row of the checklist in notebooks/README.md's table,
// with a link into the notebook that teaches it.
func TestSeedRows(t *testing.T) {
	readme, err := fs.ReadFile(Notebooks(), "README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"S38", "S39"} { // of the course as a whole
		if !regexp.MustCompile(`(?m)^\| ` + row + ` \|.*\(#`).Match(readme) {
			t.Errorf("README.md has no row %s that leads on", row)
		}
	}
	for name := range readNotebooks(t) {
		nb := name[:2]
		for _, row := range rows[nb] {
			line := regexp.MustCompile(`(?m)^\| ` + row + ` \|.*$`).FindString(string(readme))
			if !strings.Contains(line, "("+nb+"-") {
				t.Errorf("README.md's row %s does not lead into notebook %s: %q", row, nb, line)
			}
		}
	}
}
