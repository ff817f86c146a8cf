package notebook

import (
	"fmt"
	"maps"
)

// Marshal gives the bytes of the notebook's file. It fails only for values that
// JSON cannot hold, which Read never makes.
func (nb *Notebook) Marshal() ([]byte, error) {
	root := maps.Clone(nb.extra)
	if root == nil {
		root = map[string]any{}
	}
	cells := make([]any, len(nb.Cells))
	for i, c := range nb.Cells {
		cells[i] = c.file()
	}
	root["nbformat"] = 4
	root["nbformat_minor"] = max(5, nb.Minor)
	root["metadata"] = orEmpty(nb.Metadata)
	root["cells"] = cells
	data, err := appendJSON(nil, root, 0)
	if err != nil {
		return nil, fmt.Errorf("writing the notebook: %w", err)
	}
	return append(data, '\n'), nil
}

// file is the cell as it stands in a file: text in lines.
func (c *Cell) file() map[string]any {
	m := maps.Clone(c.extra)
	if m == nil {
		m = map[string]any{}
	}
	if attached, ok := m["attachments"].(map[string]any); ok {
		split := make(map[string]any, len(attached))
		for name, bundle := range attached {
			split[name] = splitBundle(bundle)
		}
		m["attachments"] = split
	}
	m["cell_type"] = c.Type
	m["id"] = c.ID
	m["metadata"] = orEmpty(c.Metadata)
	m["source"] = splitLines(c.Source)
	if c.Type != Code {
		return m
	}
	m["execution_count"] = nil
	if c.ExecutionCount != nil {
		m["execution_count"] = *c.ExecutionCount
	}
	outputs := make([]any, len(c.Outputs))
	for i, o := range c.Outputs {
		outputs[i] = o.file()
	}
	m["outputs"] = outputs
	return m
}

// file is the output as it stands in a file.
func (o Output) file() map[string]any {
	m := maps.Clone(o)
	switch o.Type() {
	case "execute_result", "display_data":
		if data, ok := o["data"]; ok {
			m["data"] = splitBundle(data)
		}
	case "stream":
		if s, ok := o["text"].(string); ok {
			m["text"] = splitLines(s)
		}
	}
	return m
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
