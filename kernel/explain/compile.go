package explain

import (
	"regexp"
	"strconv"
	"strings"

	"gopark/kernel/cell"
)

// Compile explains errors that the type checker or the compiler found.
func Compile(e *cell.Errors) *Failure {
	f := &Failure{Name: "CompileError", Value: oneLine(e.Error())}
	for i, d := range e.Diagnostics {
		if i > 0 {
			f.Traceback = append(f.Traceback, "")
		}
		message := strings.ReplaceAll(d.Message, "\n\t", "\n       ")
		if d.Cell == 0 {
			f.Traceback = append(f.Traceback, ansiBold+ansiRed+message+ansiReset)
		} else {
			f.Traceback = append(f.Traceback, ansiBlue+place(d.Cell, d.Line)+ansiReset+": "+ansiBold+ansiRed+message+ansiReset)
			f.Traceback = append(f.Traceback, quote(d.Source, d.Line, d.Column)...)
		}
		if d.Help != "" {
			f.Traceback = append(f.Traceback, ansiFaint+"try: "+ansiReset+d.Help)
		}
	}
	for _, n := range e.Notices {
		f.Traceback = append(f.Traceback, ansiFaint+n+ansiReset)
	}
	return f
}

var diagnostic = regexp.MustCompile(`^(.*?):(\d+)(?::(\d+))?: (.*)$`)

// CompilerOutput reads what the compiler or linker printed about a program.
// Lines without a position belong to the message before them.
func CompilerOutput(p *cell.Program, output string) *cell.Errors {
	e := &cell.Errors{}
	for _, line := range strings.Split(strings.TrimSpace(output), "\n") {
		if strings.HasPrefix(line, "# ") || line == "" {
			continue
		}
		m := diagnostic.FindStringSubmatch(line)
		if m == nil || strings.HasPrefix(line, "\t") {
			if n := len(e.Diagnostics); n > 0 {
				e.Diagnostics[n-1].Message += "\n" + line
			} else {
				e.Diagnostics = append(e.Diagnostics, cell.Diagnostic{Message: p.Rename(line)})
			}
			continue
		}
		n, _ := strconv.Atoi(m[2])
		col, _ := strconv.Atoi(m[3])
		e.Diagnostics = append(e.Diagnostics, p.Diagnostic(m[1], n, col, m[4]))
	}
	return e
}
