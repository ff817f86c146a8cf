package check

import (
	"fmt"
	"html"
	"strings"

	"gopark/helpers/check/solutions"
	"gopark/helpers/display"
)

// show tells the learner what was found: the sentence, the picture of the run,
// then where to go from here.
func show(e *exercise, r Result) {
	_ = display.Bundle(map[string]any{MIME: r, display.HTML: verdictHTML(e, r), display.Plain: verdictText(e, r)}, "")
	if p := pictureOf(r); p != nil {
		_ = display.Bundle(p.chart(e.name).Bundle(), "")
	}
	if r.Control {
		return
	}
	if r.Failed > 0 {
		text := fmt.Sprintf("A hint? Run check.Hint(%q).", e.name)
		markup := fmt.Sprintf("<p>A hint? Run <code>check.Hint(&quot;%s&quot;)</code>.</p>", html.EscapeString(e.name))
		_ = display.Bundle(map[string]any{display.HTML: markup, display.Plain: text}, "")
		return
	}
	if r.Passed > 0 {
		text, markup := solved(e)
		_ = display.Bundle(map[string]any{display.HTML: markup, display.Plain: text}, "")
	}
}

// pictureOf is the run of the check that is told first, or when all went well
// of the first check that has one.
func pictureOf(r Result) *picture {
	if c := r.first(); c != nil {
		if c.picture != nil || c.Name != raceTest {
			return c.picture
		}
	}
	for _, c := range r.Checks {
		if c.picture != nil {
			return c.picture
		}
	}
	return nil
}

func verdictText(e *exercise, r Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", e.name, r.Summary())
	if r.Control {
		b.WriteString("(nothing was checked: GOPARK_CHECK_CONTROL is set)\n")
	}
	if r.Message != "" {
		fmt.Fprintf(&b, "\n%s\n\n", sentence(r.Message))
	}
	width := 0
	for _, c := range r.Checks {
		width = max(width, len(c.Name))
	}
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "  %-7s  %-*s  %s\n", c.Status, width, c.Name, c.What)
		if c.Message != "" && c.Message != r.Message {
			fmt.Fprintf(&b, "  %-7s  %-*s  %s\n", "", width, "", "→ "+c.Message)
		}
	}
	if c := r.first(); c != nil && c.printed != "" {
		fmt.Fprintf(&b, "\nYour code printed, while it was checked:\n%s\n", indent(c.printed))
	}
	if r.Progress != "" {
		fmt.Fprintf(&b, "\n%s\n", r.Progress)
	}
	return b.String()
}

func verdictHTML(e *exercise, r Result) string {
	esc := html.EscapeString
	var b strings.Builder
	fmt.Fprintf(&b, `<div><p><b>%s</b>: %s</p>`, esc(e.name), esc(r.Summary()))
	if r.Control {
		b.WriteString("<p>Nothing was checked: GOPARK_CHECK_CONTROL is set.</p>")
	}
	if r.Message != "" {
		fmt.Fprintf(&b, `<p style="border-left:4px solid #d55e00;padding-left:10px;font-size:110%%">%s</p>`, esc(sentence(r.Message)))
	}
	b.WriteString("<table>")
	for _, c := range r.Checks {
		mark, color := "✓", "#009e73"
		switch c.Status {
		case Failed:
			mark, color = "✗", "#d55e00"
		case NotRun:
			mark, color = "–", "#9aa0a6"
		}
		what := esc(c.What)
		if c.Message != "" && c.Message != r.Message {
			what += "<br>→ " + esc(c.Message)
		}
		fmt.Fprintf(&b, `<tr><td style="text-align:left;white-space:nowrap;vertical-align:top"><span style="color:%s">%s</span> %s</td>`+
			`<td style="text-align:left;white-space:nowrap;vertical-align:top">%s</td><td style="text-align:left">%s</td></tr>`,
			color, mark, esc(string(c.Status)), esc(c.Name), what)
	}
	b.WriteString("</table>")
	if c := r.first(); c != nil && c.printed != "" {
		fmt.Fprintf(&b, "<p>Your code printed, while it was checked:</p><pre>%s</pre>", esc(c.printed))
	}
	if r.Progress != "" {
		fmt.Fprintf(&b, "<p>%s</p>", esc(r.Progress))
	}
	b.WriteString("</div>")
	return b.String()
}

// solved shows one way to write it beside the learner's, and what the wrong ways
// get wrong.
func solved(e *exercise) (text, markup string) {
	var reference string
	var wrong []solutions.Solution
	for _, s := range solutions.Of(e.name) {
		switch {
		case s.Name == "reference":
			reference = s.Source
		case s.Name != "stub" && s.Why != "":
			wrong = append(wrong, s)
		}
	}
	if reference == "" {
		return "", ""
	}
	var t, h strings.Builder
	fmt.Fprintf(&t, "One way to write it, beside yours:\n\n%s\n", indent(reference))
	fmt.Fprintf(&h, "<details><summary>One way to write it, beside yours</summary><pre>%s</pre></details>", html.EscapeString(reference))
	if len(wrong) > 0 {
		t.WriteString("Why other ways fail:\n")
		h.WriteString("<details><summary>Why other ways fail</summary><ul>")
		for _, s := range wrong {
			fmt.Fprintf(&t, "  - %s: %s\n", s.Name, s.Why)
			fmt.Fprintf(&h, "<li><b>%s</b>: %s</li>", html.EscapeString(s.Name), html.EscapeString(s.Why))
		}
		h.WriteString("</ul></details>")
	}
	return t.String(), h.String()
}

// sentence makes a message begin with a capital letter and end with a stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	if !strings.HasSuffix(s, "?") && !strings.HasSuffix(s, ".)") {
		s = strings.TrimSuffix(s, ".") + "."
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
}
