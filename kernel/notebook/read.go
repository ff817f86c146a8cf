package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Read reads the bytes of a notebook file. A notebook of format 4.0 to 4.4
// becomes 4.5: its cells get ids. So does a cell of a 4.5 notebook whose id is
// missing or repeats another's, as Python's nbformat repairs it. The error is a
// [*FormatError] when data is not a notebook.
func Read(data []byte) (*Notebook, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, &FormatError{Msg: "the file is empty, not a notebook"}
	}
	v, err := parseJSON(data)
	if err != nil {
		if off, ok := conflict(data); ok {
			return nil, faultAt(data, off, "", "git left a conflict marker here: settle the merge first")
		}
		return nil, err
	}
	nb, err := notebookOf(v)
	if bad := (*shapeError)(nil); errors.As(err, &bad) {
		return nil, faultAt(data, locate(data, bad.path), bad.path, bad.msg)
	}
	if err != nil {
		return nil, err
	}
	nb.nameCells()
	return nb, nil
}

// A shapeError is JSON that is not a notebook: the value at path is wrong.
type shapeError struct{ path, msg string }

func (e *shapeError) Error() string { return e.path + ": " + e.msg }

func wrongShape(path, want string, got any) error {
	return &shapeError{path, fmt.Sprintf("want %s, found %s", want, kind(got))}
}

func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return "text"
	case json.Number:
		return "the number " + string(v)
	case []any:
		return "a list"
	default:
		return "an object"
	}
}

func notebookOf(v any) (*Notebook, error) {
	root, ok := v.(map[string]any)
	if !ok {
		return nil, wrongShape("", "a notebook (a JSON object)", v)
	}
	major, ok := root["nbformat"]
	if !ok {
		return nil, &shapeError{"", "this is JSON, but not a notebook: it has no nbformat"}
	}
	switch n, ok := wholeNumber(major); {
	case !ok:
		return nil, wrongShape("nbformat", "the number 4", major)
	case n < 4:
		return nil, &shapeError{"nbformat", fmt.Sprintf("format %d is older than 4: "+
			"save the notebook in JupyterLab, or run jupyter nbconvert --to notebook --inplace on it", n)}
	case n > 4:
		return nil, &shapeError{"nbformat", fmt.Sprintf("format %d is newer than 4, the newest known here", n)}
	}
	nb := &Notebook{Minor: 5}
	if v, ok := root["nbformat_minor"]; ok {
		minor, ok := wholeNumber(v)
		if !ok {
			return nil, wrongShape("nbformat_minor", "a number", v)
		}
		nb.Minor = max(5, minor)
	}
	var err error
	if nb.Metadata, err = object(root, "", "metadata"); err != nil {
		return nil, err
	}
	dropTransient(nb.Metadata, "orig_nbformat", "orig_nbformat_minor", "signature")
	list, ok := root["cells"].([]any)
	if !ok {
		return nil, wrongShape("cells", "a list of cells", root["cells"])
	}
	for i, v := range list {
		c, err := cellOf(v, fmt.Sprintf("cells[%d]", i))
		if err != nil {
			return nil, err
		}
		nb.Cells = append(nb.Cells, c)
	}
	nb.extra = rest(root, "nbformat", "nbformat_minor", "metadata", "cells")
	return nb, nil
}

func cellOf(v any, path string) (*Cell, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, wrongShape(path, "a cell (an object)", v)
	}
	c := &Cell{}
	if c.Type, ok = m["cell_type"].(string); !ok {
		return nil, wrongShape(joinPath(path, "cell_type"), "code, markdown or raw", m["cell_type"])
	}
	if id, ok := m["id"]; ok {
		if c.ID, ok = id.(string); !ok {
			return nil, wrongShape(joinPath(path, "id"), "text", id)
		}
	}
	if src, ok := m["source"]; ok {
		if c.Source, ok = joinText(src); !ok {
			return nil, wrongShape(joinPath(path, "source"), "text or a list of lines", src)
		}
	}
	var err error
	if c.Metadata, err = object(m, path, "metadata"); err != nil {
		return nil, err
	}
	dropTransient(c.Metadata, "trusted")
	if attached, ok := m["attachments"].(map[string]any); ok {
		for _, bundle := range attached {
			joinBundle(bundle)
		}
	}
	known := []string{"cell_type", "id", "source", "metadata"}
	if c.Type == Code {
		if err := c.readRun(m, path); err != nil {
			return nil, err
		}
		known = append(known, "outputs", "execution_count")
	}
	c.extra = rest(m, known...)
	return c, nil
}

// readRun reads what only code cells have.
func (c *Cell) readRun(m map[string]any, path string) error {
	if v := m["execution_count"]; v != nil {
		n, ok := wholeNumber(v)
		if !ok {
			return wrongShape(joinPath(path, "execution_count"), "a number or null", v)
		}
		c.ExecutionCount = &n
	}
	outputs, ok := m["outputs"]
	if !ok {
		return nil
	}
	list, ok := outputs.([]any)
	if !ok {
		return wrongShape(joinPath(path, "outputs"), "a list of outputs", outputs)
	}
	for i, v := range list {
		here := fmt.Sprintf("%s.outputs[%d]", path, i)
		o, ok := v.(map[string]any)
		if !ok {
			return wrongShape(here, "an output (an object)", v)
		}
		switch kind, _ := o["output_type"].(string); kind {
		case "":
			return wrongShape(joinPath(here, "output_type"), "the kind of output", o["output_type"])
		case "execute_result", "display_data":
			joinBundle(o["data"])
		default:
			if s, ok := joinText(o["text"]); ok {
				o["text"] = s
			}
		}
		c.Outputs = append(c.Outputs, o)
	}
	return nil
}

// object is the object at key, or a new one when there is none.
func object(m map[string]any, path, key string) (map[string]any, error) {
	v, ok := m[key]
	if !ok {
		return map[string]any{}, nil
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, wrongShape(joinPath(path, key), "an object", v)
	}
	return o, nil
}

func wholeNumber(v any) (int, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(string(n))
	return i, err == nil && i >= 0
}

// dropTransient removes what nbformat never writes into a file.
func dropTransient(m map[string]any, keys ...string) {
	for _, key := range keys {
		delete(m, key)
	}
}

// rest is m without the known keys, or nil when nothing is left.
func rest(m map[string]any, known ...string) map[string]any {
	for _, key := range known {
		delete(m, key)
	}
	if len(m) == 0 {
		return nil
	}
	return m
}
