package labextension

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

func TestInstallReplaces(t *testing.T) {
	prefix := t.TempDir()
	jupyter := filepath.Join(prefix, "share", "jupyter")
	target := filepath.Join(jupyter, "labextensions", Name)
	for _, files := range []fstest.MapFS{
		{"package.json": {Data: []byte("1")}, "static/remoteEntry.aa.js": {Data: []byte("a")}},
		{"package.json": {Data: []byte("2")}, "static/remoteEntry.bb.js": {Data: []byte("b")}},
	} {
		if err := install(files, prefix); err != nil {
			t.Fatal(err)
		}
		var got []string
		err := fs.WalkDir(os.DirFS(target), ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				got = append(got, path)
				want, _ := files.ReadFile(path)
				data, err := os.ReadFile(filepath.Join(target, path))
				if err != nil || string(data) != string(want) {
					t.Errorf("%s holds %q, want %q (%v)", path, data, want, err)
				}
			}
			return err
		})
		if err != nil || len(got) != len(files) {
			t.Errorf("installed %q, want the %d files of this round only (%v)", got, len(files), err)
		}
	}
	left, err := filepath.Glob(filepath.Join(jupyter, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// When the copy fails, what was installed must still be there.
func TestInstallKeepsOldOnError(t *testing.T) {
	prefix := t.TempDir()
	if err := install(fstest.MapFS{"package.json": {Data: []byte("1")}}, prefix); err != nil {
		t.Fatal(err)
	}
	broken := fstest.MapFS{"package.json": {Mode: fs.ModeSocket}}
	if err := install(broken, prefix); err == nil {
		t.Fatal("a folder that cannot be copied was installed")
	}
	data, err := os.ReadFile(filepath.Join(prefix, "share", "jupyter", "labextensions", Name, "package.json"))
	if err != nil || string(data) != "1" {
		t.Errorf("after a failed install: %q, %v; want the old file", data, err)
	}
}

func TestInstallSaysWhereItFailed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := install(fstest.MapFS{}, file); err == nil {
		t.Error("installed below a file")
	}
}

// The embedded folder is what JupyterLab's loader expects to find.
func TestFilesAreALabExtension(t *testing.T) {
	if !Built() {
		if _, err := Files(); err != ErrNotBuilt {
			t.Errorf("Files without a build: %v, want ErrNotBuilt", err)
		}
		t.Skip("SKIPPED: dist is empty; run kernel/labextension/build.sh")
	}
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(files, "package.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Name       string
		JupyterLab struct {
			MIMEExtension bool
			Build         struct{ Load, MIMEExtension string } `json:"_build"`
		}
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Name != Name || !manifest.JupyterLab.MIMEExtension || manifest.JupyterLab.Build.MIMEExtension != "./mimeExtension" {
		t.Errorf("package.json says %+v", manifest)
	}
	if _, err := fs.Stat(files, manifest.JupyterLab.Build.Load); err != nil {
		t.Errorf("the script that package.json names: %v", err)
	}
	if script, err := Script(); err != nil || len(script) < 100_000 {
		t.Errorf("Script: %d bytes, %v", len(script), err)
	}
}
