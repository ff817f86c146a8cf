package compiled

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"

	"gopark/kernel/cell"
	"gopark/kernel/process"
	"gopark/kernel/session"
	"gopark/kernel/toolchain"
)

// Options for New.
type Options struct {
	Toolchain  *toolchain.Toolchain
	Supervisor *process.Supervisor
	Log        *slog.Logger
	// Ahead prepares in the background what the first cells will want: the
	// archives, the export data of common packages, and after that the race
	// detector's archives. Without it, each waits until a cell asks.
	Ahead bool
}

// An Engine builds and runs the programs of one session. It implements
// session.Engine.
type Engine struct {
	tools  *toolchain.Toolchain
	sup    *process.Supervisor
	module *toolchain.Module
	log    *slog.Logger
	bin    string // programs that wait to run

	ctx    context.Context // ends at Close
	cancel context.CancelFunc
	work   sync.WaitGroup

	normal, race *preparation

	stirred chan struct{} // holds at most one: somebody asked something; see rest

	uncounted bool // programs have no exit files: to measure what these cost
}

var _ session.Engine = (*Engine)(nil)

// New makes the session's module. It compiles nothing.
func New(o Options) (*Engine, error) {
	e := &Engine{tools: o.Toolchain, sup: o.Supervisor, log: o.Log, stirred: make(chan struct{}, 1)}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	// Below the supervisor's folder: it goes even when the kernel is killed.
	dir, err := os.MkdirTemp(o.Supervisor.Dir(), "session-")
	if err != nil {
		return nil, fmt.Errorf("make the session's folder: %w", err)
	}
	e.bin = filepath.Join(dir, "bin")
	module := filepath.Join(dir, "module")
	for _, d := range []string{e.bin, module} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return nil, err
		}
	}
	if e.module, err = o.Toolchain.NewModule(module); err != nil {
		return nil, err
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.normal = &preparation{engine: e, kind: toolchain.Normal}
	e.race = &preparation{engine: e, kind: toolchain.Race}
	e.work.Go(e.rest)
	if o.Ahead {
		e.work.Go(e.ahead)
	}
	return e, nil
}

// ahead makes the first cells fast, in the order in which they come.
func (e *Engine) ahead() {
	if e.normal.wait(e.ctx, nil) != nil {
		return // the first cell will say why
	}
	for _, p := range []string{"fmt", "time", "sync", "gopark/helpers"} {
		if e.ctx.Err() != nil {
			return
		}
		if _, err := e.module.Import(p); err != nil {
			e.log.Warn("export data", "package", p, "err", err)
		}
	}
	if err := e.race.wait(e.ctx, nil); e.ctx.Err() != nil {
		return
	} else if err != nil {
		e.log.Info("the race detector is not ready", "err", err)
	}
	// Getting ready took memory that waiting does not, and a class opens all its
	// notebooks at once: it goes back before the first rest.
	debug.FreeOSMemory()
}

// Packages waits for the archives.
func (e *Engine) Packages(ctx context.Context, note func(string)) (cell.Packages, error) {
	e.stir()
	if err := e.normal.wait(ctx, note); err != nil {
		return nil, err
	}
	return e.module, nil
}

// Get fetches a module into the session's go.mod.
func (e *Engine) Get(ctx context.Context, path string, note func(string)) error {
	return e.module.Get(ctx, path, note)
}

// Forget takes the session's go.mod back to its beginning.
func (e *Engine) Forget() error { return e.module.Reset() }

// Build compiles and links a program, or finds it in the cache.
func (e *Engine) Build(ctx context.Context, p *cell.Program, c session.BuildConfig, note func(string)) (session.Build, error) {
	config := toolchain.Config{Flags: c.Flags, Beside: e.exitFiles(p)}
	if c.Trace {
		config.Beside = append(config.Beside, traceFile)
	}
	for _, kv := range c.Env {
		if strings.HasPrefix(kv, "GO") || strings.HasPrefix(kv, "CGO_") {
			config.Env = append(config.Env, kv)
		}
	}
	ready := e.normal
	if c.Race {
		config.Kind, ready = toolchain.Race, e.race
	}
	if err := ready.wait(ctx, note); err != nil {
		return session.Build{}, err
	}
	files := make([]toolchain.Source, 0, len(p.Files))
	for _, f := range p.Files {
		text := f.Text
		if !patches {
			text = []byte(p.Rename(string(text)))
		}
		files = append(files, toolchain.Source{Name: f.Name, Text: text})
	}
	b, err := e.module.Build(ctx, files, config)
	var ce *toolchain.CompileError
	if errors.As(err, &ce) {
		return session.Build{}, &session.BuildError{Output: ce.Output}
	}
	if err != nil {
		return session.Build{}, err
	}
	path, err := e.number(b.Path, p.Slots)
	if err != nil {
		return session.Build{}, fmt.Errorf("prepare the program to run: %w", err)
	}
	return session.Build{Path: path, Cached: b.Cached, Fallback: b.Fallback, Output: b.Output}, nil
}

// Run starts a program and follows it to its end. A program that Build made is
// removed afterwards.
func (e *Engine) Run(ctx context.Context, inv session.Invocation, out session.Output) (session.Exit, error) {
	path := inv.Path
	defer e.stir()
	for _, p := range inv.Beside {
		defer os.Remove(p)
	}
	if strings.HasPrefix(path, e.bin+string(filepath.Separator)) {
		defer os.Remove(path)
	} else if !filepath.IsAbs(path) {
		var err error
		if path, err = exec.LookPath(path); err != nil && inv.Path == "bash" {
			path, err = exec.LookPath("sh")
		}
		if err != nil {
			return session.Exit{}, err
		}
	}
	trace, err := e.traceInto(&inv)
	if err != nil {
		return session.Exit{}, err
	}
	var watch func(context.Context, process.Running)
	if inv.Watch != nil {
		watch = func(ctx context.Context, r process.Running) { inv.Watch(ctx, &running{e, path, r}) }
	}
	r, err := e.sup.Run(ctx, process.Command{Watch: watch, Path: path, Args: inv.Args, Dir: inv.Dir, Env: inv.Env, Signals: inv.Signals, Display: true, Ledger: true, Asks: inv.Asks, Reads: inv.Reads, Password: inv.Password}, out)
	if err != nil {
		return session.Exit{}, err
	}
	exit := session.Exit{Code: r.Code, Interrupted: r.Interrupted, Wall: r.Wall, CPU: r.User + r.System, MaxRSS: r.MaxRSS, Result: r.Control, Goroutines: readLedger(r.Ledger)}
	if trace != nil {
		if exit.Trace, err = trace(); err != nil {
			return session.Exit{}, err
		}
	}
	if r.Signal != 0 {
		exit.Signal = r.Signal.String()
	}
	return exit, nil
}

// ModuleDir is the folder of the session's go.mod.
func (e *Engine) ModuleDir() string { return e.module.Dir() }

// Version is the Go release.
func (e *Engine) Version() string { return e.tools.GoVersion() }

// Close ends what is under way in the background and removes the session's files.
func (e *Engine) Close() error {
	e.cancel()
	e.work.Wait()
	return os.RemoveAll(filepath.Dir(e.bin))
}
