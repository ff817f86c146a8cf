package cell

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strings"
)

// Check puts a cell and the memory together and type-checks them. With tests,
// the program runs the cell's tests instead of a main.
//
// The error is a *SyntaxError, a *Missing or an *Errors. The memory stays as it
// is: Commit makes the cell's declarations part of it.
func (m *Memory) Check(c *Cell, packages Packages, tests bool) (*Program, error) {
	b, err := m.begin(c, tests)
	if err != nil {
		return nil, err
	}
	b.resolver = &resolver{memory: m, packages: packages, unusable: map[importSpec]bool{}}
	if bad := b.internalImports(); len(bad) > 0 {
		return nil, &Errors{Diagnostics: bad}
	}
	if missing := b.resolver.missing(b.origin); len(missing) > 0 {
		return nil, &Missing{missing}
	}
	if b.kind == Tests {
		if err := b.addTests(); err != nil {
			return nil, err
		}
	}
	return b.settle()
}

// A builder makes one program.
type builder struct {
	memory   *Memory
	cell     *Cell
	kind     Kind
	origin   *origin
	own      []*unit // the cell's declarations, to be remembered
	main     *unit   // what runs; nil in a declaration cell
	extra    []SourceFile
	last     *lastExpr
	resolver *resolver
	// benchmarks is set when the tests include one.
	benchmarks bool
}

// begin reads the cell's chunks into units.
func (m *Memory) begin(c *Cell, tests bool) (*builder, error) {
	b := &builder{memory: m, cell: c, origin: &origin{id: c.ID, text: c.Text}}
	statements := false
	for _, ch := range c.chunks {
		if !ch.decl {
			statements = true
			continue
		}
		units, err := parseUnits(c, b.origin, ch)
		if err != nil {
			return nil, b.syntaxError()
		}
		for _, u := range units {
			if len(u.names) == 1 && u.names[0].key == "main" && u.kind == token.FUNC {
				if c.mainAt >= 0 {
					return nil, &Errors{Diagnostics: []Diagnostic{{Cell: c.ID, Line: u.line, Column: u.column,
						Message: "main redeclared in this cell: it has a func main and a %%",
						Source:  SourceLine(c.Text, u.line), Help: "keep one of the two"}}}
				}
				b.main, b.kind = u, Main
				continue
			}
			b.own = append(b.own, u)
		}
	}
	switch {
	case c.mainAt >= 0 && statements:
		return nil, b.syntaxError() // the compiler says it well
	case c.mainAt >= 0:
		b.kind = Main
		b.main = b.body(c.code[c.mainAt:], c.mainAt)
	case statements:
		b.kind = Statements
		b.main = b.statements()
	case b.main == nil && len(b.own)+len(b.origin.imports) > 0:
		b.kind = Declarations
	}
	if tests {
		if b.main != nil {
			return nil, &Errors{Diagnostics: []Diagnostic{{Cell: c.ID, Line: b.main.line, Column: b.main.column,
				Message: "a %test cell holds declarations only: here is something to run",
				Source:  SourceLine(c.Text, b.main.line), Help: "move it to a cell of its own, or into a func TestXxx"}}}
		}
		b.kind = Tests
		return b, nil
	}
	if b.main != nil {
		if err := b.readMain(); err != nil {
			return nil, b.syntaxError()
		}
	}
	return b, nil
}

// body is the unit for text that stands at offset at of the cell and becomes
// the inside of main.
func (b *builder) body(text string, at int) *unit {
	u := &unit{origin: b.origin, kind: token.DEFINE, text: text, before: "func main() {", after: "}", selects: map[string][]string{}}
	u.line, u.column = b.cell.position(at)
	return u
}

// readMain parses main and notes which packages it may want.
func (b *builder) readMain() error {
	src, _ := renderFile(0, nil, []*unit{b.main})
	f, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return err
	}
	for _, s := range selections(f) {
		b.main.selects[s.x] = append(b.main.selects[s.x], s.sel)
	}
	// GoNB's main begins with flag.Parse(); ours where a flag can be meant.
	if b.main.kind == token.DEFINE && b.kind == Main {
		for _, u := range b.memory.with(append(slices.Clone(b.own), b.main)) {
			if u.selects["flag"] != nil {
				b.main.before = "func main() { flag.Parse()"
				b.main.selects["flag"] = append(b.main.selects["flag"], "Parse")
				break
			}
		}
	}
	return nil
}

func (b *builder) internalImports() (bad []Diagnostic) {
	for _, im := range b.origin.imports {
		if im.path == "C" {
			bad = append(bad, Diagnostic{Cell: b.origin.id, Line: im.line, Column: im.col,
				Message: `import "C": cgo does not work in a cell`, Source: SourceLine(b.origin.text, im.line),
				Help: "put the C code into a module of its own and import that"})
		}
		if slices.Contains(strings.Split(im.path, "/"), "internal") {
			bad = append(bad, Diagnostic{Cell: b.origin.id, Line: im.line, Column: im.col,
				Message: "use of internal package " + im.path + " not allowed", Source: SourceLine(b.origin.text, im.line)})
		}
	}
	return bad
}

