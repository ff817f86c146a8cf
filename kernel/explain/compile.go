package explain

import (
	"regexp"
	"strconv"
	"strings"

	"gopark/kernel/cell"
)

// Compile explains errors that the type checker or the compiler found: their
// words, and one sentence more where it helps. source may be nil.
func Compile(e *cell.Errors, source Source) *Failure {
	e = tidy(e)
	lib := newLibrary(source)
	given := map[string]bool{}
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
		if d.Help == "" {
			if d.Help = lib.outOfReach(d); d.Help == "" {
				d.Help = advise(d.Message)
			}
			if given[d.Help] {
				d.Help = "" // once is enough
			}
			given[d.Help] = true
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

// quotedPackage is how go/types names a package when two of one name are about:
// "sync".Mutex, because there is an internal/sync.
var quotedPackage = regexp.MustCompile(`"(?:[\w.-]+/)*([\w-]+)"\.(\w)`)

// tidy takes out what is no news: the quotes that go/types puts round package
// names, and what only follows from an earlier error.
func tidy(e *cell.Errors) *cell.Errors {
	out := &cell.Errors{Notices: e.Notices}
	for i, d := range e.Diagnostics {
		d.Message = quotedPackage.ReplaceAllString(d.Message, "$1.$2")
		name, undefined := strings.CutPrefix(d.Message, "undefined: ")
		follows := undefined && i > 0 && commonPackages[name] ||
			d.Cell == 0 && len(e.Diagnostics) > 1 && strings.HasSuffix(d.Message, "imported and not used")
		if !follows {
			out.Diagnostics = append(out.Diagnostics, d)
		}
	}
	return out
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
