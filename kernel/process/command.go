package process

import (
	"context"
	"syscall"
	"time"

	"gopark/kernel/procfs"
)

// A Command says what to run and how.
type Command struct {
	// Path is the program's file; it is not looked up in PATH.
	Path string
	// Args are the arguments after the program's name.
	Args []string
	// Dir is the working directory; empty means the kernel's own.
	Dir string
	// Env is the complete environment, "key=value" each. Whoever calls has
	// removed the kernel's secrets. GONB_PIPE and GONB_PIPE_BACK are always
	// taken out and set by Run alone.
	Env []string
	// Signals says that the program handles signals itself (it imports
	// os/signal, or it is a shell): an interrupt then begins with SIGINT to the
	// group and 2 s of patience. Otherwise it begins with SIGQUIT to the
	// program, whose dump of goroutines arrives on standard error.
	Signals bool
	// Display offers the display pipe.
	Display bool
	// Ledger gives the program an empty file without a name as descriptor 4. What
	// is in it at the end, up to 8 MB, is in the Result.
	Ledger bool
	// Question is what stands in the ledger from the beginning.
	Question []byte
	// Watch, unless nil, is called in a goroutine of its own while the child
	// runs. It must return soon after ctx ends, which it does when the child is
	// dead or interrupted; until it has returned the child's number stays taken.
	Watch func(ctx context.Context, r Running)
	// Asks says that the program may ask for input through the display pipe,
	// and Reads that it may read its standard input without asking: when it
	// waits there, a line is asked for. Where the system does not tell who waits
	// (it is not Linux) Reads alone has no effect. With neither, standard input
	// is at its end from the start.
	Asks, Reads bool
	// Password says that what it reads without asking is a secret.
	Password bool
	// Low lets everything else go before the program and what it starts. It
	// cannot be taken back: only root may.
	Low bool
}

// input reports whether the program's standard input is open.
func (c Command) input() bool { return c.Display && c.Asks || c.Reads && procfs.SeesReaders }

// A Sink receives what a child does. Write and Display are called one at a time,
// by the goroutine that called Run. No method is called, or still runs, after
// Run has returned.
type Sink interface {
	// Write receives raw bytes of "stdout" or "stderr", cut anywhere, even
	// inside a character. p is valid only until Write returns.
	Write(stream string, p []byte)
	// Display receives a bundle of MIME types: text is a string, binary data a
	// base64 string, and JSON types are Go values that encoding/json takes. The
	// maps belong to the Sink. An id names the display for later updates;
	// whether it is new is for the Sink to know.
	Display(data, metadata map[string]any, id string)
	// Input asks the person at the front end for a line. It is called once at a
	// time, on a goroutine of its own: the program may go on and write while it
	// waits. It must return when ctx ends, which it does at an interrupt and
	// when the child dies. All that the program wrote before it began to wait
	// was passed on before; the prompt of one that did not ask is the last line
	// of its standard output, and is part of what was written, too. After an
	// error the program's standard input is closed, so that it reads the end of
	// the file and doesn't wait for ever.
	Input(ctx context.Context, prompt string, password bool) (string, error)
}

// A Result says how a child ended.
type Result struct {
	// Code is the exit status, or -1 where there is none: a signal ended the
	// child, or the context had ended before it could start.
	Code int
	// Signal is what ended the child, 0 if it exited.
	Signal syscall.Signal
	// Interrupted says that the context ended before the child did, so that
	// signals were sent. A program that handles SIGINT may still exit with 0.
	Interrupted bool
	// Wall is the time from just before the start to the child's death.
	Wall time.Duration
	// User and System are CPU time, those of descendants that the child waited
	// for included.
	User, System time.Duration
	// Ledger is what the program wrote to descriptor 4, see Command.Ledger.
	Ledger []byte
	// MaxRSS is the most memory that was resident, in bytes, or 0 where it is
	// not known: Linux counts the starting process's own peak as the child's
	// (exec_mmap carries it over), so only what exceeds that peak says anything.
	MaxRSS int64
	// Control is what the child wrote to descriptor 3: the first 1 MB of it.
	Control []byte
}
