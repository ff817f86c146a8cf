// Package lab holds no Go but tests: of the scripts and lists that make the
// Python environment with JupyterLab.
package lab

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A lock without hashes, or with the name of somebody's mirror, is none.
func TestLocks(t *testing.T) {
	for _, name := range []string{"requirements", "requirements-test", "requirements-frontends", "requirements-ipykernel"} {
		lock, err := os.ReadFile(name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		list, err := os.ReadFile(name + ".in")
		if err != nil {
			t.Fatal(err)
		}
		if bad := regexp.MustCompile(`://|--(index|extra|find)`).Find(lock); bad != nil {
			t.Errorf("%s.txt names a place: %q", name, bad)
		}
		locked := make(map[string]bool)
		for _, entry := range regexp.MustCompile(`\n(?:[A-Za-z0-9])`).Split("\n"+string(lock), -1)[1:] {
			if !strings.Contains(entry, "--hash=sha256:") {
				t.Errorf("%s.txt: no hash in %q", name, entry)
			}
		}
		for _, line := range regexp.MustCompile(`(?m)^[^#\s].*?==\S+`).FindAllString(string(lock), -1) {
			locked[normal(line)] = true
		}
		for _, line := range regexp.MustCompile(`(?m)^[^#\s].*==\S+`).FindAllString(string(list), -1) {
			if !locked[normal(line)] {
				t.Errorf("%s.txt lacks %s: run lab/lock.sh", name, line)
			}
		}
	}
	lock, _ := os.ReadFile("requirements.txt")
	for _, unwanted := range []string{"ipykernel==", "rfc3987", "lark=="} {
		if strings.Contains(string(lock), unwanted) {
			t.Errorf("requirements.txt has %s, which costs start-up time for nothing", unwanted)
		}
	}
}

// normal is PEP 503's form of a name, and the version.
func normal(requirement string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(requirement))
}

func TestSettingsAreJSON(t *testing.T) {
	files, err := filepath.Glob("*.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("settings: %q, %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var settings map[string]map[string]any
		if err := json.Unmarshal(data, &settings); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// What setup.sh refuses to do, and what it says.
func TestSetupRefuses(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("SKIPPED: there is no sh")
	}
	fake := func(t *testing.T, script string) string {
		path := filepath.Join(t.TempDir(), "python")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	occupied := t.TempDir()
	if err := os.WriteFile(filepath.Join(occupied, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ dir, python, want string }{
		"no folder": {"", "python3", "say where"},
		"no Python": {t.TempDir(), "/nonexistent/python3", "/nonexistent/python3 is not installed"},
		"old": {t.TempDir(), fake(t, `case "$*" in *version_info*) exit 1;; *--version*) echo Python 3.9.2;; esac`),
			"Python 3.9.2 is too old"},
		"no venv":   {t.TempDir(), fake(t, `case "$*" in *ensurepip*) exit 1;; esac`), "sudo apt-get install python3-venv"},
		"not ours":  {occupied, fake(t, "exit 0"), "not a Python environment"},
		"it breaks": {t.TempDir(), fake(t, `case "$*" in *--clear*) exit 1;; esac`), "could not be made"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"setup.sh"}
			if test.dir != "" {
				args = append(args, test.dir)
			}
			cmd := exec.CommandContext(t.Context(), "sh", args...)
			cmd.Env = append(os.Environ(), "PYTHON="+test.python)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), test.want) {
				t.Errorf("%v, said %q, want %q", err, out, test.want)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(occupied, "thesis.txt")); err != nil {
		t.Errorf("somebody's file: %v", err)
	}
}

// An environment is left alone while it is what it was made from. A stand-in for
// Python counts how often it is asked to make one.
func TestSetupDoesNothingTwice(t *testing.T) {
	dir, bin := filepath.Join(t.TempDir(), "a folder"), t.TempDir()
	count := filepath.Join(bin, "count")
	python := filepath.Join(bin, "python")
	script := `#!/bin/sh
case "$*" in *"-m venv"*)
	echo x >>` + count + `
	for dir; do :; done
	mkdir -p "$dir/bin" && cp "$0" "$dir/bin/python" && touch "$dir/pyvenv.cfg"
esac`
	if err := os.WriteFile(python, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", append([]string{"setup.sh", dir}, args...)...)
		cmd.Env = append(os.Environ(), "PYTHON="+python)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	made := func() int {
		data, _ := os.ReadFile(count)
		return strings.Count(string(data), "x")
	}
	if out := run(); !strings.Contains(out, "JupyterLab is ready") || made() != 1 {
		t.Fatalf("first: %q, made %d", out, made())
	}
	if out := run(); out != "" || made() != 1 {
		t.Errorf("second: %q, made %d; want nothing done", out, made())
	}
	for _, file := range []string{"share/jupyter/lab/settings/overrides.json", "etc/jupyter/jupyter_lab_config.json"} {
		if err := os.WriteFile(filepath.Join(dir, file), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out := run(); out != "" || made() != 1 {
		t.Errorf("with other settings: %q, made %d; want them mended, and no more", out, made())
	}
	for from, to := range map[string]string{"overrides.json": "share/jupyter/lab/settings", "jupyter_lab_config.json": "etc/jupyter"} {
		want, _ := os.ReadFile(from)
		if got, err := os.ReadFile(filepath.Join(dir, to, from)); err != nil || string(got) != string(want) {
			t.Errorf("%s is %q (%v), want what is in the checkout", from, got, err)
		}
	}
	if out := run("tests"); !strings.Contains(out, "tests") || made() != 1 {
		t.Errorf("with tests: %q, made %d", out, made())
	}
	if out := run("tests"); out != "" {
		t.Errorf("with tests, again: %q", out)
	}
	// Broken off in the middle: the stamp is missing.
	if err := os.Remove(filepath.Join(dir, ".lab")); err != nil {
		t.Fatal(err)
	}
	if run(); made() != 2 {
		t.Errorf("after a broken run: made %d, want 2", made())
	}
}
