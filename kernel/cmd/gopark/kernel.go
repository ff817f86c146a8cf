package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"gopark/kernel/jupyter"
)

// serveKernel is a kernel's whole life: it returns when the front end asks for
// the end, when the process that started it is gone, or when ctx ends.
func serveKernel(ctx context.Context, log *slog.Logger, connectionFile string) error {
	conn, err := jupyter.ReadConnection(connectionFile)
	if err != nil {
		return err
	}
	// Bind before anything slow: VS Code waits for the ports to be in use.
	server, err := jupyter.Listen(conn, log)
	if err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		server.Close()
		return fmt.Errorf("find the folder that cells run in: %w", err)
	}
	w, err := openWorkshop(ctx, log, dir, true)
	if err != nil {
		server.Close()
		return err
	}
	defer w.stop()
	served := &servedSession{
		Session: w.session,
		info:    kernelInfo(w.tools.GoVersion()),
		warm:    func() {},
		stop:    w.stop,
		free:    w.session.Close,
	}
	if w.charts != nil {
		served.warm = w.charts.Warm
	}
	return server.Run(ctx, served)
}

func kernelInfo(goVersion string) jupyter.Info {
	return jupyter.Info{
		Implementation: "gopark",
		Subshells:      true,
		Version:        version,
		Language:       language(goVersion),
		Banner:         fmt.Sprintf("gopark %s, %s: compiled Go, one cell at a time. %%help lists the commands.", version, goVersion),
		HelpLinks: []jupyter.HelpLink{
			{Text: "Go's standard library", URL: "https://pkg.go.dev/std"},
			{Text: "The Go specification", URL: "https://go.dev/ref/spec"},
			{Text: "The Go memory model", URL: "https://go.dev/ref/mem"},
		},
	}
}
