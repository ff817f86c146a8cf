package jupyter_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"gopark/kernel/jupyter"
)

// A shout is a kernel that has one thing to say.
type shout struct{ jupyter.Simple }

func (shout) Info() jupyter.Info {
	return jupyter.Info{Implementation: "shout", Version: "1", Banner: "LOUD",
		Language: jupyter.Language{Name: "text", Version: "1", MIMEType: "text/plain", FileExtension: ".txt"}}
}

func (shout) Execute(ctx context.Context, req jupyter.ExecuteRequest, out jupyter.Publisher) jupyter.ExecuteReply {
	if req.Code == "" {
		f := &jupyter.Failure{Name: "Silence", Value: "nothing to shout", Traceback: []string{"Silence: nothing to shout"}}
		return jupyter.ExecuteReply{Failure: f} // the server publishes it
	}
	out.Stream("stdout", strings.ToUpper(req.Code)+"!\n")
	return jupyter.ExecuteReply{}
}

// A whole kernel. Jupyter starts it with the connection file as its argument.
func Example() {
	if len(os.Args) == 2 && strings.HasSuffix(os.Args[1], ".json") {
		if err := jupyter.Run(context.Background(), os.Args[1], shout{}, nil); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// The sockets are bound before anything slow is done. A port of 0 lets the
// system choose, and Connection tells which it was: what a test, or a server
// that starts kernels in its own process, needs.
func ExampleListen() {
	server, err := jupyter.Listen(jupyter.Connection{Transport: "tcp", IP: "127.0.0.1", Key: "secret", Scheme: "hmac-sha256"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("bound:", server.Connection().Shell > 0)

	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(fmt.Errorf("enough")) // or a front end's shutdown_request
	fmt.Println("served:", server.Serve(ctx, shout{}))
	// Output:
	// bound: true
	// served: enough
}
