package session

import (
	"context"
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/token"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopark/kernel/cell"
)

// An Inspection is what can be said of a name, as a MIME bundle of plain text,
// Markdown and HTML.
type Inspection struct {
	Found bool
	Data  map[string]any
}

// Inspect describes what stands at the cursor, an offset into code in code
// points: its declaration and its documentation, and with source how it is
// written. It may be called at any time, also while cells run.
func (s *Session) Inspect(ctx context.Context, code string, cursor int, source bool) Inspection {
	d := s.draft(ctx, code, cursor)
	if d.Place == cell.InCommand {
		k, ok := find(d.Command.Name)
		if !ok || k.later != "" {
			return Inspection{}
		}
		return Inspection{true, helpOf(k)}
	}
	desc, ok := d.Describe()
	if ok {
		s.read(&desc)
		return Inspection{true, page(desc, source).bundle()}
	}
	at, ok := d.NameAt()
	if !ok || s.o.Assistant == nil {
		return Inspection{}
	}
	ctx, cancel := context.WithTimeout(ctx, assistFor)
	defer cancel()
	text, err := s.o.Assistant.Describe(ctx, d, at)
	if err != nil || text == "" {
		return Inspection{}
	}
	return Inspection{true, map[string]any{"text/plain": text, "text/markdown": text,
		"text/html": "<pre>" + html.EscapeString(text) + "</pre>"}}
}

// helpOf is a command's help by itself, without %help's table.
func helpOf(k command) map[string]any {
	return map[string]any{
		"text/plain":    helpText([]command{k}),
		"text/markdown": fmt.Sprintf("`%s`\n\n%s\n\nFor example:\n\n```\n%s\n```\n", usage(k), k.help, k.example),
		"text/html": fmt.Sprintf("<p><code>%s</code></p>\n<p>%s</p>\n<p>For example:</p>\n<pre><code>%s</code></pre>\n",
			html.EscapeString(usage(k)), html.EscapeString(k.help), html.EscapeString(k.example)),
	}
}

// read adds what the file says in which something from elsewhere was declared.
func (s *Session) read(d *cell.Description) {
	if d.File == "" {
		return
	}
	if d.Kind == "package" {
		d.Doc = packageDoc(filepath.Dir(d.File))
		return
	}
	src, err := os.ReadFile(d.File)
	if err != nil {
		s.log.Debug("no source to show", "err", err)
		return
	}
	d.Doc, d.Source = cell.Declaration(src, d.FileLine)
}

// packageDoc is the package comment of the Go files in a folder.
func packageDoc(dir string) string {
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil || f.Doc == nil || ignored(f) {
			continue
		}
		return f.Doc.Text()
	}
	return ""
}

// ignored says that a file is part of no package: a program kept beside it.
func ignored(f *ast.File) bool {
	return slices.ContainsFunc(f.Comments, func(c *ast.CommentGroup) bool {
		return slices.ContainsFunc(c.List, func(l *ast.Comment) bool { return strings.TrimSpace(l.Text) == "//go:build ignore" })
	})
}

// A leaf is one page of documentation: Go, then prose, then Go.
type leaf struct {
	declaration string
	where       string // one line
	doc         *comment.Doc
	source      string // or a type's methods
	link        func(*comment.DocLink) string
}

// page lays out a description. A type is shown as it is written: its fields say
// more than its name.
func page(d cell.Description, source bool) leaf {
	l := leaf{declaration: d.Declaration}
	switch {
	case d.Cell > 0:
		l.where = fmt.Sprintf("cell [%d], line %d", d.Cell, d.Line)
	case d.Line > 0:
		l.where = fmt.Sprintf("this cell, line %d", d.Line)
	case d.Package != "" && d.Kind != "package":
		l.where = "package " + d.Package
	}
	l.link = func(link *comment.DocLink) string {
		to := *link
		if to.ImportPath == "" {
			to.ImportPath = d.Package
		}
		return to.DefaultURL("https://pkg.go.dev")
	}
	// In the standard library and its like, [Name] is a name of the package.
	var p comment.Parser
	if host, _, _ := strings.Cut(d.Package, "/"); d.Package != "" && host != "gopark" {
		p.LookupSym = func(recv, name string) bool { return true }
	}
	l.doc = p.Parse(d.Doc)
	switch {
	case source:
		l.source = d.Source
	case d.Kind == "type" && d.Source != "":
		l.declaration = d.Source
		if d.Package != "" {
			l.declaration = exported(d.Source)
		}
	}
	if !source {
		l.source = strings.Join(d.Methods, "\n")
	}
	return l
}

// exported is a declaration without the fields that only its package sees.
func exported(source string) string {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", "package p\n"+source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || len(f.Decls) != 1 || !ast.FileExports(f) {
		return source
	}
	var b strings.Builder
	// The declaration alone, so that comments of what went go with it.
	if format.Node(&b, fset, f.Decls[0]) != nil {
		return source
	}
	return b.String()
}

func (l leaf) bundle() map[string]any {
	// No line is broken here: front ends know how wide they are.
	// Headings get no ids: a page shows many of these.
	pr := comment.Printer{DocLinkURL: l.link, HeadingLevel: 4, TextWidth: -1, HeadingID: func(*comment.Heading) string { return "" }}
	var plain, markdown, page strings.Builder
	code := func(text string) {
		fmt.Fprintf(&plain, "%s\n", text)
		fence := "```"
		for strings.Contains(text, fence) {
			fence += "`"
		}
		fmt.Fprintf(&markdown, "%sgo\n%s\n%s\n", fence, text, fence)
		fmt.Fprintf(&page, "<pre><code>%s</code></pre>\n", html.EscapeString(text))
	}
	code(l.declaration)
	if l.where != "" {
		fmt.Fprintf(&plain, "%s\n", l.where)
		fmt.Fprintf(&markdown, "\n*%s*\n", escapeMarkdown(l.where))
		fmt.Fprintf(&page, "<p><em>%s</em></p>\n", html.EscapeString(l.where))
	}
	if len(l.doc.Content) > 0 {
		fmt.Fprintf(&plain, "\n%s", pr.Text(l.doc))
		fmt.Fprintf(&markdown, "\n%s", pr.Markdown(l.doc))
		page.Write(pr.HTML(l.doc))
	}
	if l.source != "" {
		plain.WriteString("\n")
		markdown.WriteString("\n")
		code(l.source)
	}
	return map[string]any{"text/plain": plain.String(), "text/markdown": markdown.String(), "text/html": page.String()}
}

// escapeMarkdown keeps what a path or a number may hold from meaning anything.
func escapeMarkdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "<", "&lt;", "`", "\\`").Replace(s)
}
