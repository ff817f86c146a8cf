package chart

import (
	"encoding/base64"
	"fmt"
	"html"
	"os"
	"strings"
)

const (
	// envRender names a program that draws: "$GOPARK_RENDER render" reads the
	// JSON layer and writes SVG.
	envRender = "GOPARK_RENDER"
	// pictureWidth is what "gopark render" draws unless told otherwise.
	pictureWidth = 800
)

// html returns a picture, or what stands in for it. A picture is an img with a
// data URI: JupyterLab shows that in a notebook that nobody trusts yet, GitHub
// and nbconvert show it too.
func (c Chart) html(layer map[string]any) string {
	if program := os.Getenv(envRender); program != "" {
		if svg, err := render(program, layer); err == nil {
			return fmt.Sprintf(`<img alt="%s" width="%d" src="data:image/svg+xml;base64,%s">`,
				html.EscapeString(c.Alt), pictureWidth, base64.StdEncoding.EncodeToString(svg))
		}
	}
	if c.HTML != "" {
		return c.HTML
	}
	return "<pre>" + html.EscapeString(c.Text) + "</pre>"
}

// A bar of an HTML table that draws without pictures: parts of a row's length.
type bar struct {
	label string
	parts []part
	value string
}

type part struct {
	color string
	share float64 // of the longest row, 0 to 1
}

// barsHTML is the stand-in for a bar chart where nobody draws: a table whose
// middle column holds coloured boxes.
func barsHTML(title string, bars []bar, note string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<p><b>%s</b></p><table>", html.EscapeString(title))
	for _, row := range bars {
		fmt.Fprintf(&b, `<tr><td style="text-align:left">%s</td><td style="text-align:left;width:320px">`,
			html.EscapeString(row.label))
		for _, p := range row.parts {
			fmt.Fprintf(&b, `<span style="display:inline-block;height:12px;width:%.0fpx;background:%s"></span>`,
				300*p.share, p.color)
		}
		fmt.Fprintf(&b, `</td><td style="text-align:left;white-space:nowrap">%s</td></tr>`, html.EscapeString(row.value))
	}
	b.WriteString("</table>")
	if note != "" {
		fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(note))
	}
	return b.String()
}

func escape(s string) string { return html.EscapeString(s) }

// paragraph escapes s and encloses it, if there is anything.
func paragraph(s string) string {
	if s == "" {
		return ""
	}
	return "<p>" + escape(s) + "</p>"
}
