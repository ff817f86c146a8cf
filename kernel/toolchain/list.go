package toolchain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// listed is what `go list -json` says about a package.
type listed struct {
	ImportPath string
	Name       string
	Standard   bool
	Export     string
	Stale      bool
	Imports    []string
	ImportMap  map[string]string
	Error      *struct{ Pos, Err string }
	DepsErrors []*struct{ Err string }
	Module     *struct {
		Replace *struct{ Path, Version string }
	}
	GoFiles  []string
	CgoFiles []string
}

const listedFields = "ImportPath,Name,Standard,Export,Stale,Imports,ImportMap,Error,DepsErrors,Module,GoFiles,CgoFiles"

// leanArchives builds packages without debugger tables. Programs are linked
// without them anyway (-s -w); not reading them saves a seventh of the
// linker's time and a quarter of the disk. Stack traces, profiles and race
// reports use other tables.
const leanArchives = "-gcflags=all=-dwarf=0"

// request is one run of `go list`.
type request struct {
	dir      string
	kind     Kind
	patterns []string
	export   bool // compile what is not in the go cache, and say where it is
	network  bool
	low      bool
	compiled func(path string) // for each package that had to be compiled
}

// list runs `go list -deps`. A package that cannot be loaded or compiled is in
// the answer with its Error; only when nothing can be said is there an error.
func (t *Toolchain) list(ctx context.Context, r request) ([]*listed, error) {
	args := []string{"list", "-e", "-deps", leanArchives, "-json=" + listedFields}
	if r.kind == Race {
		args = append(args, "-race")
	}
	if r.export {
		args = append(args, "-export")
	}
	var onLine func(string)
	if r.compiled != nil {
		args = append(args, "-v") // names packages on stderr as they are compiled
		onLine = func(line string) {
			if !strings.ContainsAny(line, " \t:#") {
				r.compiled(line)
			}
		}
	}
	args = append(append(args, "--"), r.patterns...)
	out, err := run(ctx, process{
		path: t.env.command, args: args, dir: r.dir, env: t.env.forGo(r.kind, r.network), low: r.low, onLine: onLine,
	})
	if err != nil {
		var exit *exitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("listing packages: %s", strings.TrimSpace(string(out.stderr)))
		}
		return nil, err
	}
	var all []*listed
	for dec := json.NewDecoder(bytes.NewReader(out.stdout)); ; {
		p := new(listed)
		if err := dec.Decode(p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("listing packages: %w", err)
		}
		all = append(all, p)
	}
}

// collect copies the archives of listed packages into the store.
func (t *Toolchain) collect(ctx context.Context, all []*listed) ([]*pkg, error) {
	broken := map[string]string{}
	var out []*pkg
	for _, l := range all { // dependencies come before what imports them
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		if l.Error == nil && len(l.GoFiles)+len(l.CgoFiles) == 0 {
			continue // tests only: nothing to import
		}
		p := &pkg{Path: l.ImportPath, Name: l.Name, Std: l.Standard}
		if l.Module != nil && l.Module.Replace != nil && l.Module.Replace.Version == "" && family(p) != 1 {
			p.Local = true
		}
		for _, imp := range l.Imports {
			if mapped := l.ImportMap[imp]; mapped != "" {
				imp = mapped
			}
			if imp != "C" {
				p.Imports = append(p.Imports, imp)
			}
		}
		switch {
		case l.Error != nil:
			p.Broken = strings.TrimSpace(l.Error.Err)
		case l.Export != "":
			var err error
			if p.Hash, p.Size, p.CRC, err = t.store.put(l.Export); err != nil {
				return nil, fmt.Errorf("keeping the archive of %s: %w", p.Path, err)
			}
		case p.Path != "unsafe":
			p.Broken = "it was not compiled"
			if len(l.DepsErrors) > 0 {
				p.Broken = strings.TrimSpace(l.DepsErrors[0].Err)
			}
		}
		// The reason of the first package that failed is the one to show.
		for _, imp := range p.Imports {
			if why := broken[imp]; why != "" {
				p.Broken = fmt.Sprintf("it imports %s: %s", imp, why)
				break
			}
		}
		if p.Broken != "" {
			p.Hash, p.Size, p.CRC = "", 0, 0
			broken[p.Path] = p.Broken
		}
		out = append(out, p)
	}
	return out, nil
}
