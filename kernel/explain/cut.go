package explain

import "strings"

// cutMark stands in a dump where a part of it was left out.
const cutMark = "[… and more, left out here …]"

// Cut is a dump of which only the beginning and the end were kept; the end may be
// empty. Lines of which a half is missing go. ParseDump knows such a dump, and
// explanations of it say "at least".
func Cut(begin, end string) string {
	begin = begin[:strings.LastIndexByte(begin, '\n')+1]
	_, end, _ = strings.Cut(end, "\n")
	return begin + cutMark + "\n" + end
}

// library is the cells that a dump speaks of.
func (d *Dump) library(source Source) *library {
	l := newLibrary(source)
	l.cut = d.Cut
	return l
}

// atLeast stands before a number of goroutines of a dump.
func (l *library) atLeast() string {
	if l.cut {
		return "at least "
	}
	return ""
}

// count is a number of things in a dump, in words.
func (l *library) count(n int, one, many string) string { return l.atLeast() + plural(n, one, many) }
