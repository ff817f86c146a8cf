// Package vet runs the analyzers of go vet that matter to concurrency over a
// checked cell, in process, on the syntax and the types that package cell has
// already: it reads nothing, starts nothing, and builds for js/wasm.
//
// Check is a function of its argument and safe for concurrent use; it only reads
// the program, so a build of it may go on at the same time.
package vet

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"reflect"
	"runtime"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/atomic"
	"golang.org/x/tools/go/analysis/passes/copylock"
	"golang.org/x/tools/go/analysis/passes/loopclosure"
	"golang.org/x/tools/go/analysis/passes/lostcancel"
	"golang.org/x/tools/go/analysis/passes/testinggoroutine"
	"golang.org/x/tools/go/analysis/passes/unusedresult"
	"golang.org/x/tools/go/analysis/passes/waitgroup"

	"gopark/kernel/cell"
)

// A check is one analyzer, and what to try when it finds something.
type check struct {
	analyzer *analysis.Analyzer
	try      string
}

// checks are what is looked for. loopclosure is silent in cells, whose loop
// variables are new in each round since Go 1.22; it speaks where a file asks for
// an older language.
var checks = []check{
	{copylock.Analyzer, "a copied lock is another lock, and the two know nothing of each other: pass a pointer"},
	{lostcancel.Analyzer, "a context that is never cancelled keeps its timer and its goroutines: write defer cancel() on the next line"},
	{loopclosure.Analyzer, "give the goroutine a variable of its own"},
	{waitgroup.Analyzer, "Wait may run before the goroutine has come so far: call Add before the go statement, or use wg.Go"},
	{atomic.Analyzer, "the assignment writes what the atomic operation has written already, and not atomically: call it alone"},
	{unusedresult.Analyzer, "the call does nothing but give a value back: use the value"},
	{testinggoroutine.Analyzer, "FailNow and Fatal end the goroutine that calls them, which must be the test's own: report with t.Error, or send the error to the test"},
}

// Check returns what the analyzers find in what the cell itself wrote, each
// place once, in the order of the lines. An error is an analyzer's own failure;
// the findings of the others are returned with it.
func Check(t *cell.Typed) ([]cell.Diagnostic, error) {
	if t == nil || t.Own == nil {
		return nil, nil
	}
	r := &runner{typed: t, results: map[*analysis.Analyzer]any{}, facts: map[fact]analysis.Fact{}}
	var found []cell.Diagnostic
	var errs []error
	for _, c := range checks {
		if err := r.run(c.analyzer, func(d analysis.Diagnostic) {
			if place, ok := t.Diagnostic(d.Pos, d.Message); ok {
				place.Help = c.try
				found = append(found, place)
			}
		}); err != nil {
			errs = append(errs, err)
		}
	}
	order := func(a, b cell.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	}
	slices.SortStableFunc(found, order)
	// Two analyzers may mean the same: copylocks and waitgroup, say.
	found = slices.CompactFunc(found, func(a, b cell.Diagnostic) bool { return order(a, b) == 0 })
	return found, errors.Join(errs...)
}

// A runner runs analyzers over one package, what they require first, each once.
type runner struct {
	typed   *cell.Typed
	results map[*analysis.Analyzer]any
	facts   map[fact]analysis.Fact
}

// A fact is known of an object of the package, or of the package itself when
// there is no object. Facts about other packages are not known here: an analyzer
// then takes the careful side.
type fact struct {
	object types.Object
	kind   reflect.Type
}

func (r *runner) run(a *analysis.Analyzer, report func(analysis.Diagnostic)) (err error) {
	if _, done := r.results[a]; done {
		return nil
	}
	for _, need := range a.Requires {
		if err := r.run(need, func(analysis.Diagnostic) {}); err != nil {
			return err
		}
	}
	// A bug in an analyzer must not end the kernel.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("vet: %s: %v", a.Name, p)
		}
	}()
	result, err := a.Run(r.pass(a, report))
	if err != nil {
		return fmt.Errorf("vet: %s: %w", a.Name, err)
	}
	r.results[a] = result
	return nil
}

func (r *runner) pass(a *analysis.Analyzer, report func(analysis.Diagnostic)) *analysis.Pass {
	t := r.typed
	find := func(object types.Object, f analysis.Fact) bool {
		known, ok := r.facts[fact{object, reflect.TypeOf(f)}]
		if ok {
			reflect.ValueOf(f).Elem().Set(reflect.ValueOf(known).Elem())
		}
		return ok
	}
	return &analysis.Pass{
		Analyzer:   a,
		Fset:       t.Fset,
		Files:      []*ast.File{t.Own},
		Pkg:        t.Package,
		TypesInfo:  t.Info,
		TypesSizes: types.SizesFor("gc", runtime.GOARCH),
		Module:     &analysis.Module{Path: "main", GoVersion: "1.26"},
		ResultOf:   r.results,
		Report:     report,
		ReadFile:   func(string) ([]byte, error) { return nil, os.ErrNotExist },

		ImportObjectFact: find,
		ExportObjectFact: func(object types.Object, f analysis.Fact) {
			r.facts[fact{object, reflect.TypeOf(f)}] = f
		},
		ImportPackageFact: func(p *types.Package, f analysis.Fact) bool { return p == t.Package && find(nil, f) },
		ExportPackageFact: func(f analysis.Fact) { r.facts[fact{nil, reflect.TypeOf(f)}] = f },
		AllObjectFacts:    func() []analysis.ObjectFact { return nil },
		AllPackageFacts:   func() []analysis.PackageFact { return nil },
	}
}
