package mark

import (
	"os/exec"
	"strings"
	"testing"
)

// What the kernel adds to a program is linked with each cell: it must not bring
// along what a program does not need. (The test is not there: what is tested links
// only as the kernel links it.)
func TestImports(t *testing.T) {
	for pkg, ours := range map[string][]string{
		"gopark/helpers/internal/exit":    {"gopark/helpers/internal/exit"},
		"gopark/helpers/internal/tracing": {"gopark/helpers/internal/exit", "gopark/helpers/internal/mark", "gopark/helpers/internal/tracing"},
	} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Join(strings.Fields(string(out)), " "), strings.Join(ours, " "); got != want {
			t.Errorf("%s is made of %s, want %s", pkg, got, want)
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "gopark/helpers/internal/exit").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, heavy := range []string{"fmt", "os", "time", "reflect"} {
		if strings.Contains("\n"+string(out), "\n"+heavy+"\n") {
			t.Errorf("each program links %s, because package exit does", heavy)
		}
	}
}
