package chart

import (
	"html"
	"strings"
	"unicode/utf8"
)

// A Table is text in rows and columns. Rows may be shorter than the header.
type Table struct {
	Header []string
	Rows   [][]string
	// Right holds the numbers of the columns that are aligned right.
	Right []int
}

func (t Table) isRight(column int) bool {
	for _, r := range t.Right {
		if r == column {
			return true
		}
	}
	return false
}

func (t Table) columns() int {
	n := len(t.Header)
	for _, row := range t.Rows {
		n = max(n, len(row))
	}
	return n
}

// String aligns the columns, two spaces apart, with a rule under the header.
func (t Table) String() string {
	n := t.columns()
	widths := make([]int, n)
	rows := t.Rows
	if t.Header != nil {
		rows = append([][]string{t.Header, nil}, rows...)
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(oneLine(cell)))
		}
	}
	var b strings.Builder
	for at, row := range rows {
		var line strings.Builder
		for i := range n {
			cell, fill := "", " "
			if t.Header != nil && at == 1 {
				fill = "-"
			} else if i < len(row) {
				cell = oneLine(row[i])
			}
			pad := strings.Repeat(fill, widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if t.isRight(i) {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// HTML returns a table element. All text is escaped.
func (t Table) HTML() string {
	var b strings.Builder
	b.WriteString("<table>")
	row := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for i, cell := range cells {
			align := "left"
			if t.isRight(i) {
				align = "right"
			}
			b.WriteString("<" + tag + ` style="text-align:` + align + `">` + html.EscapeString(cell) + "</" + tag + ">")
		}
		b.WriteString("</tr>")
	}
	if t.Header != nil {
		b.WriteString("<thead>")
		row("th", t.Header)
		b.WriteString("</thead>")
	}
	b.WriteString("<tbody>")
	for _, cells := range t.Rows {
		row("td", cells)
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

// oneLine keeps a line break in a cell from breaking the table.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
