package notebook

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/format"
	goparser "go/parser"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopark/kernel/cell"
)

// The tags of papermill, which marks cells in the same way.
const (
	// TagParameters marks the cell that declares a notebook's parameters: its
	// package-level variables and constants, with their defaults.
	TagParameters = "parameters"
	// TagInjected marks the cell that SetParameters puts after it.
	TagInjected = "injected-parameters"
)

// A Parameter is one variable or constant that a run may set.
type Parameter struct {
	Name string
	// Type is its type as the cell has it or as it follows from the default; ""
	// when only the compiler could tell.
	Type string
	// Default is the expression in the cell.
	Default string
	// Constant says that it is declared by const.
	Constant bool

	explicit bool       // the cell names the type
	typ      types.Type // nil when not known
}

// String is the parameter as it was declared.
func (p Parameter) String() string {
	word := "var "
	if p.Constant {
		word = "const "
	}
	return strings.TrimSuffix(word+strings.TrimSpace(p.Name+" "+p.Type)+" = "+p.Default, " = ")
}

// A ParameterError says which parameter cannot be set, and why.
type ParameterError struct {
	Name string // "" when it is the notebook's fault
	Msg  string
}

func (e *ParameterError) Error() string {
	if e.Name == "" {
		return e.Msg
	}
	return "parameter " + e.Name + ": " + e.Msg
}

// Parameters are the variables and constants that the cell with TagParameters
// declares, in their order. The error is a [*ParameterError].
func (nb *Notebook) Parameters() ([]Parameter, error) {
	at, err := nb.parametersCell()
	if err != nil {
		return nil, err
	}
	return parametersOf(nb.Cells[at].Source)
}

func (nb *Notebook) parametersCell() (int, error) {
	at := slices.IndexFunc(nb.Cells, func(c *Cell) bool { return c.Type == Code && c.HasTag(TagParameters) })
	if at < 0 {
		return 0, &ParameterError{Msg: "no cell of this notebook is tagged " + TagParameters +
			": tag the cell that declares, say, var n = 10"}
	}
	return at, nil
}

func parametersOf(source string) (list []Parameter, err error) {
	fset, file := cell.Syntax(1, source)
	if file == nil {
		return nil, &ParameterError{Msg: "the cell tagged " + TagParameters + " does not parse: gopark run shows why"}
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	// What the types of a few lines cannot tell, such as that of a call, is left
	// to the compiler.
	conf := types.Config{Importer: onlyTime{}, Error: func(error) {}}
	importTime(file)
	conf.Check("main", fset, []*ast.File{file}, info)
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR && g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			s := s.(*ast.ValueSpec)
			if s.Type == nil && len(s.Values) != len(s.Names) {
				continue // iota's repetitions, or the results of one call
			}
			for i, name := range s.Names {
				if name.Name == "_" {
					continue
				}
				p := Parameter{Name: name.Name, Constant: g.Tok == token.CONST, explicit: s.Type != nil}
				if len(s.Values) == len(s.Names) {
					p.Default = oneLine(s.Values[i])
				}
				if obj := info.Defs[name]; obj != nil && obj.Type() != types.Typ[types.Invalid] {
					p.typ = obj.Type()
					p.Type = types.TypeString(types.Default(p.typ), func(p *types.Package) string { return p.Name() })
				}
				if s.Type != nil {
					p.Type = oneLine(s.Type)
				}
				list = append(list, p)
			}
		}
	}
	return list, nil
}

// importTime gives the cell the import that the session would find for it.
func importTime(file *ast.File) {
	spec := &ast.ImportSpec{Path: &ast.BasicLit{Kind: token.STRING, Value: `"time"`}}
	file.Decls = append([]ast.Decl{&ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{spec}}}, file.Decls...)
}

