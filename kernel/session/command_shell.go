package session

import (
	"errors"
	"fmt"
	"gopark/kernel/explain"
	"os"
	"strings"
)

func shell(x *execution, args, _ string) error {
	dir := x.current().dir
	if rest, ok := strings.CutPrefix(args, "*"); ok {
		args, dir = rest, x.o.Engine.ModuleDir()
	}
	return x.runShell("bash", args, dir)
}

func script(x *execution, _, body string) error {
	return x.runShell("bash", body, x.current().dir)
}

func posixScript(x *execution, _, body string) error {
	return x.runShell("sh", body, x.current().dir)
}

// feed gives the cell to a command's standard input, as a shell's here-document
// does.
func feed(x *execution, args, body string) error {
	if strings.TrimSpace(args) == "" {
		return errors.New("which command is to read the cell?")
	}
	end := "END"
	for strings.Contains("\n"+body+"\n", "\n"+end+"\n") {
		end += "_"
	}
	if body != "" && !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	return x.runShell("bash", args+" <<'"+end+"'\n"+body+end+"\n", x.current().dir)
}

// runShell runs text in a shell, to the same rules as a program: its output in
// order, its failure an error, nothing of it left behind.
func (x *execution) runShell(shell, text, dir string) error {
	inv := Invocation{Path: shell, Args: []string{"-c", text}, Dir: dir, Env: x.environ(x.current()), Signals: true,
		Reads: x.reads || x.password, Password: x.password}
	x.reads, x.password = false, false
	e, f := x.start(inv)
	if f != nil {
		return f
	}
	if e.Interrupted {
		if f := x.outOfTime(); f != nil {
			return f
		}
		return explain.New("Interrupted", fmt.Sprintf("stopped after %.1f s", e.Wall.Seconds()))
	}
	if f := x.ended(nil, e); f != nil {
		return f
	}
	return nil
}

func writeFile(x *execution, args, body string) error {
	f, name, appends, err := x.openFile(args)
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
	verb := "wrote"
	if appends {
		verb = "appended"
	}
	x.out.Print("stdout", fmt.Sprintf("%s %d bytes: %s\n", verb, len(body), name))
	return nil
}

// capture copies what the cell prints to a file.
func capture(x *execution, args, _ string) error {
	f, _, _, err := x.openFile(args)
	if err != nil {
		return err
	}
	x.out.captureTo(f)
	return nil
}

// openFile opens the file that a command is to write: [-a] FILE.
func (x *execution) openFile(args string) (f *os.File, name string, appends bool, err error) {
	words, err := fields(args)
	if err != nil {
		return nil, "", false, err
	}
	mode := os.O_TRUNC
	if appends = len(words) > 0 && words[0] == "-a"; appends {
		mode, words = os.O_APPEND, words[1:]
	}
	if len(words) != 1 {
		return nil, "", false, fmt.Errorf("one file name is wanted, there are %d", len(words))
	}
	f, err = os.OpenFile(x.resolve(words[0]), os.O_WRONLY|os.O_CREATE|mode, 0o666)
	return f, words[0], appends, err
}
