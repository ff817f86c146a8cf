package session

import (
	"context"
	"time"

	"gopark/kernel/cell"
)

// An Engine builds programs and runs them. Its methods may be called by several
// goroutines at once, but for Close, which comes last; each returns soon after
// its context ends.
type Engine interface {
	// Packages is what cells can import. The first call may take long, while
	// note hears how far it is.
	Packages(ctx context.Context, note func(string)) (cell.Packages, error)
	// Get fetches the module of a package that Packages does not know.
	Get(ctx context.Context, path string, note func(string)) error
	// Forget returns the session's module to what it was before any Get.
	Forget() error
	// Build makes a program ready to run. A *BuildError is the program's fault.
	Build(ctx context.Context, p *cell.Program, c BuildConfig, note func(string)) (Build, error)
	// Run starts a program or a command and waits for its end. When ctx ends,
	// it stops the program and everything that it started.
	Run(ctx context.Context, inv Invocation, out Output) (Exit, error)
	// ModuleDir is the folder of the session's go.mod; "" where there is none.
	ModuleDir() string
	// Version names the Go release that programs are built with: "go1.26.8".
	Version() string
	// Close ends what the engine still has under way and removes its files.
	Close() error
}

// A BuildConfig says how to build.
type BuildConfig struct {
	Race  bool
	Trace bool     // the program can write an execution trace
	Flags []string // %goflags
	Env   []string // %env, for the few variables that change a build
}

// A Build is a program that is ready to run.
type Build struct {
	Path   string
	Cached bool
	// Fallback says why `go build` was needed instead of the direct way; "" when not.
	Fallback string
	// Output is what the compiler had to say of a program that it accepted.
	Output string
}

// A BuildError holds the compiler's and the linker's words about a program.
type BuildError struct{ Output string }

func (e *BuildError) Error() string { return e.Output }

// An Invocation says what to run.
type Invocation struct {
	Path    string // a file, or the name of a command
	Args    []string
	Dir     string
	Env     []string // the whole environment
	Signals bool     // the program handles signals itself
	// The program may ask for input through the display pipe (Asks) or by just
	// reading its standard input (Reads); with neither, that is at its end.
	// Password says that what it reads is a secret.
	Asks, Reads, Password bool
	// Watch, unless nil, is called in a goroutine of its own while the program
	// runs, and must return soon after ctx ends.
	Watch func(ctx context.Context, r Running)
	// Trace has a program that was built for it write an execution trace.
	Trace bool
	// Beside are other builds that the program may start: they go when it ends.
	Beside []string
}

// A Running program can be looked at from outside, which it does not notice.
type Running interface {
	// Used is the processor time it has used and whether all its threads wait.
	// The error says that this cannot be known.
	Used() (used time.Duration, idle bool, err error)
	// Look returns its goroutines.
	Look(ctx context.Context) (Look, error)
}

// A Look is what a program's goroutines do.
type Look struct {
	// Dump lists them as the runtime would.
	Dump string
	// Closed says that nothing but these goroutines can wake one of them: none
	// runs or is in the system or the network, and no timer is set.
	Closed bool
}

// Output receives what a program does while it runs, in order. Write and Display
// are called one at a time; a call of Input, of which there is one at most, may
// wait beside them.
type Output interface {
	Write(stream string, p []byte)
	Display(data, metadata map[string]any, id string)
	Input(ctx context.Context, prompt string, password bool) (string, error)
}

// An Exit is how a program ended.
type Exit struct {
	Code        int
	Signal      string // "killed"; "" when it exited
	Interrupted bool   // it was stopped because ctx ended
	Wall, CPU   time.Duration
	MaxRSS      int64  // bytes
	Result      []byte // what it wrote to descriptor 3
	Trace       []byte // the execution trace, as far as it was written
	Goroutines  Goroutines
}

// Goroutines is what is known of a program's goroutines. Numbers that are not
// known are 0.
type Goroutines struct {
	// Created counts all that there ever were, main among them; Live those that
	// were there when main returned or os.Exit was called; Unstarted those that
	// had never run, as far as that can be told.
	Created, Live, Unstarted int
	// AtMost bounds how many there were at one moment, from above.
	AtMost int
	// Dump lists those of Live, as the runtime writes them, with (leaked) after
	// the state of those that can never go on. It may be
	// cut (see explain.Cut), or empty.
	Dump string
}
