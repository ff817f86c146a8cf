package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A GetError says why a package could not be added to the session's module.
type GetError struct {
	Path    string
	Offline bool   // the network, or the module proxy behind it, did not answer
	Output  string // the go command's words
}

func (e *GetError) Error() string {
	if e.Offline {
		return fmt.Sprintf("package %s is not on this machine and cannot be fetched: there is no way to the module proxy.\n%s", e.Path, e.Output)
	}
	return fmt.Sprintf("package %s cannot be added: %s", e.Path, e.Output)
}

// maxSilence is how long `go get` may say nothing before it counts as offline: a
// network that swallows packets never refuses.
const maxSilence = 60 * time.Second

var errSilence = errors.New("the module proxy does not answer")

// Get adds a package, "path" or "path@version", to the session's module and
// compiles what it needs. Versions that the course's go.mod names, and modules
// that the session has already, need no network; then out stays silent.
// Otherwise out receives what `go get` says, line by line, one at a time. When
// it fails, the module is as before and the error is a [*GetError], unless ctx
// ended.
func (m *Module) Get(ctx context.Context, path string, out func(line string)) error {
	if out == nil {
		out = func(string) {}
	}
	if err := m.tc.Prepare(ctx, Normal, nil); err != nil {
		return err
	}
	if err := m.editing.enter(ctx); err != nil {
		return err
	}
	defer m.editing.leave()
	undo, err := m.snapshot()
	if err != nil {
		return err
	}
	plain, wanted, _ := strings.Cut(path, "@")
	m.mu.Lock()
	roots := slices.Clone(m.roots)
	m.mu.Unlock()
	if !slices.Contains(roots, plain) {
		roots = append(roots, plain)
	}
	if wanted == "" {
		if pkgs, err := m.compileExtra(ctx, Normal, roots, false); err == nil && sound(pkgs, plain) == nil {
			m.adopt(roots, pkgs)
			return nil
		}
		undo()
	}
	err = m.fetch(ctx, path, plain, roots, out)
	if err != nil {
		undo()
	}
	return err
}

func (m *Module) fetch(ctx context.Context, path, plain string, roots []string, out func(string)) error {
	talk, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	quiet := time.AfterFunc(m.tc.silence, func() { cancel(errSilence) })
	defer quiet.Stop()
	_, err := run(talk, process{
		path: m.tc.env.command, args: []string{"get", "--", path}, dir: m.dir, env: m.tc.env.forGo(Normal, true),
		onLine: func(line string) { quiet.Reset(m.tc.silence); out(line) },
	})
	if err != nil {
		return m.getError(ctx, path, err)
	}
	pkgs, err := m.compileExtra(ctx, Normal, roots, true)
	if err != nil {
		return m.getError(ctx, path, err)
	}
	if err := sound(pkgs, plain); err != nil {
		// A module without a package at its root is a fine thing to get.
		if strings.Contains(err.Error(), "no Go files") {
			m.adopt(slices.DeleteFunc(roots, func(r string) bool { return r == plain }), pkgs)
			return nil
		}
		return m.getError(ctx, path, err)
	}
	m.adopt(roots, pkgs)
	return nil
}

func (m *Module) adopt(roots []string, pkgs []*pkg) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.setRoots(roots)
	m.extra[Normal] = extra{m.gen, pkgs}
}

// sound is an error if path is not among pkgs, compiled.
func sound(pkgs []*pkg, path string) error {
	for _, p := range pkgs {
		if p.Path == path {
			if p.Broken != "" {
				return &PackageError{Path: path, Text: p.Broken}
			}
			if p.Name == "main" {
				return &PackageError{Path: path, Text: "it is a program, not an importable package"}
			}
			return nil
		}
	}
	return &MissingError{Path: path}
}

func (m *Module) getError(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	g := &GetError{Path: path, Output: err.Error()}
	var exit *exitError
	var broken *PackageError
	switch {
	case errors.Is(err, errSilence):
		g.Offline = true
	case errors.As(err, &exit):
		g.Output = strings.TrimSpace(exit.text)
		g.Offline = looksOffline(exit.text)
	case errors.As(err, &broken):
		g.Output = broken.Text
		if strings.Contains(broken.Text, "build constraints exclude all Go files") {
			g.Output += "\n(packages that need C do not work here: cells are built without cgo)"
		}
	}
	return g
}

// looksOffline reads the messages that package net and the go command have
// for a network that is not there; they come as text from another process.
func looksOffline(text string) bool {
	return slices.ContainsFunc([]string{
		"no such host", "network is unreachable", "connection refused", "i/o timeout", "no route to host",
		"TLS handshake timeout", "proxyconnect", "server misbehaving", "Temporary failure in name resolution",
		"disabled by GOPROXY=off", "connection reset by peer", "context deadline exceeded",
	}, func(sign string) bool { return strings.Contains(text, sign) })
}

// snapshot returns a function that restores go.mod and go.sum.
func (m *Module) snapshot() (undo func(), err error) {
	saved := map[string][]byte{}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(m.dir, name))
		if err != nil && !os.IsNotExist(err) {
			return nil, fmt.Errorf("the session's module: %w", err)
		}
		saved[name] = data
	}
	return func() {
		for name, data := range saved {
			if err := writeFile(filepath.Join(m.dir, name), data, 0o600); err != nil {
				m.tc.log.Error("restoring the session's module", "err", err)
			}
		}
	}, nil
}