// oneLine is a node on one line.
func oneLine(n ast.Node) string {
	var b bytes.Buffer
	if err := format.Node(&b, token.NewFileSet(), n); err != nil {
		return "?"
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// SetParameters puts a cell after the one with TagParameters that declares each
// named parameter anew with the given value, and replaces the cell that an
// earlier run put there. A value is a Go expression; for a string it may stand
// without quotes, and for a time.Duration as 1m30s. Nothing changes unless all of
// them fit. The error is a [*ParameterError].
func (nb *Notebook) SetParameters(values map[string]string) error {
	at, err := nb.parametersCell()
	if err != nil {
		return err
	}
	list, err := parametersOf(nb.Cells[at].Source)
	if err != nil {
		return err
	}
	for name := range values {
		if !slices.ContainsFunc(list, func(p Parameter) bool { return p.Name == name }) {
			return unknown(name, list)
		}
	}
	lines := []string{"// Set by this run."}
	for _, p := range list {
		value, ok := values[p.Name]
		if !ok {
			continue
		}
		line, err := p.declare(value)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	injected := &Cell{ID: nb.freeID(TagInjected), Type: Code, Source: strings.Join(lines, "\n"),
		Metadata: map[string]any{"tags": []any{TagInjected}}}
	old := slices.IndexFunc(nb.Cells, func(c *Cell) bool { return c.Type == Code && c.HasTag(TagInjected) })
	if old >= 0 {
		injected.ID, injected.Metadata = nb.Cells[old].ID, nb.Cells[old].Metadata
		nb.Cells[old] = injected
		return nil
	}
	nb.Cells = slices.Insert(nb.Cells, at+1, injected)
	return nil
}

func unknown(name string, list []Parameter) error {
	if len(list) == 0 {
		return &ParameterError{name, "the cell tagged " + TagParameters + " declares no variable and no constant"}
	}
	var names []string
	for _, p := range list {
		names = append(names, "\n  "+p.String())
	}
	return &ParameterError{name, "there is none of this name. The notebook has:" + strings.Join(names, "")}
}

// declare is the parameter's declaration with another value.
func (p Parameter) declare(value string) (string, error) {
	expr := strings.TrimSpace(value)
	if p.isDuration() {
		if d, err := time.ParseDuration(expr); err == nil {
			expr = durationSource(d)
		}
	}
	if _, err := goparser.ParseExpr(expr); err != nil || p.isString() && !isLiteral(expr) {
		if !p.isString() {
			return "", &ParameterError{p.Name, fmt.Sprintf("%s is no Go expression; %s is wanted, as in %s", quoteShort(value), orValue(p.Type), p.String())}
		}
		expr = strconv.Quote(value)
	}
	if err := p.fits(expr); err != nil {
		return "", err
	}
	word, typ := "var", p.Type
	if p.Constant {
		word = "const"
		if !p.explicit {
			typ = "" // an untyped constant stays one
		}
	}
	if typ != "" {
		typ = " " + typ
	}
	return fmt.Sprintf("%s %s%s = %s", word, p.Name, typ, expr), nil
}

// fits checks the value against the parameter's type, as far as both are known
// without the rest of the notebook: a name of its own is the compiler's business.
func (p Parameter) fits(expr string) error {
	if p.Type == "" {
		return nil
	}
	fset := token.NewFileSet()
	file, err := goparser.ParseFile(fset, "", "package main; import \"time\"; var _ "+p.Type+" = "+expr, 0)
	if err != nil {
		return nil
	}
	var wrong error
	conf := types.Config{Importer: onlyTime{}, Error: func(err error) {
		if e, ok := err.(types.Error); wrong == nil && ok && !e.Soft {
			wrong = err
		}
	}}
	conf.Check("main", fset, []*ast.File{file}, nil)
	if e, ok := wrong.(types.Error); ok && !strings.HasPrefix(e.Msg, "undefined: ") {
		return &ParameterError{p.Name, fmt.Sprintf("%s does not fit %s, as in %s", quoteShort(expr), p.Type, p.String())}
	}
	return nil
}

func (p Parameter) isString() bool {
	if p.typ == nil {
		return p.Type == "string"
	}
	b, ok := p.typ.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func (p Parameter) isDuration() bool { return p.Type == "time.Duration" }

func isLiteral(expr string) bool {
	e, err := goparser.ParseExpr(expr)
	lit, ok := e.(*ast.BasicLit)
	return err == nil && ok && lit.Kind == token.STRING
}

// durationSource writes a duration as a person would.
func durationSource(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d%u.unit == 0 {
			return fmt.Sprintf("%d * time.%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}

func quoteShort(s string) string { return strconv.Quote(firstLine(s)) }

func orValue(typ string) string {
	if typ == "" {
		return "a value"
	}
	return typ
}

// freeID is a cell id that no cell has.
func (nb *Notebook) freeID(want string) string {
	id := want
	for i := 2; slices.ContainsFunc(nb.Cells, func(c *Cell) bool { return c.ID == id }); i++ {
		id = want + "-" + strconv.Itoa(i)
	}
	return id
}

// onlyTime is an importer that knows time.Duration and its units: what
// parameters are made of.
type onlyTime struct{}

func (onlyTime) Import(path string) (*types.Package, error) {
	if path != "time" {
		return nil, fmt.Errorf("%s is not known here", path)
	}
	pkg := types.NewPackage("time", "time")
	named := types.NewNamed(types.NewTypeName(token.NoPos, pkg, "Duration", nil), types.Typ[types.Int64], nil)
	pkg.Scope().Insert(named.Obj())
	for name, d := range map[string]time.Duration{"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond,
		"Millisecond": time.Millisecond, "Second": time.Second, "Minute": time.Minute, "Hour": time.Hour} {
		pkg.Scope().Insert(types.NewConst(token.NoPos, pkg, name, named, constant.MakeInt64(int64(d))))
	}
	pkg.MarkComplete()
	return pkg, nil
}
