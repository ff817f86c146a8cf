package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"

	"gopark"
	"gopark/kernel/chart"
	"gopark/kernel/compiled"
	"gopark/kernel/complete"
	"gopark/kernel/labextension"
	"gopark/kernel/process"
	"gopark/kernel/session"
	"gopark/kernel/toolchain"
)

// realParts are the parts of this machine.
func realParts() parts {
	return parts{
		open: func(ctx context.Context, log *slog.Logger, dir string) (*headless, error) {
			w, err := openWorkshop(ctx, log, dir, false)
			if err != nil {
				return nil, err
			}
			return &headless{Kernel: headlessSession{w.session}, goVersion: w.tools.GoVersion(), close: w.close}, nil
		},
		serve:     serveKernel,
		toolchain: openToolchain,
	}
}

// A workshop is everything that a session works with on this machine. It is
// made here and nowhere else.
type workshop struct {
	session *session.Session
	tools   *toolchain.Toolchain
	sup     *process.Supervisor
	charts  *chart.Client
	gopls   *complete.Gopls
}

// openToolchain opens the Go toolchain with the module that cells import.
func openToolchain(ctx context.Context, log *slog.Logger) (*toolchain.Toolchain, error) {
	return toolchain.Open(ctx, toolchain.Options{Module: gopark.Module(), Log: log, Shared: shared()})
}

// shared are cache folders prepared for all users of a machine.
func shared() []string {
	if dirs := os.Getenv("GOPARK_SHARED_CACHE"); dirs != "" {
		return strings.Split(dirs, string(os.PathListSeparator))
	}
	return nil
}

// openWorkshop makes a session that runs cells in dir. With ahead, it prepares
// in the background what the first cells will want.
func openWorkshop(ctx context.Context, log *slog.Logger, dir string, ahead bool) (_ *workshop, err error) {
	w := &workshop{} // not the result, which is nil where there is an error
	defer func() {
		if err != nil {
			w.stop()
		}
	}()
	if w.tools, err = openToolchain(ctx, log); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's own file: %w", err)
	}
	if w.sup, err = process.NewSupervisor(process.Options{GuardCommand: []string{self, "guard"}, Log: log}); err != nil {
		return nil, err
	}
	engine, err := compiled.New(compiled.Options{Toolchain: w.tools, Supervisor: w.sup, Log: log, Ahead: ahead})
	if err != nil {
		return nil, err
	}
	o := session.Options{Engine: engine, Dir: dir, Env: childEnviron(os.Environ()), Version: version, Log: log}
	if !ahead {
		o.Report = session.ReportOff // whoever ran it without a front end asks with --report
	}
	if labextension.Built() {
		w.charts = chart.NewClient(self, "render", "--serve")
		o.Chart = func(ctx context.Context, c []byte) ([]byte, error) { return w.charts.SVG(ctx, c, chartWidth) }
	}
	if ahead {
		w.gopls = openGopls(w, engine, log)
		if w.gopls != nil {
			o.Assistant = w.gopls
		}
	}
	w.session = session.New(o)
	return w, nil
}

// openGopls has the first question start gopls, behind everything that the first
// cells want. Without it, the session answers by itself.
func openGopls(w *workshop, engine *compiled.Engine, log *slog.Logger) *complete.Gopls {
	path, err := complete.Find()
	if err != nil {
		log.Info("completion without gopls", "err", err)
		return nil
	}
	return complete.New(complete.Options{
		Path: path, Dir: engine.ModuleDir(), Env: w.tools.Environ(), Supervisor: w.sup, Log: log,
		Wait: func(ctx context.Context) error {
			_, err := engine.Packages(ctx, nil)
			return err
		},
	})
}

// chartWidth is that of a chart's picture in pixels: a notebook's column.
const chartWidth = 800

// stop ends what runs now; close must still be called.
func (w *workshop) stop() {
	var all sync.WaitGroup
	if w.sup != nil {
		all.Go(func() { w.sup.Close() })
	}
	if w.charts != nil {
		all.Go(w.charts.Close)
	}
	if w.gopls != nil {
		all.Go(w.gopls.Close)
	}
	all.Wait()
}

// close releases everything. No cell may be running.
func (w *workshop) close() error {
	err := w.session.Close()
	w.stop()
	return err
}

// childEnviron is the environment without what belongs to the kernel or to the
// server that started it: their tokens are no cell's business.
func childEnviron(env []string) (out []string) {
	for _, kv := range env {
		secret := false
		for _, p := range []string{"JPY_", "JUPYTERHUB_", "JUPYTER_TOKEN=", "GONB_", "GOPARK_"} {
			secret = secret || strings.HasPrefix(kv, p)
		}
		if !secret {
			out = append(out, kv)
		}
	}
	return out
}
