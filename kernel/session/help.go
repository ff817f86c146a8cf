package session

import (
	"fmt"
	"html"
	"strings"
)

func showHelp(x *execution, args, _ string) error {
	var chosen []command
	want := strings.TrimLeft(strings.TrimSpace(args), "%")
	for _, k := range commands() {
		if k.later == "" && (args == "" || k.name == want || (k.name == "%" && strings.TrimSpace(args) == "%%")) {
			chosen = append(chosen, k)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("no command is called %s", args)
	}
	x.out.Display(map[string]any{"text/plain": helpText(chosen), "text/html": helpHTML(chosen)}, nil, "")
	return nil
}

// usage is a command with its arguments.
func usage(k command) string { return strings.TrimSpace(title(k) + " " + k.args) }

func helpText(ks []command) string {
	var b strings.Builder
	for _, k := range ks {
		fmt.Fprintf(&b, "%s\n    %s\n    for example: %s\n", usage(k), k.help, strings.ReplaceAll(k.example, "\n", "\n                 "))
	}
	return b.String()
}

func helpHTML(ks []command) string {
	var b strings.Builder
	b.WriteString("<table><thead><tr><th style=\"text-align:left\">Command</th><th style=\"text-align:left\">What it does</th><th style=\"text-align:left\">For example</th></tr></thead><tbody>")
	for _, k := range ks {
		fmt.Fprintf(&b, "<tr><td style=\"text-align:left\"><code>%s</code></td><td style=\"text-align:left\">%s</td><td style=\"text-align:left\"><pre style=\"white-space:pre;word-break:normal\">%s</pre></td></tr>",
			html.EscapeString(usage(k)), html.EscapeString(k.help), html.EscapeString(k.example))
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

// HelpMarkdown is the table of commands for documentation.
func HelpMarkdown() string {
	var b strings.Builder
	b.WriteString("| Command | What it does | For example |\n|---|---|---|\n")
	for _, k := range commands() {
		if k.later != "" {
			continue
		}
		example := "`" + strings.ReplaceAll(k.example, "\n", "` `") + "`"
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.ReplaceAll(usage(k), "|", `\|`), strings.ReplaceAll(k.help, "|", `\|`), example)
	}
	return b.String()
}
