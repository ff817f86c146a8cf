package cell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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
	inserted string // what was put in there
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
	d.inserted = mend(before, after, d.Prefix)
	d.text = before + d.inserted + after
	d.c = Parse(0, d.text)
	at := d.codeOffset(d.typed)
	place, partial := placeOf(d.c, at)
	if d.Place = place; place != Code {
		d.Prefix, d.inserted, d.text = partial, "", before+after
		d.c = Parse(0, d.text)
	}
	d.shape(at)
	return d
}

// clean is text as Parse reads it.
func clean(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\r", ""), "\uFFFD")
}

// identBefore is the length of the identifier that text ends in.
func identBefore(text string) int {
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeLastRuneInString(text[:len(text)-n])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		n += size
	}
	// A number is no identifier.
	for s := text[len(text)-n:]; s != ""; {
		r, size := utf8.DecodeRuneInString(s)
		if !unicode.IsDigit(r) {
			break
		}
		s, n = s[size:], n-size
	}
	return n
}

func identStart(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return r == '_' || unicode.IsLetter(r)
}

// mend is what to put in at the cursor: a name after a dot that has none, and
// the brackets that the line has open where nothing comes behind the cursor.
func mend(before, after, prefix string) string {
	var in string
	dot := strings.HasSuffix(before[:len(before)-len(prefix)], ".")
	if dot && prefix == "" && !identStart(after) && !strings.HasSuffix(before, "..") {
		in = "_"
	}
	rest, _, _ := strings.Cut(after, "\n")
	if (in == "" && prefix == "") || strings.TrimSpace(rest) != "" {
		return in
	}
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return in + strings.Map(func(r rune) rune {
		if r == '}' {
			return -1 // a block that is open at the end of a line is no slip
		}
		return r
	}, closers(line))
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

// shape renders the files.
func (d *Draft) shape(at int) {
	c := d.c
	d.origin = &origin{text: d.text}
	gone := map[string]bool{}
	declares := false // func main
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
			declares = declares || key == "main"
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
	within := func(ch chunk) bool { return ch.start <= at && at <= ch.end }
	head := false
	inside := false
	for _, ch := range c.chunks {
		inside = inside || within(ch) && ch.tok != token.IMPORT
		switch {
		case ch.tok == token.IMPORT: // rendered above, or broken
		case ch.decl:
			copyOf(ch.start, ch.end)
		default:
			head = true
		}
	}
	loose := !inside && (c.mainAt < 0 || at < c.mainAt)
	if head || loose {
		name := "main"
		if declares || c.mainAt >= 0 {
			name = "_"
		}
		fmt.Fprintf(&b, "func %s() {\n", name)
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
		name := "main"
		if declares {
			name = "_"
		}
		fmt.Fprintf(&b, "func %s() {\n", name)
		copyOf(c.mainAt, len(c.code))
		b.WriteString("}\n")
	}
	d.Files = append(d.Files, SourceFile{"cell.go", []byte(b.String())})
	d.spans = append(d.spans, nil)
	d.Cursor = d.fileOffset(at)
}

// Imports are the packages that the draft's files import, by the names that they
// have there.
func (d *Draft) Imports() map[string]string {
	all := map[string]string{}
	for _, bound := range d.bound {
		maps.Copy(all, bound)
	}
	return all
}

// With is the draft's files with more imports in each, by name, and how far that
// moves the text behind them in the last. Names that mean something else are
// left out.
func (d *Draft) With(imports map[string]string) (files []SourceFile, shift int) {
	const head = "package main\n"
	for i, f := range d.Files {
		var b strings.Builder
		b.WriteString(head)
		for _, name := range slices.Sorted(maps.Keys(imports)) {
			if d.bound[i][name] == "" && !d.resolver.declared[name] {
				fmt.Fprintf(&b, "import %s %q\n", name, imports[name])
			}
		}
		shift = b.Len() - len(head)
		b.Write(f.Text[len(head):])
		files = append(files, SourceFile{f.Name, []byte(b.String())})
	}
	return files, shift
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

// Offset is where byte off of the cell's text stands in the last file; ok is
// false when that text is not in it.
func (d *Draft) Offset(off int) (at int, ok bool) {
	if len(d.Files) == 0 || off < 0 || off > len(d.text)-len(d.inserted) {
		return 0, false
	}
	if off > d.typed {
		off += len(d.inserted)
	}
	code := d.codeOffset(off)
	for _, p := range d.pieces {
		if p.from <= code && code <= p.to {
			return p.at + code - p.from, true
		}
	}
	return 0, false
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

// A plainFile is a file of the memory's. Unlike those of a program it has no
// //line directives, because it is never compiled, and units of many cells.
type plainFile struct {
	units   []*unit
	imports []imported
	bound   map[string]string
}

// memoryFiles puts units into as few files as the names of their imports allow.
// One file that grows costs gopls less than many that come and go.
func (d *Draft) memoryFiles(units []*unit) (files []*plainFile) {
	origins, byOrigin := group(units)
	for _, o := range origins {
		imports := d.resolver.imports(o, byOrigin[o])
		i := slices.IndexFunc(files, func(f *plainFile) bool { return f.fits(d.resolver, imports) })
		if i < 0 {
			i = len(files)
			files = append(files, &plainFile{bound: map[string]string{}})
		}
		f := files[i]
		f.units = append(f.units, byOrigin[o]...)
		for _, im := range imports {
			name := d.resolver.local(im.importSpec)
			if f.bound[name] == "" || name == "_" || name == "." {
				f.imports = append(f.imports, im)
				f.bound[name] = im.path
			}
		}
	}
	return files
}

// fits reports whether the imports mean in the file what they mean alone.
func (f *plainFile) fits(r *resolver, imports []imported) bool {
	for _, im := range imports {
		name := r.local(im.importSpec)
		if have := f.bound[name]; name == "." || have != "" && have != im.path && name != "_" {
			return false
		}
	}
	return f.bound["."] == ""
}

func (f *plainFile) render() (text string, spans []span) {
	var b strings.Builder
	b.WriteString("package main\n")
	for _, im := range f.imports {
		fmt.Fprintf(&b, "import %s %q\n", im.name, im.path)
	}
	for _, u := range f.units {
		if u.before != "" {
			b.WriteString(u.before + "\n")
		}
		from := b.Len()
		b.WriteString(u.text)
		spans = append(spans, span{from, b.Len(), u})
		b.WriteString("\n")
		if u.after != "" {
			b.WriteString(u.after + "\n")
		}
	}
	return b.String(), spans
}

// imports are the cell's own and those that its text wants.
func (d *Draft) imports(at int) (out []importSpec) {
	bound := map[string]bool{}
	for _, im := range d.origin.imports {
		out = append(out, im)
		if im.name != "_" && im.name != "." {
			bound[d.resolver.local(im)] = true
		}
	}
	wanted, atCursor := dotted(d.c.code, at)
	for _, x := range slices.Sorted(maps.Keys(wanted)) {
		if bound[x] || d.resolver.declared[x] {
			continue
		}
		im, ok := d.resolver.find(d.origin, x, wanted[x])
		if ok && x == atCursor && im.name == "" && len(wanted[x]) == 0 {
			im.path = d.beginning(x, im.path)
		}
		if ok {
			out = append(out, importSpec{name: im.name, path: im.path})
		}
	}
	return out
}

// beginning is the package called x that has a name with the draft's prefix:
// rand.Te is crypto/rand, though rand alone is math/rand.
func (d *Draft) beginning(x, path string) string {
	for _, p := range append([]string{path}, d.packages.Named(x)...) {
		pkg, err := d.packages.Import(p)
		if err != nil {
			continue
		}
		for _, name := range pkg.Scope().Names() {
			if token.IsExported(name) && hasPrefix(name, d.Prefix) {
				return p
			}
		}
	}
	return path
}

// declared are the keys that a declaration, maybe broken, declares.
func declared(text string) (keys []string) {
	f, _ := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, parser.SkipObjectResolution)
	if f == nil {
		return nil
	}
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			key := decl.Name.Name
			if decl.Recv != nil && len(decl.Recv.List) == 1 {
				key = receiver(decl.Recv.List[0].Type) + "." + key
			}
			keys = append(keys, key)
		case *ast.GenDecl:
			for _, s := range decl.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					keys = append(keys, s.Name.Name)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						keys = append(keys, id.Name)
					}
				}
			}
		}
	}
	return keys
}
