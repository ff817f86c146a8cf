package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// buildWithGo builds with `go build`, for what the direct way cannot do. It
// does not use the cache of programs: go build has its own, and knows better
// what a program with such flags depends on.
func (m *Module) buildWithGo(ctx context.Context, p *program) (Binary, error) {
	t := m.tc
	if p.isTest() {
		return Binary{}, &CompileError{Output: fmt.Sprintf("tests cannot be built with %s in a cell", p.fallback)}
	}
	if err := m.editing.enter(ctx); err != nil {
		return Binary{}, err
	}
	defer m.editing.leave()
	temp, err := t.newTemp()
	if err != nil {
		return Binary{}, err
	}
	defer temp.remove()
	// The folder's name is part of what go build hashes: a fixed one lets it
	// find its own results again.
	dir := filepath.Join(m.dir, ".build")
	if err := os.RemoveAll(dir); err != nil {
		return Binary{}, fmt.Errorf("building: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return Binary{}, fmt.Errorf("building: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := p.write(dir); err != nil {
		return Binary{}, fmt.Errorf("building: %w", err)
	}
	args := []string{"build", "-o", temp.join(programFile), "-buildvcs=false"}
	if !hasFlag(p.flags, "-gcflags") {
		args = append(args, leanArchives) // as they are prepared, so that they need not be compiled again
	}
	if !hasFlag(p.flags, "-ldflags") {
		args = append(args, "-ldflags=-s -w")
	}
	if p.kind == Race {
		args = append(args, "-race")
	}
	args = append(append(args, p.flags...), "--")
	args = append(args, p.paths(dir)...)
	env := append(t.env.forGo(p.kind, false), p.env...)
	if strings.HasPrefix(p.fallback, `import "C"`) {
		env = append(env, "CGO_ENABLED=1")
	}
	out, err := run(ctx, process{path: t.env.command, args: args, dir: m.dir, env: env})
	bin := Binary{Compile: out.took}
	bin.Output = m.cleanGo(string(out.stdout)+string(out.stderr), dir)
	if err != nil {
		err = toolError(err, dir)
		if c, ok := err.(*CompileError); ok {
			c.Output = m.cleanGo(c.Output, dir)
		}
		return Binary{}, err
	}
	// What go build depends on is unknown here, so the name is the content's.
	key, err := contentKey(temp.join(programFile))
	if err != nil {
		return Binary{}, fmt.Errorf("keeping the program: %w", err)
	}
	kept, err := t.programs.put(key, temp, bin)
	kept.Fallback, kept.Compile, kept.Output = p.fallback, bin.Compile, bin.Output
	return kept, err
}

// cleanGo takes out what go build adds to the compiler's words: a heading for
// the package, and the folder of the files.
func (m *Module) cleanGo(text, dir string) string {
	text = clean(text, dir)
	text = strings.ReplaceAll(text, "."+string(filepath.Separator)+filepath.Base(dir)+string(filepath.Separator), "")
	text = strings.ReplaceAll(text, filepath.Base(dir)+string(filepath.Separator), "")
	lines := slices.DeleteFunc(strings.SplitAfter(text, "\n"), func(l string) bool {
		return strings.TrimSpace(l) == "# command-line-arguments"
	})
	return strings.Join(lines, "")
}

func contentKey(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func hasFlag(flags []string, name string) bool {
	return slices.ContainsFunc(flags, func(f string) bool {
		f = "-" + strings.TrimLeft(f, "-")
		return f == name || strings.HasPrefix(f, name+"=")
	})
}
