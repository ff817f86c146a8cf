package session

import (
	"errors"
	"fmt"
	"strings"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

// check type-checks the cell, fetching what it imports and nobody knows.
func (x *execution) check(c *cell.Cell) (*cell.Program, *explain.Failure) {
	note := x.progress("prepare")
	packages, err := x.o.Engine.Packages(x.ctx, note)
	if err != nil {
		return nil, x.engineFailure("the toolchain is not ready", err)
	}
	fetched := map[string]bool{}
	for {
		memory := x.remembered()
		p, err := memory.Check(c, packages, x.tests)
		var missing *cell.Missing
		var syntax *cell.SyntaxError
		var errs *cell.Errors
		switch {
		case err == nil:
			return p, nil
		case errors.As(err, &missing):
			for _, im := range missing.Imports {
				if fetched[im.Path] {
					return nil, explain.Compile(&cell.Errors{Diagnostics: []cell.Diagnostic{im.Diagnostic}}, x.source)
				}
				fetched[im.Path] = true
				if f := x.get(im); f != nil {
					return nil, f
				}
			}
			if packages, err = x.o.Engine.Packages(x.ctx, note); err != nil {
				return nil, x.engineFailure("the toolchain is not ready", err)
			}
		case errors.As(err, &syntax):
			return nil, x.syntaxFailure(syntax)
		case errors.As(err, &errs):
			return nil, explain.Compile(errs, x.source)
		default:
			return nil, explain.New("CompileError", err.Error())
		}
	}
}

// get fetches the module of a missing import. Paths without a dot in their
// first element belong to the standard library and are nowhere to be fetched.
func (x *execution) get(im cell.MissingImport) *explain.Failure {
	d := im.Diagnostic
	first, _, _ := strings.Cut(im.Path, "/")
	if !strings.Contains(first, ".") {
		d.Message = fmt.Sprintf("package %s is not in std", im.Path)
		d.Help = "check the spelling; a package from elsewhere has a host name first, like golang.org/x/sync/errgroup"
		return explain.Compile(&cell.Errors{Diagnostics: []cell.Diagnostic{d}}, x.source)
	}
	if x.current().noAutoget {
		d.Message = fmt.Sprintf("package %s is not here, and %%noautoget is on", im.Path)
		d.Help = "%autoget lets cells fetch what they import"
		return explain.Compile(&cell.Errors{Diagnostics: []cell.Diagnostic{d}}, x.source)
	}
	if err := x.o.Engine.Get(x.ctx, im.Path, x.note); err != nil {
		if x.ctx.Err() != nil {
			return x.engineFailure("", err)
		}
		d.Message = fmt.Sprintf("cannot fetch %s: %v", im.Path, err)
		return explain.Compile(&cell.Errors{Diagnostics: []cell.Diagnostic{d}}, x.source)
	}
	return nil
}

// syntaxFailure lets the compiler say what is wrong with Go that does not
// parse: its words are the ones that people search for.
func (x *execution) syntaxFailure(e *cell.SyntaxError) *explain.Failure {
	_, err := x.o.Engine.Build(x.ctx, e.Program, BuildConfig{}, nil)
	var be *BuildError
	if errors.As(err, &be) {
		if errs := explain.CompilerOutput(e.Program, be.Output); len(errs.Diagnostics) > 0 && errs.Diagnostics[0].Cell != 0 {
			return explain.Compile(errs, x.source)
		}
	}
	if x.ctx.Err() != nil {
		return x.engineFailure("", err)
	}
	return explain.Compile(&e.Errors, x.source)
}
