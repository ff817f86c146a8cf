package gopark_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"gopark"
)

func TestModule(t *testing.T) {
	if err := fstest.TestFS(gopark.Module(), "go.mod", "go.sum", "helpers"); err != nil {
		t.Fatal(err)
	}
	sources := 0
	err := fs.WalkDir(gopark.Module(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata") || strings.HasPrefix(name, "notebooks") {
			t.Errorf("%s does not belong to the module", name)
		}
		if strings.HasSuffix(name, ".go") {
			sources++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if sources == 0 {
		t.Error("no Go source under helpers")
	}
}

func TestModuleHidesTheRest(t *testing.T) {
	for _, name := range []string{"notebooks", "notebooks/README.md"} {
		if _, err := fs.Stat(gopark.Module(), name); err == nil {
			t.Errorf("the module shows %s", name)
		}
	}
}

func TestNotebooks(t *testing.T) {
	list, err := fs.ReadDir(gopark.Notebooks(), ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Error("no notebooks")
	}
}
