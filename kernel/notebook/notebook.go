package notebook

import "slices"

// The cell types of nbformat 4. A later minor format may bring others; they are
// kept as they are.
const (
	Code     = "code"
	Markdown = "markdown"
	Raw      = "raw"
)

// A Notebook is one .ipynb file.
type Notebook struct {
	// Metadata is the notebook's own: kernelspec, language_info and whatever
	// tools left there. Never nil after Read.
	Metadata map[string]any
	Cells    []*Cell
	// Minor is the minor format, 5 or later: Read upgrades older ones.
	Minor int

	extra map[string]any // top-level fields of formats later than 4.5
}

// A Cell is one cell of a notebook.
type Cell struct {
	// ID names the cell within its notebook: 1 to 64 of a-z A-Z 0-9 - _ (JEP 62).
	ID string
	// Type is Code, Markdown or Raw, or a later format's own.
	Type   string
	Source string
	// Metadata is never nil after Read.
	Metadata map[string]any
	// Outputs and ExecutionCount exist for code cells only. A nil count is what
	// a cell has that never ran.
	Outputs        []Output
	ExecutionCount *int

	extra map[string]any // attachments, and what this package does not know
}

// Tags are the cell's tags, in their order.
func (c *Cell) Tags() []string {
	list, _ := c.Metadata["tags"].([]any)
	var tags []string
	for _, t := range list {
		if s, ok := t.(string); ok {
			tags = append(tags, s)
		}
	}
	return tags
}

// HasTag reports whether the cell carries the tag.
func (c *Cell) HasTag(tag string) bool { return slices.Contains(c.Tags(), tag) }

// KernelName is the name of the kernel that the notebook asks for, or empty.
func (nb *Notebook) KernelName() string { return nb.text("kernelspec", "name") }

// Language is the language that the notebook says it is written in, in the
// kernel's own spelling ("go"), or empty.
func (nb *Notebook) Language() string {
	if l := nb.text("kernelspec", "language"); l != "" {
		return l
	}
	return nb.text("language_info", "name")
}

func (nb *Notebook) text(section, key string) string {
	m, _ := nb.Metadata[section].(map[string]any)
	s, _ := m[key].(string)
	return s
}

// An Output is one output of a code cell, as nbformat stores it: a stream,
// display_data, execute_result or error, or a later format's own. Multi-line
// text in it is one string, not a list.
type Output map[string]any

// Type is the output's output_type.
func (o Output) Type() string { return o.string("output_type") }

// Name is a stream's name, stdout or stderr.
func (o Output) Name() string { return o.string("name") }

// Text is a stream's text.
func (o Output) Text() string { return o.string("text") }

// Data is the MIME bundle of a display_data or an execute_result, or nil.
func (o Output) Data() map[string]any {
	m, _ := o["data"].(map[string]any)
	return m
}

func (o Output) string(key string) string {
	s, _ := o[key].(string)
	return s
}
