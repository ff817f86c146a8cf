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

type echo struct{}

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

func (echo) Complete(context.Context, string, int) (r jupyter.CompleteReply)    { return }
func (echo) Inspect(context.Context, string, int, int) (r jupyter.InspectReply) { return }
func (echo) Shutdown(restart bool)                                              {}
func (echo) IsComplete(context.Context, string) jupyter.IsCompleteReply {
	return jupyter.IsCompleteReply{Status: "complete"}
}

func main() {
	conn, err := jupyter.ReadConnection(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	srv, err := jupyter.Listen(conn, slog.Default())
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := jupyter.WithParent(context.Background(), jupyter.ParentPID())
	defer stop()
	if err := srv.Serve(ctx, echo{}); err != nil {
		log.Print(err)
	}
}
