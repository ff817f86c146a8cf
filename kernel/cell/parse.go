package cell

import (
	"strconv"
	"strings"
)

// A Cell is one cell's text, taken apart.
type Cell struct {
	// ID is the number that the front end shows beside the cell.
	ID int
	// Text is what the front end sent.
	Text string
	// Commands are the lines that begin with % or !, in order.
	Commands []Command
	// Magic is set when the first line claims the whole cell: %%writefile,
	// %%bash and their like. The rest of the cell is Body, and Go is empty.
	Magic *Command
	Body  string

	// code is Text with every command line emptied, so that lines keep their
	// numbers. mainAt is the offset in code where the body of main begins
	// (after a %% or %main line), or -1.
	code   string
	mainAt int
	chunks []chunk
}

// A Command is one line that begins with % or !.
type Command struct {
	// Name is the word after the sign: "env", "help"; "%" for a bare %%, "!"
	// for a shell command.
	Name string
	// Args is the rest of the line, without surrounding blanks.
	Args string
	// Line is its line in the cell, counted from 1.
	Line int
}

// File is the name that stands for a cell in //line directives, and so in
// every position that the compiler and the runtime print.
func File(id int) string { return "cell[" + strconv.Itoa(id) + "]" }

// ID is the cell's number in a name made by File.
func ID(file string) (id int, ok bool) {
	s, ok := strings.CutPrefix(file, "cell[")
	if !ok {
		return 0, false
	}
	s, ok = strings.CutSuffix(s, "]")
	if !ok {
		return 0, false
	}
	id, err := strconv.Atoi(s)
	return id, err == nil
}

// wholeCell are the commands that take the rest of the cell as their text.
var wholeCell = map[string]bool{"writefile": true, "bash": true, "sh": true, "script": true, "gx": true}

// Parse takes a cell apart. It never fails: what is wrong with the Go in it is
// Check's to say.
func Parse(id int, text string) *Cell {
	// The scanner drops carriage returns from literals and replaces bytes that
	// are no UTF-8; offsets hold only without either.
	text = strings.ReplaceAll(text, "\r", "")
	text = strings.ToValidUTF8(text, "\uFFFD")
	c := &Cell{ID: id, Text: text, mainAt: -1}
	if c.magic() {
		return c
	}
	var code strings.Builder
	var lx lexer
	lines := strings.SplitAfter(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if !lx.commandLine(line) {
			lx.line(line)
			code.WriteString(line)
			continue
		}
		cmd := parseCommand(line, i+1)
		code.WriteString("\n")
		// A shell command goes on after a backslash, as in a shell.
		for cmd.Name == "!" && strings.HasSuffix(cmd.Args, `\`) && i+1 < len(lines) {
			i++
			cmd.Args = strings.TrimSuffix(cmd.Args, `\`) + " " + strings.TrimSpace(lines[i])
			code.WriteString("\n")
		}
		c.Commands = append(c.Commands, cmd)
		// Only the first %% opens main. GoNB dies of the second one.
		if (cmd.Name == "%" || cmd.Name == "main") && c.mainAt < 0 {
			c.mainAt = code.Len()
			lx = lexer{}
		}
	}
	c.code = code.String()
	head := c.code
	if c.mainAt >= 0 {
		head = c.code[:c.mainAt]
	}
	c.chunks = split(head)
	return c
}

func (c *Cell) magic() bool {
	first, rest, _ := strings.Cut(c.Text, "\n")
	first = strings.TrimPrefix(first, prefix)
	if !strings.HasPrefix(first, "%%") {
		return false
	}
	cmd := parseCommand(first, 1)
	if !wholeCell[cmd.Name] {
		return false
	}
	c.Magic, c.Body = &cmd, rest
	return true
}

// prefix may stand before any command, so that a cell is also a Go file.
const prefix = "//gonb:"

func parseCommand(line string, n int) Command {
	line = strings.TrimSpace(strings.TrimPrefix(line, prefix))
	if rest, ok := strings.CutPrefix(line, "!"); ok {
		return Command{Name: "!", Args: strings.TrimSpace(rest), Line: n}
	}
	line = line[1:]
	if rest, ok := strings.CutPrefix(line, "%"); ok {
		if rest == "" || rest[0] == ' ' || rest[0] == '\t' {
			return Command{Name: "%", Args: strings.TrimSpace(rest), Line: n}
		}
		line = rest
	}
	name, args, _ := strings.Cut(line, " ")
	if t, a, ok := strings.Cut(name, "\t"); ok {
		name, args = t, a+" "+args
	}
	return Command{Name: name, Args: strings.TrimSpace(args), Line: n}
}

// Command finds the first command of that name.
func (c *Cell) Command(name string) (Command, bool) {
	for _, cmd := range c.Commands {
		if cmd.Name == name {
			return cmd, true
		}
	}
	return Command{}, false
}

// HasGo reports whether anything but commands, comments and blanks is in the cell.
func (c *Cell) HasGo() bool { return c.mainAt >= 0 || len(c.chunks) > 0 }

// line is the number of the line, and column the byte in it, at offset off of
// the cell's text; both count from 1.
func (c *Cell) position(off int) (line, column int) {
	before := c.code[:off]
	line = 1 + strings.Count(before, "\n")
	return line, off - strings.LastIndexByte(before, '\n')
}

// SourceLine is line n of the cell's text (from 1), without its newline.
func SourceLine(text string, n int) string {
	for ; n > 1; n-- {
		_, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return ""
		}
		text = rest
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}
