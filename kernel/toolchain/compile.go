package toolchain

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// compile makes main.a of the program's files.
func (t *Toolchain) compile(ctx context.Context, p *program, dir *tempDir, bin *Binary) error {
	args := []string{
		"-o", dir.join("main.a"), "-p", "main", "-complete", "-pack", "-dwarf=0",
		"-importcfg", dir.join("importcfg"),
		"-c", strconv.Itoa(t.procs),
		// Files without //line directives lose the folder, as with go build.
		// The directives themselves hold relative names, which the compiler
		// leaves alone.
		"-trimpath", dir.path + "=>",
	}
	if t.env.defaultPIE(p.kind) {
		args = append(args, "-shared")
	}
	if p.kind == Race {
		args = append(args, "-race", "-installsuffix", "race")
	}
	args = append(append(args, p.gcflags...), "--")
	args = append(args, p.paths(dir.path)...)
	out, err := run(ctx, process{
		path: filepath.Join(t.env.tooldir, "compile"), args: args, dir: dir.path, env: t.env.forTool(p.kind),
	})
	bin.Compile = out.took
	bin.Output = clean(string(out.stdout)+string(out.stderr), dir.path)
	return toolError(err, dir.path)
}

// defaultPIE says where programs are position-independent unless asked not to
// be, as cmd/go has it (internal/platform.DefaultPIE).
func (e *goEnv) defaultPIE(k Kind) bool {
	switch e.goos {
	case "android", "ios", "darwin":
		return true
	case "windows":
		return k != Race
	}
	return false
}

// clean takes the temporary folder out of messages.
func clean(text, dir string) string {
	text = strings.ReplaceAll(text, dir+string(filepath.Separator), "")
	return strings.ReplaceAll(text, dir, ".")
}

// toolError makes a CompileError of a tool that said no. Other ends, such as a
// signal or a missing tool, are not the program's fault.
func toolError(err error, dir string) error {
	var exit *exitError
	if !errors.As(err, &exit) {
		return err
	}
	if strings.TrimSpace(exit.text) == "" {
		return fmt.Errorf("building: %s: %w", filepath.Base(exit.name), exit.err)
	}
	return &CompileError{Output: clean(exit.text, dir)}
}
