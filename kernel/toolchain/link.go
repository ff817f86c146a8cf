package toolchain

import (
	"context"
	"path/filepath"
)

// link makes the executable of main.a. It takes three quarters of a build:
// most of its time goes into reading what the program imports, so archives
// are lean and symbol and debugger tables are left out; panics and profiles
// have their lines from a table that stays. libgcc is the C compiler's support
// library, or empty.
func (t *Toolchain) link(ctx context.Context, p *program, libgcc string, dir *tempDir, bin *Binary) error {
	mode := "exe"
	if t.env.defaultPIE(p.kind) {
		mode = "pie"
	}
	args := []string{"-o", dir.join(programFile), "-importcfg", dir.join("importcfg"), "-buildmode=" + mode, "-s", "-w"}
	if p.kind == Race {
		args = append(args, "-race", "-installsuffix", "race")
	}
	if libgcc != "" {
		args = append(args, "-libgcc", libgcc)
	}
	if p.isTest() {
		args = append(args, "-X", "testing.testBinary=1") // testing.Testing() is true
	}
	args = append(append(args, p.ldflags...), dir.join("main.a"))
	out, err := run(ctx, process{
		path: filepath.Join(t.env.tooldir, "link"), args: args, dir: dir.path, env: t.env.forTool(p.kind),
	})
	bin.Link = out.took
	bin.Output += clean(string(out.stdout)+string(out.stderr), dir.path)
	return toolError(err, dir.path)
}
