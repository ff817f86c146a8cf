package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	goversion "go/version"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gopark/kernel/complete"
	"gopark/kernel/labextension"
	"gopark/kernel/toolchain"
)

// minGo is the oldest Go that cells can be built with, go.mod's own.
const minGo = "go1.26"

// An examination looks at the machine. Nothing stays of it but the cache's empty
// folder, which opening the toolchain makes.
type examination struct {
	tools    *toolchain.Toolchain // nil when toolsErr is not
	toolsErr error
	places   []place
	prefix   string // of --prefix
}

// all is every finding, the most basic first.
func (e *examination) all(ctx context.Context) []finding {
	list := []finding{e.goCommand(), cacheFolder()}
	if e.tools != nil {
		list = append(list, e.archives(toolchain.Normal), e.archives(toolchain.Race), e.moduleCache(ctx))
	}
	return append(list, e.kernelspec(), e.extension(), completion(ctx), jupyterCommand(), pythonCommand())
}

func (e *examination) goCommand() finding {
	f := finding{name: "Go", mend: "install Go 1.26 or newer: https://go.dev/dl/"}
	if e.toolsErr != nil {
		f.state, f.detail = missing, e.toolsErr.Error()
		if exe, err := exec.LookPath("go"); err == nil {
			f.mend = "try " + exe + " version; what is below may be the reason"
		}
		return f
	}
	f.state, f.detail = good, e.tools.GoVersion()+", "+e.tools.GoCommand()
	if v := e.tools.GoVersion(); goversion.IsValid(v) && goversion.Compare(v, minGo) < 0 {
		f.state, f.detail = missing, f.detail+" is older than "+minGo
	}
	return f
}

// cacheFolder finds out whether built programs can be kept.
func cacheFolder() finding {
	f := finding{name: "cache", state: good}
	base, err := os.UserCacheDir()
	if err == nil {
		f.detail = filepath.Join(base, "gopark")
		err = writable(f.detail)
	}
	if err != nil {
		f.state, f.detail = missing, err.Error()
		f.mend = "make the folder writable, or set XDG_CACHE_HOME to one that is"
	}
	return f
}

// writable tries to write into dir, or into the folder that dir would be made in.
func writable(dir string) error {
	for {
		_, err := os.Stat(dir)
		if err == nil {
			break
		}
		if parent := filepath.Dir(dir); errors.Is(err, fs.ErrNotExist) && parent != dir {
			dir = parent
			continue
		}
		return err
	}
	probe, err := os.CreateTemp(dir, ".gopark-doctor-")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// archives tells whether the first cell will have to wait.
func (e *examination) archives(kind toolchain.Kind) finding {
	f := finding{name: "packages", state: good, detail: "the standard library is compiled for cells", mend: "gopark doctor --prepare"}
	if kind == toolchain.Race {
		f.name, f.detail = "race detector", "the standard library is compiled for %race"
	}
	if e.tools.Prepared(kind) {
		if broken := e.tools.Broken(kind); len(broken) > 0 {
			f.state, f.detail = note, "cannot be imported: "+broken[0].Path
			if n := len(broken) - 1; n > 0 {
				f.detail += fmt.Sprintf(" (and %d more)", n)
			}
			f.detail += "\n" + firstLine(broken[0].Text)
			f.mend = "with a network: go mod download, then start again"
		}
		return f
	}
	f.state = note
	f.detail = "not compiled yet: the first cell waits for it, a quarter of a minute or a whole one"
	if kind == toolchain.Race {
		f.detail = "not compiled yet: the first cell with %race waits for it"
		if cc := compiler(); cc != "" {
			f.detail = "not compiled yet, and there is no C compiler (" + cc + "), which that needs once"
			f.mend = "apt-get install gcc libc6-dev (macOS: xcode-select --install), then gopark doctor --prepare"
		}
	}
	return f
}

// compiler is the name of the C compiler when it cannot be found.
func compiler() string {
	cc := "gcc"
	if fields := strings.Fields(os.Getenv("CC")); len(fields) > 0 {
		cc = fields[0]
	}
	if _, err := exec.LookPath(cc); err != nil {
		if _, err := exec.LookPath("cc"); err != nil || cc != "gcc" {
			return cc
		}
	}
	return ""
}

// moduleCache is where other people's packages come from.
func (e *examination) moduleCache(ctx context.Context) finding {
	f := finding{name: "modules", state: good}
	out, err := exec.CommandContext(ctx, e.tools.GoCommand(), "env", "GOMODCACHE", "GOPROXY").Output()
	dir, proxy, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err == nil {
		err = writable(dir)
	}
	if err != nil {
		f.state, f.detail = note, "cells cannot import packages of others: "+err.Error()
		f.mend = "make the folder writable, or set GOMODCACHE to one that is"
		return f
	}
	f.detail = dir
	if proxy == "off" {
		f.detail += "; GOPROXY=off: only what is there already can be imported"
	}
	return f
}

func (e *examination) install() string {
	if e.prefix != "" {
		return "gopark install --prefix " + e.prefix
	}
	return "gopark install"
}

func (e *examination) kernelspec() finding {
	f := finding{name: "kernel", state: missing, mend: e.install()}
	for _, p := range e.places {
		spec, err := readKernelspec(p.kernelspec())
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			f.detail = err.Error()
			return f
		}
		if _, err := exec.LookPath(spec.Argv[0]); err != nil {
			f.detail = fmt.Sprintf("%s starts a program that is not there: %s", p.kernelspec(), spec.Argv[0])
			return f
		}
		f.state, f.detail = good, p.kernelspec()
		if self, err := os.Executable(); err == nil && spec.Argv[0] != self {
			f.state, f.detail = note, fmt.Sprintf("%s starts another gopark than this one: %s", p.kernelspec(), spec.Argv[0])
		}
		return f
	}
	f.detail = "Jupyter does not know the kernel " + kernelName + " yet"
	return f
}

