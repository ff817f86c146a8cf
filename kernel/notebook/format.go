package notebook

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// A FormatError says why bytes are not a notebook, and where.
type FormatError struct {
	// Line and Column count from 1; Column counts characters. Both are 0 when
	// the fault has no place, as in an empty file.
	Line, Column int
	// Path is the value at fault, like cells[3].source, or empty.
	Path string
	Msg  string
}

func (e *FormatError) Error() string {
	msg := e.Msg
	if e.Path != "" {
		msg = e.Path + ": " + msg
	}
	if e.Line == 0 {
		return msg
	}
	return fmt.Sprintf("line %d column %d: %s", e.Line, e.Column, msg)
}

// faultAt makes an error for the byte at offset off.
func faultAt(data []byte, off int, path, msg string) *FormatError {
	off = min(off, len(data))
	start := bytes.LastIndexByte(data[:off], '\n') + 1
	return &FormatError{
		Line:   bytes.Count(data[:off], []byte{'\n'}) + 1,
		Column: utf8.RuneCount(data[start:off]) + 1,
		Path:   path,
		Msg:    msg,
	}
}

// conflict finds the first marker that an unfinished git merge left in the
// file: the usual reason why a notebook stops being JSON.
func conflict(data []byte) (off int, ok bool) {
	for _, mark := range []string{"<<<<<<< ", "=======\n", ">>>>>>> "} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return 0, true
		}
		if i := bytes.Index(data, []byte("\n"+mark)); i >= 0 {
			return i + 1, true
		}
	}
	return 0, false
}
