// Calc is a kernel for exact arithmetic: calc CONNECTION-FILE. A cell is one of
//
//	third = 1/3.0    a name for a constant expression of Go
//	print third      shows it as output
//	third * 3        is the cell's result
package main

import (
	"context"
	"go/token"
	"go/types"
	"log"
	"os"
	"strings"

	"gopark/kernel/jupyter"
)

type calc struct {
	jupyter.Simple
	names *types.Package
}

func (calc) Info() jupyter.Info {
	return jupyter.Info{Implementation: "calc", Version: "1", Banner: "Exact arithmetic",
		Language: jupyter.Language{Name: "calc", Version: "1", MIMEType: "text/x-calc", FileExtension: ".calc"}}
}

func (c calc) Execute(_ context.Context, req jupyter.ExecuteRequest, out jupyter.Publisher) jupyter.ExecuteReply {
	code, print := strings.CutPrefix(req.Code, "print ")
	name, value, assign := strings.Cut(code, " = ")
	if assign {
		code = value
	}
	v, err := types.Eval(token.NewFileSet(), c.names, token.NoPos, code)
	if err != nil || v.Value == nil {
		why := "not a constant expression: " + code
		return jupyter.ExecuteReply{Failure: &jupyter.Failure{Name: "CalcError", Value: why, Traceback: []string{why}}}
	}
	switch {
	case assign:
		c.names.Scope().Insert(types.NewConst(token.NoPos, c.names, name, v.Type, v.Value))
	case print:
		out.Stream("stdout", v.Value.ExactString()+"\n")
	default:
		out.Result(map[string]any{"text/plain": v.Value.ExactString()}, nil)
	}
	return jupyter.ExecuteReply{}
}

func main() {
	k := calc{names: types.NewPackage("calc", "calc")}
	if err := jupyter.Run(context.Background(), os.Args[1], k, nil); err != nil {
		log.Fatal(err)
	}
}
