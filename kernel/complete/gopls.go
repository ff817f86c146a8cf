package complete

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"gopark/kernel/cell"
	"gopark/kernel/process"
)

// ErrNotReady is what questions get while gopls starts, or when it is not there.
var ErrNotReady = errors.New("gopls is not ready")

// Options for New.
type Options struct {
	// Path is gopls; see Find.
	Path string
	// Dir is the folder of the session's go.mod and go.sum. Gopls gets a copy.
	Dir string
	// Env is what gopls runs with: where Go is, and that it stays offline.
	Env []string
	// Supervisor starts gopls and binds it to the kernel.
	Supervisor *process.Supervisor
	// Wait returns when there is time for gopls; nil means at once. Questions
	// are answered without it until then.
	Wait func(ctx context.Context) error
	// MemoryLimit ends a gopls that holds more, in bytes; 0 means 1 GiB.
	MemoryLimit int64
	// Idle ends a gopls that nobody asks anything; 0 means 15 minutes.
	Idle time.Duration
	Log  *slog.Logger

	look  time.Duration // how often the keeper looks at memory and idleness
	stuck time.Duration // how long gopls may leave a question unanswered
}

const (
	memoryLimit = 1 << 30
	idleTime    = 15 * time.Minute
	lookEvery   = 5 * time.Second
	// A gopls that dies is back after firstPause; one that dies again and again
	// after twice as long each time, up to lastPause. What has lived for
	// steadyTime has not died again.
	firstPause = 250 * time.Millisecond
	lastPause  = time.Minute
	steadyTime = 30 * time.Second
	// startTime is how long gopls may take to be ready: the first one on a
	// machine type-checks the standard library.
	startTime = 3 * time.Minute
	// A gopls that leaves a question unanswered for stuckTime is ended when the
	// next one comes, and one that takes no more of what is written to it after
	// writeFor, at once.
	stuckTime = 30 * time.Second
	writeFor  = time.Second
)

// A Gopls answers questions about Go. See the package comment. It implements
// session.Assistant.
type Gopls struct {
	o    Options
	log  *slog.Logger
	turn chan struct{} // holds a token: whose turn it is has taken it
	wake chan struct{} // a question came while no process answered

	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	now     *server // nil when there is none to ask
	asked   time.Time
	imports map[string]string // that drafts have wanted, by name
}

// Find returns the gopls to use: the one that GOPARK_GOPLS names, the one beside
// this program, or the one in PATH.
func Find() (string, error) {
	if path := os.Getenv("GOPARK_GOPLS"); path != "" {
		if _, err := exec.LookPath(path); err != nil {
			return "", fmt.Errorf("GOPARK_GOPLS names no program: %w", err)
		}
		return path, nil
	}
	if self, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			self = real
		}
		beside := filepath.Join(filepath.Dir(self), "gopls")
		if _, err := exec.LookPath(beside); err == nil {
			return beside, nil
		}
	}
	path, err := exec.LookPath("gopls")
	if err != nil {
		return "", errors.New("gopls is neither beside gopark nor in PATH")
	}
	return path, nil
}

// New makes a Gopls whose process starts in the background at the first question:
// a kernel whose learner only runs cells never pays its memory. Close ends it.
func New(o Options) *Gopls {
	if o.MemoryLimit == 0 {
		o.MemoryLimit = memoryLimit
	}
	if o.Idle == 0 {
		o.Idle = idleTime
	}
	if o.look == 0 {
		o.look = lookEvery
	}
	if o.stuck == 0 {
		o.stuck = stuckTime
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Gopls{o: o, log: o.Log, turn: make(chan struct{}, 1), wake: make(chan struct{}, 1), asked: time.Now(),
		imports: maps.Clone(common)}
	g.turn <- struct{}{}
	ctx, cancel := context.WithCancel(context.Background())
	g.cancel = cancel
	g.work.Go(func() { g.keep(ctx) })
	return g
}

// Close ends gopls and waits for its end.
func (g *Gopls) Close() {
	g.cancel()
	g.work.Wait()
}

// Complete proposes what could replace the prefix at the draft's cursor, best
// first.
func (g *Gopls) Complete(ctx context.Context, d *cell.Draft) ([]cell.Suggestion, error) {
	program, shift := g.program(d)
	return g.complete(ctx, program, d.Cursor+shift, d.Prefix)
}

func (g *Gopls) complete(ctx context.Context, program []cell.SourceFile, cursor int, prefix string) ([]cell.Suggestion, error) {
	var list completionList
	if err := g.ask(ctx, "textDocument/completion", program, cursor, &list); err != nil {
		return nil, err
	}
	return suggestions(list, program[len(program)-1].Text, cursor, prefix), nil
}

// Describe is what gopls says of the name at an offset of the draft's last file.
func (g *Gopls) Describe(ctx context.Context, d *cell.Draft, at int) (string, error) {
	program, shift := g.program(d)
	return g.describe(ctx, program, at+shift)
}

func (g *Gopls) describe(ctx context.Context, program []cell.SourceFile, at int) (string, error) {
	var h *hover
	if err := g.ask(ctx, "textDocument/hover", program, at, &h); err != nil || h == nil {
		return "", err
	}
	return h.Contents.Value, nil
}

// program is a draft's files with every import that a draft has wanted so far:
// gopls loads a file anew when its imports change, which takes a quarter of a
// second, and an import that nothing uses costs nothing.
func (g *Gopls) program(d *cell.Draft) (files []cell.SourceFile, shift int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	files, shift = d.With(g.imports)
	maps.Copy(g.imports, d.Imports())
	return files, shift
}

// ask shows gopls the program and puts a question about one place in its last
// file.
func (g *Gopls) ask(ctx context.Context, method string, program []cell.SourceFile, offset int, result any) error {
	s := g.current()
	if s == nil || len(program) == 0 {
		return ErrNotReady
	}
	select {
	case <-g.turn:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { g.turn <- struct{}{} }()
	return s.ask(ctx, method, program, offset, result)
}

// current is the process to ask, or nil. Asking keeps one alive, or calls for
// one.
func (g *Gopls) current() *server {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = time.Now()
	if g.now == nil {
		select {
		case g.wake <- struct{}{}:
		default:
		}
	}
	return g.now
}

func (g *Gopls) setCurrent(s *server) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = s
}

// PID is the process that answers now, or 0.
func (g *Gopls) PID() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now == nil {
		return 0
	}
	return g.now.process.PID()
}

// Memory is what gopls holds now, in bytes; 0 when it does not run.
func (g *Gopls) Memory() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now == nil {
		return 0
	}
	return g.now.process.Memory()
}
