package session

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopark/kernel/cell"
	"gopark/kernel/explain"
)

// A command is a line that begins with %. The table below is what %help shows
// and what kernel/README.md lists.
type command struct {
	name    string
	args    string // how its arguments read
	help    string // one sentence
	example string
	// later says why a command of GoNB's does nothing here yet.
	later string
	run   func(x *execution, args, body string) error
}

// commands lists every command, in the order of %help.
func commands() []command {
	return []command{
		{name: "%", args: "[ARG…]", help: "What follows is the body of main; ARGs are its arguments. Same as %main.", example: "%%\nfmt.Println(\"hello\")", run: setArgs},
		{name: "main", args: "[ARG…]", help: "Same as %%.", example: "%main -n 3", run: setArgs},
		{name: "args", args: "ARG…", help: "Arguments for this cell's func main.", example: "%args -n 3", run: setArgs},
		{name: "test", args: "[FLAG…]", help: "Run this cell's tests, benchmarks and examples. Without flags: all of them, with names.", example: "%test -run=TestSum -count=10", run: setTests},
		{name: "race", args: "[on|off]", help: "Watch this cell with the race detector; on and off hold for all cells from here.", example: "%race", run: setRace},
		{name: "env", args: "[NAME=VALUE | NAME VALUE | NAME]", help: "Set an environment variable for cells and ! commands; alone, list what was set.", example: "%env GOMAXPROCS=1", run: setEnv},
		{name: "cd", args: "[DIR]", help: "Change the folder that cells run in; alone, say which it is.", example: "%cd ..", run: changeDir},
		{name: "goflags", args: "[FLAG…]", help: "Build flags for all cells from here; alone, list them; \"\" for none.", example: "%goflags -gcflags=-m", run: setFlags},
		{name: "ls", help: "List what the session remembers: declarations and the cells they came from. Also %list.", example: "%ls", run: list},
		{name: "list", help: "Same as %ls.", example: "%list", run: list},
		{name: "rm", args: "NAME…", help: "Forget declarations. A method is T.M; a type takes its methods along. Also %remove.", example: "%rm Fetch T.String", run: remove},
		{name: "remove", args: "NAME…", help: "Same as %rm.", example: "%remove Fetch", run: remove},
		{name: "reset", args: "[go.mod]", help: "Forget all declarations and fetched modules; with go.mod, only the modules.", example: "%reset", run: reset},
		{name: "!", args: "COMMAND", help: "Run a shell command.", example: "!go version", run: shell},
		{name: "with_inputs", help: "The next ! command may read: the front end asks for each line.", example: "%with_inputs\n!read -p \"name? \" x; echo hello $x", run: withInputs},
		{name: "with_password", help: "As %with_inputs, with what is typed hidden.", example: "%with_password\n!sudo -S true", run: withPassword},
		{name: "bash", args: "", help: "First line of a cell: the rest is a shell script.", example: "%%bash\nfor i in 1 2 3; do echo $i; done", run: script},
		{name: "writefile", args: "[-a] FILE", help: "First line of a cell: write the rest to a file; -a appends.", example: "%%writefile data.txt\none\ntwo", run: writeFile},
		{name: "help", args: "[COMMAND]", help: "This table, or one line of it.", example: "%help race", run: showHelp},
		{name: "version", help: "Which gopark and which Go this is.", example: "%version", run: showVersion},

		{name: "exec", args: "FUNC [ARG…]", later: "call the function under %% instead"},
		{name: "autoget", later: "missing modules are always fetched when a cell imports them"},
		{name: "noautoget", later: "missing modules are always fetched when a cell imports them"},
		{name: "sh", later: "use %%bash"},
		{name: "script", later: "use %%bash"},
		{name: "capture", later: "redirect in the program, or use ! with >"},
		{name: "track", later: "a replaced module in go.mod is read afresh when it is fetched"},
		{name: "untrack", later: "nothing is tracked"},
		{name: "goworkfix", later: "there is no go.work to fix: gopark/helpers is built in"},
		{name: "wasm", later: "cells run as programs of this machine"},
		{name: "widgets", later: "widgets are not drawn"},
		{name: "widgets_hb", later: "widgets are not drawn"},
		{name: "gx", later: "GX is not built in"},
	}
}

// command runs one command of the cell; body is the rest of the cell for those
// that claim it.
func (x *execution) command(c cell.Command, body string) *explain.Failure {
	all := commands()
	i := slices.IndexFunc(all, func(k command) bool { return k.name == c.Name })
	if i < 0 {
		value := fmt.Sprintf("unknown command %%%s (line %d)", c.Name, c.Line)
		var names []string
		for _, k := range all {
			names = append(names, k.name)
		}
		try := "%help lists all commands"
		if n := nearest(c.Name, names); n != "" {
			value += fmt.Sprintf(": did you mean %%%s?", n)
		}
		return explain.New("CommandError", value, try)
	}
	k := all[i]
	if k.later != "" {
		x.note(fmt.Sprintf("%%%s does nothing in this kernel yet: %s", k.name, k.later))
		return nil
	}
	if err := k.run(x, c.Args, body); err != nil {
		if f, ok := err.(*explain.Failure); ok {
			return f
		}
		f := explain.New("CommandError", fmt.Sprintf("%s (line %d): %v", title(k), c.Line, err))
		if k.example != "" {
			f.Traceback = append(f.Traceback, "for example:", "    "+strings.ReplaceAll(k.example, "\n", "\n    "))
		}
		return f
	}
	return nil
}

