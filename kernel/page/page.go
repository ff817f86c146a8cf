package page

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"gopark/kernel/notebook"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
)

// A view is what the template shows.
type view struct {
	Title string
	Style template.CSS
	Cells []cellView
}

type cellView struct {
	ID      string
	Kind    string // "code", "text", "raw"
	Count   string // beside a code cell
	Body    template.HTML
	Outputs []outputView
}

type outputView struct {
	Class string
	Body  template.HTML
}

// Write writes the notebook as a page. The title is that of its first heading,
// or else the given one.
func Write(w io.Writer, nb *notebook.Notebook, title string) error {
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return err
	}
	v := view{Title: title, Style: template.CSS(pageCSS)}
	titled := false
	for _, c := range nb.Cells {
		cv := cellView{ID: c.ID, Kind: "text"}
		switch c.Type {
		case notebook.Code:
			cv.Kind, cv.Count = "code", " "
			if c.ExecutionCount != nil {
				cv.Count = strconv.Itoa(*c.ExecutionCount)
			}
			cv.Body = goSource(c.Source)
			for _, o := range c.Outputs {
				if ov := showOutput(o); ov.Body != "" {
					cv.Outputs = append(cv.Outputs, ov)
				}
			}
		case notebook.Markdown:
			cv.Body = markdown(c.Source, c.Attachments())
			if h, ok := heading(c.Source); ok && !titled {
				v.Title, titled = h, true
			}
		default:
			cv.Kind, cv.Body = "raw", escaped(c.Source)
		}
		v.Cells = append(v.Cells, cv)
	}
	return t.Execute(w, v)
}

// heading is the text of a Markdown text's first # line.
func heading(text string) (string, bool) {
	for line := range strings.Lines(text) {
		if h, ok := strings.CutPrefix(line, "# "); ok {
			return strings.TrimSpace(h), true
		}
	}
	return "", false
}

func escaped(text string) template.HTML { return template.HTML(template.HTMLEscapeString(text)) }

// showOutput is one output of a cell, safe to show; its Body is empty where there is
// nothing to see.
func showOutput(o notebook.Output) outputView {
	switch o.Type() {
	case "stream":
		class := "stream"
		if o.Name() == "stderr" {
			class = "stream stderr"
		}
		return outputView{class, ansi(o.Text())}
	case "error":
		return outputView{"stream error", ansi(errorText(o))}
	}
	return bundle(o.Data())
}

func errorText(o notebook.Output) string {
	var lines []string
	list, _ := o["traceback"].([]any)
	for _, line := range list {
		if text, ok := line.(string); ok {
			lines = append(lines, text)
		}
	}
	if len(lines) == 0 {
		name, _ := o["ename"].(string)
		value, _ := o["evalue"].(string)
		return strings.TrimSuffix(name+": "+value, ": ")
	}
	return strings.Join(lines, "\n")
}

// bundle shows the richest part of a MIME bundle that a page can show.
func bundle(data map[string]any) outputView {
	text := func(mime string) string { t, _ := data[mime].(string); return t }
	if t := text("text/html"); t != "" {
		return outputView{"rich", sanitized(t)}
	}
	if t := text("image/svg+xml"); t != "" {
		return outputView{"rich", picture("image/svg+xml", base64.StdEncoding.EncodeToString([]byte(t)), text("text/plain"))}
	}
	for _, mime := range []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"} {
		if t := strings.Join(strings.Fields(text(mime)), ""); t != "" {
			if _, err := base64.StdEncoding.DecodeString(t); err == nil {
				return outputView{"rich", picture(mime, t, text("text/plain"))}
			}
		}
	}
	if t := text("text/markdown"); t != "" {
		return outputView{"rich", markdown(t, nil)}
	}
	for _, mime := range []string{"text/plain", "text/latex", "text/vnd.mermaid"} {
		if t := text(mime); t != "" {
			return outputView{"stream", ansi(t)}
		}
	}
	if v, ok := data["application/json"]; ok {
		if t, err := json.MarshalIndent(v, "", "  "); err == nil {
			return outputView{"stream", escaped(string(t))}
		}
	}
	var kinds []string
	for mime := range data {
		kinds = append(kinds, mime)
	}
	if len(kinds) == 0 {
		return outputView{}
	}
	slices.Sort(kinds)
	return outputView{"stream", escaped("[" + strings.Join(kinds, ", ") + ": shown in a notebook only]")}
}

// picture shows data in base64; browsers run no script in it.
func picture(mime, data, alt string) template.HTML {
	alt, _, _ = strings.Cut(alt, "\n")
	return template.HTML(fmt.Sprintf(`<img alt="%s" src="data:%s;base64,%s">`, template.HTMLEscapeString(alt), mime, data))
}
