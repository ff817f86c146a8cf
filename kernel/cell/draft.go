package cell

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// A Draft is a cell that somebody is typing, in the shape of a program: its
// declarations at the top, its statements or the body under %% in a main, the
// imports that it wants, and the memory beside it. It need not parse: what is
// open at the end of a declaration is closed, and a dot with nothing behind it
// gets a name, so that a parser finds as much as there is.
//
// A Draft changes nothing, and is for one goroutine.
type Draft struct {
	// Files are the memory's declarations, in one file or, where cells have given
	// one name to several imports, in more, and last the draft's own.
	Files []SourceFile
	// Cursor is the offset, in the last file, of the cursor.
	Cursor int
	// Place says what the cursor is in. A draft in a command has no Files.
	Place Place
	// Prefix is what stands before the cursor and a completion replaces: the
	// beginning of a name, of an import path, or of the last word of a command.
	Prefix string
	// Command is the whole command that the cursor is in.
	Command Command

	memory   *Memory
	packages Packages
	resolver *resolver
	origin   *origin
	text     string // the cell, with what was put in at the cursor
	typed    int    // the cursor in text
	c        *Cell
	pieces   []piece
	spans    [][]span            // units of the memory's files, for each file
	bound    []map[string]string // names that imports bind, for each file
	result   *understood
}

// A Place is what a cursor is in.
type Place int

const (
	Code      Place = iota
	InCommand       // a line that begins with % or !
	InText          // a comment, a string, or the text of a whole-cell command
	InImport        // the path of an import
)

// A piece is text of the cell's code that stands unchanged in the file.
type piece struct{ from, to, at int }

// Draft shapes the text of a cell with the cursor at a byte offset. It never
// fails.
func (m *Memory) Draft(text string, cursor int, packages Packages) *Draft {
	cursor = min(max(0, cursor), len(text))
	before, after := clean(text[:cursor]), clean(text[cursor:])
	d := &Draft{memory: m, packages: packages, typed: len(before)}
	d.text = before + after
	d.c = Parse(0, d.text)
	if d.inCommand() {
		return d
	}
	d.Prefix = before[len(before)-identBefore(before):]
	d.text = before + mend(before, after, d.Prefix) + after
	d.c = Parse(0, d.text)
	at := d.codeOffset(d.typed)
	place, partial := placeOf(d.c, at)
	if d.Place = place; place != Code {
		d.Prefix, d.text = partial, before+after
		d.c = Parse(0, d.text)
	}
	main := d.shape()
	d.render(at, main)
	return d
}

// inCommand finds out whether the cursor is in a command, or in the text of one
// that claims the whole cell.
func (d *Draft) inCommand() bool {
	line := strings.Count(d.text[:d.typed], "\n")
	start := strings.LastIndexByte(d.text[:d.typed], '\n') + 1
	if d.c.Magic != nil && line > 0 {
		d.Place = InText
		return true
	}
	full := SourceLine(d.text, line+1)
	if d.c.Magic == nil && (full == "" || SourceLine(d.c.code, line+1) != "") {
		return false
	}
	upTo := d.text[start:d.typed]
	d.Place = InCommand
	bare := strings.TrimPrefix(upTo, prefix)
	if !strings.HasPrefix(bare, "%") {
		// A shell's, or its continuation; or the cursor is before the sign.
		d.Place = InText
		return true
	}
	d.Command = parseCommand(full, line+1)
	d.Prefix = upTo[strings.LastIndexAny(upTo, " \t")+1:]
	if d.Prefix == upTo {
		d.Prefix = bare // the command's own name, with its signs
	}
	return true
}

// codeOffset is where offset off of the text stands in the cell's code, whose
// command lines are empty.
func (d *Draft) codeOffset(off int) int {
	line := strings.Count(d.text[:off], "\n")
	column := off - (strings.LastIndexByte(d.text[:off], '\n') + 1)
	at := 0
	for ; line > 0; line-- {
		i := strings.IndexByte(d.c.code[at:], '\n')
		if i < 0 {
			return len(d.c.code)
		}
		at += i + 1
	}
	return min(at+column, len(d.c.code))
}

