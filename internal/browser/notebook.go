package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed notebook.js
var script string

// A Cell is one cell of the notebook, from JupyterLab's model of it.
type Cell struct {
	Type    string // "code", "markdown" or "raw"
	Source  string
	Count   int // 0 if it has not run
	Outputs []Output
}

// An Output is as in a notebook file, nbformat 4.
type Output struct {
	OutputType string `json:"output_type"`
	Name       string // of a stream
	Text       string // of a stream
	Data       map[string]json.RawMessage
	Metadata   map[string]json.RawMessage
	EName      string
	EValue     string
	Traceback  []string
}

// Charts says what became of the charts in a notebook.
type Charts struct {
	Wanted  int      // outputs that are charts of gopark
	Drawn   int      // of them, drawn by the extension
	Refused []string // what the extension showed in place of the others
}

// Notebook opens a notebook in the Lab that the page shows; path is relative to
// the server's folder. It returns when the cells are there and the kernel is
// ready. A kernel that is not installed is done without.
func (p *Page) Notebook(ctx context.Context, path string) error {
	_, err := call[bool](ctx, p, "open", path)
	return err
}

// RunAll runs all cells, as the menu does, and returns them when they are done.
// A cell that fails stops the run, and is no error here.
func (p *Page) RunAll(ctx context.Context) ([]Cell, error) {
	return call[[]Cell](ctx, p, "run")
}

// Cells returns the notebook's cells as they are.
func (p *Page) Cells(ctx context.Context) ([]Cell, error) {
	return call[[]Cell](ctx, p, "cells")
}

// Charts scrolls through the notebook and counts its charts. Each has ten
// seconds to appear.
func (p *Page) Charts(ctx context.Context) (Charts, error) {
	return call[Charts](ctx, p, "charts")
}

// Theme switches the Lab to its dark or its light theme.
func (p *Page) Theme(ctx context.Context, dark bool) error {
	if _, err := call[bool](ctx, p, "theme", dark); err != nil {
		return err
	}
	return p.settle(ctx)
}

// CloseNotebook closes the notebook without saving it, and ends its kernel.
func (p *Page) CloseNotebook(ctx context.Context) error {
	_, err := call[bool](ctx, p, "close")
	return err
}

// call runs a function of notebook.js.
func call[T any](ctx context.Context, p *Page, name string, args ...any) (T, error) {
	var list string
	for i, arg := range args {
		data, err := json.Marshal(arg)
		if err != nil {
			return *new(T), err
		}
		if i > 0 {
			list += ", "
		}
		list += string(data)
	}
	value, err := Eval[T](ctx, p, fmt.Sprintf("%s\n;__gopark.%s(%s)", script, name, list))
	if err != nil {
		return value, fmt.Errorf("in JupyterLab, %s(%s): %w", name, list, err)
	}
	return value, nil
}
