package notebook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"
)

// TagVaries marks a cell whose output differs from run to run in its words and
// numbers too: of such a cell only the kinds of its outputs are compared.
const TagVaries = "output-varies"

// A Comparison says what of two runs of a cell has to be the same.
type Comparison struct {
	// Ignore are further parts of a text that may differ, beside those that
	// [Constant] knows.
	Ignore []*regexp.Regexp
}

// Diff compares the outputs that a cell had with those that it has now, and
// returns what differs as a unified diff without its file names; "" when nothing
// does. Pictures and other data that is no text are compared by their MIME
// types, an exercise's check by its verdicts.
func (c Comparison) Diff(cell *Cell, before, after []Output) string {
	before, after = withoutNotes(before), withoutNotes(after)
	describe := c.text
	if cell.HasTag(TagVaries) {
		describe = kinds
	}
	d := string(diff.Diff("saved", []byte(describe(before)), "now", []byte(describe(after))))
	// Its first three lines name files.
	for range 3 {
		_, d, _ = strings.Cut(d, "\n")
	}
	return d
}

// withoutNotes leaves out what the kernel said on its own account, of a run or of
// its preparations: it marks such displays in their metadata.
func withoutNotes(outputs []Output) []Output {
	return slices.DeleteFunc(slices.Clone(outputs), func(o Output) bool {
		metadata, _ := o["metadata"].(map[string]any)
		return metadata["gopark"] != nil
	})
}

// kinds says of which kinds outputs are, each once.
func kinds(outputs []Output) string {
	var all []string
	for _, o := range outputs {
		all = append(all, heading(o)+"\n")
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "")
}

// heading is the line that names an output.
func heading(o Output) string {
	switch o.Type() {
	case "stream":
		return "== " + o.Name()
	case "display_data", "execute_result":
		return "== " + strings.ReplaceAll(o.Type(), "_", " ") + ": " + strings.Join(mimeTypes(o), ", ")
	}
	return "== " + o.Type()
}

func mimeTypes(o Output) []string {
	var types []string
	for mime := range o.Data() {
		types = append(types, mime)
	}
	slices.Sort(types)
	return types
}

// text is what is compared of outputs, as a person reads it. Streams stand in
// front: how their pieces lie between displays is a matter of moments, and so
// is which of two pipes is read first.
func (c Comparison) text(outputs []Output) string {
	if judged := judgements(outputs); judged != "" {
		return judged
	}
	var streams, rest strings.Builder
	for _, name := range []string{"stdout", "stderr"} {
		var text strings.Builder
		for _, o := range outputs {
			if o.Type() == "stream" && o.Name() == name {
				text.WriteString(o.Text())
			}
		}
		if s := c.constant(text.String()); strings.TrimSpace(s) != "" {
			streams.WriteString("== " + name + "\n" + s)
		}
	}
	for _, o := range outputs {
		switch o.Type() {
		case "stream":
			continue
		case "error":
			rest.WriteString(heading(o) + ": " + o.string("ename") + "\n" + c.constant(traceback(o)))
		default:
			text, _ := o.Data()["text/plain"].(string)
			if json, ok := o.Data()["application/json"]; ok {
				data, _ := appendJSON(nil, json, 0)
				text += "\n" + string(data)
			}
			rest.WriteString(heading(o) + "\n" + c.constant(text))
		}
	}
	return streams.String() + rest.String()
}

// constant is a text without what may differ, ending in a newline unless empty.
func (c Comparison) constant(text string) string {
	for _, re := range c.Ignore {
		text = re.ReplaceAllString(text, "IGNORED")
	}
	text = Constant(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// traceback is that of an error, or what takes its place.
func traceback(o Output) string {
	var lines []string
	list, _ := o["traceback"].([]any)
	for _, line := range list {
		if s, ok := line.(string); ok {
			lines = append(lines, s)
		}
	}
	if len(lines) == 0 {
		return o.string("evalue")
	}
	return strings.Join(lines, "\n")
}

// checkType is what an exercise's check says: {"exercise": …, "checks": [{"name":
// …, "status": …}, …]}.
const checkType = "application/vnd.gopark.check+json"

// judgements are the words of an exercise's checks, a line each, "" where there
// are none: they are all that is compared, for each run is with other numbers,
// and what is drawn beside them as well. Whether the race detector can run is the
// machine's business.
func judgements(outputs []Output) string {
	var text strings.Builder
	for _, o := range outputs {
		result, _ := o.Data()[checkType].(map[string]any)
		checks, _ := result["checks"].([]any)
		if len(checks) > 0 {
			fmt.Fprintf(&text, "== check of %v\n", result["exercise"])
		}
		for _, c := range checks {
			if c, ok := c.(map[string]any); ok && c["status"] != "not run" {
				fmt.Fprintf(&text, "%v: %v\n", c["name"], c["status"])
			}
		}
	}
	return text.String()
}

// firstLine is the beginning of a text, for a message.
func firstLine(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most-1]) + "…"
	}
	return text
}