// shape finds out what the cell declares and imports, and makes the memory's
// files of the rest. It reports whether the cell has a func main.
func (d *Draft) shape() (main bool) {
	c := d.c
	d.origin = &origin{text: d.text}
	gone := map[string]bool{}
	for _, ch := range c.chunks {
		if !ch.decl {
			continue
		}
		text := c.code[ch.start:ch.end]
		if ch.tok == token.IMPORT {
			parseUnits(c, d.origin, ch) // for the imports; a broken one has none
			continue
		}
		for _, key := range declared(text + closers(text)) {
			gone[key] = true
			main = main || key == "main"
		}
	}
	units := without(d.memory.units, gone)
	units = slices.DeleteFunc(units, func(u *unit) bool { return d.memory.aside[u.heading()] })
	d.resolver = &resolver{memory: d.memory, packages: d.packages, declared: gone, unusable: map[importSpec]bool{}}
	for _, u := range units {
		for _, n := range u.names {
			d.resolver.declared[n.key] = true
		}
	}
	for _, f := range d.memoryFiles(units) {
		text, spans := f.render()
		d.Files = append(d.Files, SourceFile{fmt.Sprintf("memory%d.go", len(d.Files)), []byte(text)})
		d.spans = append(d.spans, spans)
		d.bound = append(d.bound, f.bound)
	}
	return main
}

// render makes the draft's own file, with the cursor at offset at of the code:
// declarations first, then the statements in one function, the body under %% in
// another. One of them is main, unless the cell declares that itself.
func (d *Draft) render(at int, main bool) {
	c := d.c
	bound := map[string]string{}
	d.bound = append(d.bound, bound)
	var b strings.Builder
	b.WriteString("package main\n")
	for _, im := range d.imports(at) {
		fmt.Fprintf(&b, "import %s %q\n", im.name, im.path)
		if name := d.resolver.local(im); name != "_" && name != "." {
			bound[name] = im.path
		}
	}
	copyOf := func(from, to int) {
		d.pieces = append(d.pieces, piece{from, to, b.Len()})
		b.WriteString(c.code[from:to])
		b.WriteString(closers(c.code[from:to]))
		b.WriteString("\n")
	}
	head, inside := false, false // is there a statement; is the cursor in anything
	for _, ch := range c.chunks {
		inside = inside || ch.start <= at && at <= ch.end && ch.tok != token.IMPORT
		switch {
		case ch.tok == token.IMPORT: // rendered above, or broken
		case ch.decl:
			copyOf(ch.start, ch.end)
		default:
			head = true
		}
	}
	// A cursor that is in nothing yet is where a statement may begin.
	loose := !inside && (c.mainAt < 0 || at < c.mainAt)
	name := map[bool]string{false: "main", true: "_"}
	if head || loose {
		fmt.Fprintf(&b, "func %s() {\n", name[main || c.mainAt >= 0])
		for _, ch := range c.chunks {
			if loose && at < ch.start {
				copyOf(at-len(d.Prefix), at)
				loose = false
			}
			if !ch.decl {
				copyOf(ch.start, ch.end)
			}
		}
		if loose {
			copyOf(at-len(d.Prefix), at)
		}
		b.WriteString("}\n")
	}
	if c.mainAt >= 0 {
		fmt.Fprintf(&b, "func %s() {\n", name[main])
		copyOf(c.mainAt, len(c.code))
		b.WriteString("}\n")
	}
	d.Files = append(d.Files, SourceFile{"cell.go", []byte(b.String())})
	d.spans = append(d.spans, nil)
	d.Cursor = d.fileOffset(at)
}

// fileOffset is where an offset in the code stands in the last file: the
// nearest place when the code is not in it.
func (d *Draft) fileOffset(off int) int {
	best := 0
	for _, p := range d.pieces {
		if p.from <= off && off <= p.to {
			return p.at + off - p.from
		}
		if p.to < off {
			best = p.at + p.to - p.from
		}
	}
	return best
}

// Line is the line of the cell's text, from 1, that an offset in the last file
// comes from; 0 for what the cell did not write.
func (d *Draft) Line(at int) int {
	for _, p := range d.pieces {
		if p.at <= at && at <= p.at+p.to-p.from {
			line, _ := d.c.position(p.from + at - p.at)
			return line
		}
	}
	return 0
}
