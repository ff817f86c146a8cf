// Package gopark carries the course inside the command: the module that cells
// import from, as source, and the notebooks.
package gopark

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed go.mod go.sum helpers notebooks
var course embed.FS

// Module is the module gopark as cells see it: go.mod, go.sum, and the
// packages under helpers without their tests. It implements [fs.ReadDirFS] and
// [fs.ReadFileFS], and is safe for concurrent use.
func Module() fs.FS { return filtered{inModule} }

// Notebooks is the folder of the notebooks: its files are at the root.
func Notebooks() fs.FS {
	sub, err := fs.Sub(course, "notebooks")
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}

// inModule says whether a file or folder belongs to the module.
func inModule(name string) bool {
	switch top, _, _ := strings.Cut(name, "/"); top {
	case ".", "go.mod", "go.sum":
		return true
	case "helpers":
		return !strings.HasSuffix(name, "_test.go") && path.Base(name) != "testdata" && !strings.Contains(name, "/testdata/")
	}
	return false
}

// filtered is the part of the course that show lets through.
type filtered struct{ show func(name string) bool }

func (f filtered) Open(name string) (fs.File, error) {
	if !f.show(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	file, err := course.Open(name)
	if dir, ok := file.(fs.ReadDirFile); ok && err == nil {
		return &filteredDir{ReadDirFile: dir, keep: func(base string) bool { return f.show(path.Join(name, base)) }}, nil
	}
	return file, err
}

func (f filtered) ReadFile(name string) ([]byte, error) {
	if !f.show(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return course.ReadFile(name)
}

func (f filtered) ReadDir(name string) ([]fs.DirEntry, error) {
	if !f.show(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	list, err := course.ReadDir(name)
	return slices.DeleteFunc(list, func(e fs.DirEntry) bool { return !f.show(path.Join(name, e.Name())) }), err
}

// filteredDir is an open folder of filtered.
type filteredDir struct {
	fs.ReadDirFile
	keep func(base string) bool
}

// ReadDir asks again when the filter left nothing of a batch: only the end of
// the folder may look like its end.
func (d *filteredDir) ReadDir(n int) ([]fs.DirEntry, error) {
	for {
		list, err := d.ReadDirFile.ReadDir(n)
		list = slices.DeleteFunc(list, func(e fs.DirEntry) bool { return !d.keep(e.Name()) })
		if n <= 0 || len(list) > 0 || err != nil {
			return list, err
		}
	}
}