func (e *examination) extension() finding {
	f := finding{name: "charts", state: note, mend: e.install()}
	files, err := labextension.Files()
	if err != nil {
		f.detail, f.mend = "shown as pictures: "+err.Error(), "make build, then "+e.install()
		return f
	}
	ours, err := fs.ReadFile(files, "package.json")
	if err != nil {
		f.detail = err.Error()
		return f
	}
	for _, p := range e.places {
		dir := p.labExtension(labextension.Name)
		theirs, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		switch {
		case err != nil:
			f.detail = err.Error()
		case !bytes.Equal(ours, theirs):
			f.detail = dir + " is of another version"
		default:
			f.state, f.detail = good, dir
		}
		return f
	}
	f.detail = "JupyterLab shows them as pictures: the extension is not installed"
	return f
}

// completion tells which gopls kernels will use.
func completion(ctx context.Context) finding {
	f := finding{name: "completion", state: note, mend: "make install, or: go install golang.org/x/tools/gopls@" + goplsVersion}
	path, err := complete.Find()
	if err != nil {
		f.detail = err.Error() + ": names and members are completed without it"
		return f
	}
	out, err := exec.CommandContext(ctx, path, "version").CombinedOutput()
	if err != nil {
		f.detail = fmt.Sprintf("%s does not run: %v\n%s", path, err, firstLine(string(out)))
		return f
	}
	f.state, f.detail = good, path
	if _, v, ok := strings.Cut(firstLine(string(out)), " "); ok {
		f.detail = "gopls " + strings.TrimSpace(v) + ", " + path
	}
	return f
}

// goplsVersion is that of kernel/tools/go.mod; a test compares them. A later one
// wants a later Go.
const goplsVersion = "v0.23.0"

func jupyterCommand() finding {
	for _, name := range []string{"jupyter-lab", "jupyter-notebook", "jupyter"} {
		if exe, err := exec.LookPath(name); err == nil {
			return finding{name: "Jupyter", state: good, detail: exe}
		}
	}
	return finding{name: "Jupyter", state: note, detail: "not in PATH (VS Code brings its own; gopark run needs none)",
		mend: "make lab, or: python3 -m venv .venv && .venv/bin/pip install jupyterlab"}
}

func pythonCommand() finding {
	if exe, err := exec.LookPath("python3"); err == nil {
		return finding{name: "Python", state: good, detail: exe}
	}
	return finding{name: "Python", state: note, detail: "not in PATH; JupyterLab needs it, the kernel does not",
		mend: "apt-get install python3-venv (macOS: brew install python)"}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
