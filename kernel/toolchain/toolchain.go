package toolchain

import (
	"context"
	"errors"
	"fmt"
	"go/version"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Options say where a toolchain finds its parts. The zero value works: the go
// command of PATH, the user's cache folder, the standard library only.
type Options struct {
	// Go is the go command; empty means "go" from PATH.
	Go string

	// CacheDir holds everything that is kept; empty means the folder gopark
	// in [os.UserCacheDir]. It must be writable.
	CacheDir string

	// Shared are cache folders that somebody else prepared, an image say.
	// They are searched after CacheDir and never written to.
	Shared []string

	// Module is the source of the module gopark: go.mod, go.sum and the
	// packages under helpers. Nil means that programs import the standard
	// library only.
	Module fs.FS

	// CacheLimit bounds the kept programs, in bytes; 0 means 512 MB.
	CacheLimit int64

	// Log receives what went another way than planned; nil means nobody.
	Log *slog.Logger
}

// Kind says which archives a program is built with.
type Kind int

const (
	// Normal programs are built without cgo: they link faster, and the
	// runtime notices every deadlock.
	Normal Kind = iota
	// Race programs carry the race detector, which needs cgo.
	Race
)

func (k Kind) String() string {
	if k == Race {
		return "race"
	}
	return "normal"
}

const kinds = 2

// A Toolchain prepares packages and builds programs. It is safe for
// concurrent use; several of them, in several processes, may share a CacheDir.
type Toolchain struct {
	log      *slog.Logger
	env      goEnv
	dir      string // CacheDir
	module   fs.FS  // Options.Module
	source   source // the module gopark; zero when there is none
	store    *store
	programs *programs
	procs    int
	silence  time.Duration // see maxSilence

	gates [kinds]gate // held by whoever prepares that kind

	mu   sync.Mutex
	sets [kinds]*set
}

// Open finds the Go toolchain and the cache. It runs `go env` once and
// compiles nothing, so that a kernel can answer its first message meanwhile.
func Open(ctx context.Context, o Options) (*Toolchain, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dir := o.CacheDir
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("no folder for compiled packages: %w (set HOME or XDG_CACHE_HOME)", err)
		}
		dir = filepath.Join(base, "gopark")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	t := &Toolchain{log: log, dir: dir, procs: runtime.NumCPU(), silence: maxSilence}
	t.module = o.Module
	if t.source, err = t.folders(); err != nil {
		return nil, err
	}
	if t.env, err = readEnv(ctx, o.Go, t.source.dir); err != nil {
		return nil, err
	}
	if need := t.source.goVersion; need != "" && version.Compare(t.env.version, "go"+need) < 0 {
		return nil, fmt.Errorf("gopark needs Go %s or newer, but %s is %s: install a newer Go from https://go.dev/dl",
			need, t.env.command, strings.TrimPrefix(t.env.version, "go"))
	}
	t.store = newStore(dir, o.Shared)
	t.programs = newPrograms(filepath.Join(dir, "programs"), o.CacheLimit)
	for k := range t.gates {
		t.gates[k] = newGate()
	}
	sweepTemp(filepath.Join(dir, "tmp"), log)
	return t, nil
}

// GoVersion is the version of the toolchain as `go env GOVERSION` prints it,
// for example "go1.26.8".
func (t *Toolchain) GoVersion() string { return t.env.version }

// GoCommand is the path of the go command that is used.
func (t *Toolchain) GoCommand() string { return t.env.command }

// Environ is the environment of a tool that looks at a session's module: the go
// command that is used, found first, and no network.
func (t *Toolchain) Environ() []string {
	env := t.env.forGo(Normal, false)
	for i, kv := range env {
		if path, ok := strings.CutPrefix(kv, "PATH="); ok {
			env[i] = "PATH=" + filepath.Dir(t.env.command) + string(filepath.ListSeparator) + path
		}
	}
	return append(env, "GOROOT="+t.env.goroot)
}

// ErrNotPrepared is returned by questions that need archives before
// [Toolchain.Prepare] made them.
var ErrNotPrepared = errors.New("the packages are not prepared yet")

// A PackageError is a package that could not be prepared, with the words of
// the go command.
type PackageError struct {
	Path string
	Text string
}

func (e *PackageError) Error() string {
	return fmt.Sprintf("package %s could not be prepared:\n%s", e.Path, e.Text)
}

// Broken lists the packages of the module gopark, and those that it brings
// along, that could not be prepared; programs that import others are not
// affected. They are tried again at the next start.
func (t *Toolchain) Broken(k Kind) []*PackageError {
	s := t.set(k)
	if s == nil {
		return nil
	}
	return s.broken()
}

func (t *Toolchain) set(k Kind) *set {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sets[k]
}

// folders makes the folders of the cache, with the module's source in them: at
// the start, and again when somebody has removed them since. What was in them is
// made anew where it is wanted.
func (t *Toolchain) folders() (source, error) {
	// What is compiled from public source may be shared; programs are private.
	for sub, perm := range map[string]fs.FileMode{"modules": 0o755, "archives": 0o755, "sets": 0o755, "programs": 0o700, "tmp": 0o700} {
		if err := os.MkdirAll(filepath.Join(t.dir, sub), perm); err != nil {
			return source{}, fmt.Errorf("no folder for compiled packages: %w", err)
		}
	}
	if t.module == nil {
		return source{}, nil
	}
	return extract(t.module, t.dir)
}
