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
		{name: "bench", args: "[FLAG…]", help: "Run this cell's benchmarks in rounds; show their times, with intervals, and what changed since the last %bench.", example: "%bench -count=20", run: setBench},
		{name: "race", args: "[on|off]", help: "Watch this cell with the race detector; on and off hold for all cells from here.", example: "%race", run: setRace},
		{name: "repeat", args: "N", help: "Run this cell's program N times, with one processor and with several, and show how often each outcome came; some more runs with the race detector.", example: "%repeat 200", run: setRepeat},
		{name: "goroutines", help: "Draw what the goroutines of the cells do that run now, from a cell that runs beside them (a subshell); or what those of the last cell did that was stopped.", example: "%goroutines", run: showGoroutines},
		{name: "report", args: "[on|off|full]", help: "Show a line about a cell's run when there is something to tell (on), always and with more (full), or never (off).", example: "%report full", run: setReport},
		{name: "trace", args: "[-o FILE]", help: "Draw what the goroutines of this cell did: who ran when, waited for what, and woke whom; -o keeps the trace for go tool trace, and as FILE.json for Perfetto.", example: "%trace", run: setTrace},
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
		{name: "sh", help: "Same as %%bash, with sh.", example: "%%sh\necho $0", run: posixScript},
		{name: "script", args: "COMMAND", help: "First line of a cell: the rest is what COMMAND reads.", example: "%%script wc -l\none\ntwo", run: feed},
		{name: "capture", args: "[-a] FILE", help: "Write what this cell prints to a file too, without any limit; -a appends.", example: "%capture out.txt", run: capture},
		{name: "exec", args: "FUNC [ARG…]", help: "Make this cell's main call FUNC; ARGs are the program's arguments.", example: "%exec serve -n 3", run: nothing},
		{name: "autoget", help: "Fetch the modules that cells import and that are not here yet. That is how a session begins.", example: "%autoget", run: setAutoget(true)},
		{name: "noautoget", help: "Fetch no modules from here.", example: "%noautoget", run: setAutoget(false)},
		{name: "timeout", args: "[TIME | off]", help: "End cells from here that run longer; alone, say how long that is.", example: "%timeout 10s", run: setTimeout},
		{name: "limit", args: "[SIZE | off]", help: "How much of what a cell prints is shown, of each stream; alone, say it.", example: "%limit 10MB", run: setLimit},
		{name: "doc", args: "NAME", help: "Show a declaration and its documentation in the front end's pager.", example: "%doc sync.WaitGroup", run: showDoc},
		{name: "save", args: "FILE", help: "Write what the session remembers, and the last main, as one Go file that go run takes.", example: "%save lesson.go", run: save},
		{name: "help", args: "[COMMAND]", help: "This table, or one line of it.", example: "%help race", run: showHelp},
		{name: "version", help: "Which gopark and which Go this is.", example: "%version", run: showVersion},

		{name: "track", later: "there is nothing to switch on: a replaced module is read afresh whenever a cell is built"},
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

func showVersion(x *execution, _, _ string) error {
	x.out.Print("stdout", fmt.Sprintf("gopark %s, %s\n", x.o.Version, x.o.Engine.Version()))
	return nil
}

// nothing is left to do for a command that the cell's text has followed already.
func nothing(*execution, string, string) error { return nil }