// title is how a command is written.
func title(k command) string {
	switch k.name {
	case "!":
		return "!"
	case "bash", "writefile", "sh", "script", "gx":
		return "%%" + k.name
	}
	return "%" + k.name
}

func setArgs(x *execution, args, _ string) (err error) {
	x.args, err = fields(args)
	return err
}

func setTests(x *execution, args, _ string) error {
	x.tests = true
	return setArgs(x, args, "")
}

func setRace(x *execution, args, _ string) error {
	switch args {
	case "":
		x.race = true
	case "on", "off":
		x.race = args == "on"
		x.set(func(s *settings) { s.race = x.race })
	default:
		return fmt.Errorf("neither on nor off: %s", args)
	}
	return nil
}

func setEnv(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		for _, kv := range x.current().overlay() {
			x.out.Print("stdout", kv+"\n")
		}
		return nil
	}
	name, value, ok := strings.Cut(words[0], "=")
	if name == "" || strings.ContainsAny(name, " \x00") {
		return fmt.Errorf("no name before the =: %s", args)
	}
	switch {
	case ok:
		value = strings.Join(append([]string{value}, words[1:]...), " ")
	case len(words) == 1:
		for _, kv := range x.environ(x.current()) {
			if v, ok := strings.CutPrefix(kv, name+"="); ok {
				value = v
			}
		}
		x.out.Print("stdout", name+"="+value+"\n")
		return nil
	default:
		value = strings.Join(words[1:], " ")
	}
	x.set(func(s *settings) { s.setenv(name, value) })
	return nil
}

// resolve is a path as the learner means it: ~ is home, and what is relative
// begins at the session's folder.
func (s *Session) resolve(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || rest[0] == '/') {
		if home, err := os.UserHomeDir(); err == nil {
			path = home + rest
		}
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.current().dir, path)
	}
	return filepath.Clean(path)
}

func changeDir(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	switch len(words) {
	case 0:
	case 1:
		dir := x.resolve(words[0])
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is a file", dir)
		}
		x.set(func(s *settings) { s.dir = dir })
	default:
		return fmt.Errorf("one folder, not %d: quote a name with blanks", len(words))
	}
	x.out.Print("stdout", x.current().dir+"\n")
	return nil
}

func setFlags(x *execution, args, _ string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		x.out.Print("stdout", "%goflags "+strings.Join(x.current().flags, " ")+"\n")
		return nil
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	x.set(func(s *settings) { s.flags = words })
	return nil
}

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

func shell(x *execution, args, _ string) error {
	if rest, ok := strings.CutPrefix(args, "*"); ok {
		x.note("!* runs in the session's folder here, like !")
		args = rest
	}
	return x.runScript(args)
}

func script(x *execution, _, body string) error { return x.runScript(body) }

// runScript runs text in a shell, to the same rules as a program: its output
// in order, its failure an error, nothing of it left behind.
func (x *execution) runScript(text string) error {
	now := x.current()
	inv := Invocation{Path: "bash", Args: []string{"-c", text}, Dir: now.dir, Env: x.environ(now), Signals: true,
		Reads: x.reads || x.password, Password: x.password}
	x.reads, x.password = false, false
	x.out.expectInput(inv.Reads)
	e, err := x.o.Engine.Run(x.ctx, inv, x.out)
	if err != nil {
		return x.engineFailure("the shell cannot be started", err)
	}
	x.measured(e)
	if e.Interrupted {
		return explain.New("Interrupted", fmt.Sprintf("stopped after %.1f s", e.Wall.Seconds()))
	}
	if f := x.ended(nil, e); f != nil {
		return f
	}
	return nil
}

func writeFile(x *execution, args, body string) error {
	words, err := fields(args)
	if err != nil {
		return err
	}
	mode, verb := os.O_TRUNC, "wrote"
	if len(words) > 0 && words[0] == "-a" {
		mode, verb, words = os.O_APPEND, "appended", words[1:]
	}
	if len(words) != 1 {
		return fmt.Errorf("one file name is wanted, there are %d", len(words))
	}
	f, err := os.OpenFile(x.resolve(words[0]), os.O_WRONLY|os.O_CREATE|mode, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(body)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	x.out.Print("stdout", fmt.Sprintf("%s %d bytes: %s\n", verb, len(body), words[0]))
	return nil
}

func showVersion(x *execution, _, _ string) error {
	x.out.Print("stdout", fmt.Sprintf("gopark %s, %s\n", x.o.Version, x.o.Engine.Version()))
	return nil
}