// settle checks the candidate again and again, each time without the
// remembered declarations that failed, until only the cell's own errors, or
// none, are left.
func (b *builder) settle() (*Program, error) {
	all := b.memory.with(b.own)
	aside := map[string]bool{}
	var notices []string
	for {
		units := slices.DeleteFunc(slices.Clone(all), func(u *unit) bool { return aside[u.heading()] })
		r := b.check(units)
		var mine []Diagnostic
		again := false
		for _, e := range r.errors {
			switch {
			case e.unit != nil && e.unit.origin != b.origin:
				if h := e.unit.heading(); !aside[h] {
					aside[h] = true
					again = true
					if !b.memory.aside[h] {
						notices = append(notices, setAside(e))
					}
				}
			case e.redo:
				again = true
			default:
				mine = append(mine, e.Diagnostic)
			}
		}
		if again {
			continue
		}
		if len(mine) > 0 {
			slices.SortStableFunc(mine, func(a, b Diagnostic) int {
				return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
			})
			return nil, &Errors{Diagnostics: mine, Notices: notices}
		}
		p := b.program(units, r)
		p.aside, p.Notices = aside, notices
		return p, nil
	}
}

func setAside(e checkError) string {
	return fmt.Sprintf("set aside %s of cell [%d]: line %d: %s. It comes back when it type-checks again.",
		e.unit.display(), e.unit.origin.id, e.Line, e.Message)
}

// A checkError is a Diagnostic and the unit that it lies in.
type checkError struct {
	Diagnostic
	unit *unit
	// redo says that the builder has mended the cause: check again.
	redo bool
}

// checked is the outcome of one run of the type checker.
type checked struct {
	errors  []checkError
	files   []*ast.File
	fset    *token.FileSet
	spans   map[*token.File][]span
	info    *types.Info
	pkg     *types.Package
	origins []*origin
}

func (r *checked) unitAt(pos token.Pos) *unit {
	f := r.fset.File(pos)
	if f == nil {
		return nil
	}
	off := f.Offset(pos)
	for _, s := range r.spans[f] {
		if s.from <= off && off <= s.to {
			return s.unit
		}
	}
	return nil
}

// check runs go/types over the units and main.
func (b *builder) check(units []*unit) *checked {
	r := &checked{fset: token.NewFileSet(), spans: map[*token.File][]span{}}
	b.resolver.declared = map[string]bool{}
	for _, u := range units {
		for _, n := range u.names {
			b.resolver.declared[n.key] = true
		}
	}
	if b.main != nil {
		units = append(slices.Clone(units), b.main)
	}
	var byOrigin map[*origin][]*unit
	r.origins, byOrigin = group(units)
	for slot, o := range r.origins {
		text, spans := renderFile(slot, b.resolver.imports(o, byOrigin[o]), byOrigin[o])
		f, _ := parser.ParseFile(r.fset, fmt.Sprintf("%d.go", slot), text, parser.SkipObjectResolution|parser.ParseComments)
		r.files = append(r.files, f)
		r.spans[r.fset.File(f.Pos())] = spans
	}
	for _, x := range append(b.extra, b.last.file()...) {
		f, _ := parser.ParseFile(r.fset, x.Name, x.Text, parser.SkipObjectResolution)
		r.files = append(r.files, f)
	}
	r.info = &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Instances:    map[*ast.Ident]types.Instance{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
	conf := types.Config{
		Importer:  b.resolver.packages,
		GoVersion: "go1.26",
		Sizes:     types.SizesFor("gc", runtime.GOARCH),
		Error:     func(err error) { r.errors = append(r.errors, b.explain(r, err)) },
	}
	r.pkg, _ = conf.Check("main", r.fset, r.files, r.info)
	r.errors = slices.DeleteFunc(r.errors, func(e checkError) bool { return e.Message == "" && !e.redo })
	return r
}

// explain places an error of the type checker, and mends what is ours to mend.
func (b *builder) explain(r *checked, err error) checkError {
	var te types.Error
	if !errors.As(err, &te) {
		return checkError{Diagnostic: Diagnostic{Message: err.Error()}}
	}
	pos := r.fset.Position(te.Pos)
	e := checkError{unit: r.unitAt(te.Pos)}
	e.Line, e.Column, e.Message = pos.Line, pos.Column, te.Msg
	for slot, o := range r.origins {
		if pos.Filename == SlotName(slot) {
			e.Cell, e.Source = o.id, SourceLine(o.text, pos.Line)
			if e.unit == nil && o != b.origin {
				// An import line of an older cell: blame the units that it serves.
				for _, s := range r.spans[r.fset.File(te.Pos)] {
					e.unit = s.unit
					break
				}
			}
		}
		e.Message = strings.ReplaceAll(e.Message, SlotName(slot), fmt.Sprintf("cell [%d]", o.id))
	}
	switch {
	case strings.HasPrefix(te.Msg, "\t"):
		// A second line that belongs to the error before: "other declaration of".
		return checkError{}
	case strings.Contains(te.Msg, "imported and not used"):
		for _, o := range r.origins {
			for _, im := range o.imports {
				if im.name == "." && im.line == pos.Line && !b.resolver.unusable[im] {
					b.resolver.unusable[im] = true
					return checkError{redo: true}
				}
			}
		}
	case b.last.drop(r, te):
		return checkError{redo: true}
	}
	if name, ok := strings.CutPrefix(te.Msg, "undefined: "); ok {
		if id, ok := b.memory.values[name]; ok {
			e.Help = fmt.Sprintf("cell [%d] gave %s its value in a bare statement, and that value ended with the cell; "+
				"declare it there with var %s = …, which is made anew in every cell, or use it in the same cell", id, name, name)
		}
	}
	return e
}
