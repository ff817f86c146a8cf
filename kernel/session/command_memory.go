package session

import (
	"errors"
	"fmt"
	"gopark/kernel/cell"
	"os"
	"strings"
)

func list(x *execution, _, _ string) error {
	memory := x.remembered()
	entries := memory.Entries()
	if len(entries) == 0 {
		x.out.Print("stdout", "nothing is remembered yet\n")
		return nil
	}
	var b strings.Builder
	for _, e := range entries {
		aside := ""
		if e.Aside {
			aside = "  (set aside: it does not type-check now)"
		}
		fmt.Fprintf(&b, "%-7s %-24s cell [%d] line %d%s\n", e.Kind, e.Name, e.Cell, e.Line, aside)
	}
	x.out.Print("stdout", b.String())
	return nil
}

func remove(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return fmt.Errorf("which declaration? %%ls lists them")
	}
	for _, w := range words {
		// GoNB writes a method as T~M.
		name := strings.ReplaceAll(w, "~", ".")
		removed := 0
		var names []string
		x.memorise(func(m *cell.Memory) {
			for _, e := range m.Entries() {
				names = append(names, e.Name)
			}
			removed = m.Remove(name)
		})
		if removed == 0 {
			if n := nearest(name, names); n != "" {
				return fmt.Errorf("nothing is called %s: did you mean %s?", w, n)
			}
			return fmt.Errorf("nothing is called %s; %%ls lists what there is", w)
		}
		x.out.Print("stdout", "forgot "+name+"\n")
	}
	return nil
}

func reset(x *execution, args, _ string) error {
	switch args {
	case "":
		x.memorise((*cell.Memory).Reset)
	case "go.mod":
	default:
		return fmt.Errorf("only %%reset and %%reset go.mod, not %q", args)
	}
	return x.o.Engine.Forget()
}

// save writes the memory as a program. A file that is there and that is not such
// a program is somebody's own and stays.
func save(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	if len(words) != 1 || !strings.HasSuffix(words[0], ".go") {
		return errors.New("one file name that ends in .go is wanted")
	}
	packages, err := x.o.Engine.Packages(x.ctx, x.progress("prepare"))
	if err != nil {
		return x.engineFailure("the toolchain is not ready", err)
	}
	memory := x.remembered()
	text, err := memory.Export(x.lastMain(), packages)
	if err != nil {
		return err
	}
	const mark = "// Saved from a notebook by gopark.\n\n"
	path := x.resolve(words[0])
	if old, err := os.ReadFile(path); err == nil && !strings.HasPrefix(string(old), mark) {
		return fmt.Errorf("%s is there, and %%save did not write it: choose another name", words[0])
	}
	if err := os.WriteFile(path, []byte(mark+text), 0o666); err != nil {
		return err
	}
	x.out.Print("stdout", fmt.Sprintf("wrote %s: go run %s runs it\n", words[0], words[0]))
	return nil
}
