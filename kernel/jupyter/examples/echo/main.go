// Echo is a kernel whose cells show their own text: echo CONNECTION-FILE.
// The cell "flood N" prints N numbers; what begins with "fail" fails.
package main

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"

	"gopark/kernel/jupyter"
)

type echo struct{ jupyter.Simple }

func (echo) Info() jupyter.Info {
	return jupyter.Info{Implementation: "echo", Version: "1", Banner: "Says what you say.",
		Language: jupyter.Language{Name: "text", Version: "1", MIMEType: "text/plain", FileExtension: ".txt"}}
}

func (echo) Execute(ctx context.Context, req jupyter.ExecuteRequest, out jupyter.Publisher) jupyter.ExecuteReply {
	n := 0
	if _, err := fmt.Sscanf(req.Code, "flood %d", &n); err != nil {
		out.Stream("stdout", req.Code)
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		out.Stream("stdout", fmt.Sprintln(i))
	}
	if !strings.HasPrefix(req.Code, "fail") {
		return jupyter.ExecuteReply{}
	}
	f := &jupyter.Failure{Name: "Failure", Value: "as told", Traceback: []string{"Failure: as told"}}
	out.Error(f.Name, f.Value, f.Traceback)
	return jupyter.ExecuteReply{Failure: f}
}

func main() {
	if err := jupyter.Run(context.Background(), os.Args[1], echo{}, slog.Default()); err != nil {
		log.Fatal(err)
	}
}
