// Package cell turns the text of notebook cells into Go programs.
//
// A cell is commands (lines that begin with % or !) and Go. [Parse] takes it
// apart. A [Memory] holds the declarations of earlier cells, the newest of each
// name, every one as its own source with its own //line directive, so that any
// message about it names the cell and the line that its author wrote. [Memory.Check]
// puts a cell and the memory together, finds the imports, asks go/types for
// every error at once, and answers with a [Program]: the files to compile,
// holding only what the cell reaches.
//
// The package starts no process, opens no file and knows no Jupyter. It builds
// for js/wasm.
//
// # Invariants
//
//   - A Memory changes only in Commit, Remove and Reset. Check works on a
//     candidate beside it, so a cell with an error changes nothing.
//   - A remembered declaration that no longer type-checks is set aside, never
//     deleted: it comes back by itself when what it needs comes back.
//   - A declaration outside the cell that is being checked never makes that
//     cell fail, unless the cell uses it.
//
// A Memory is not safe for concurrent use; the session that owns it runs one
// cell at a time. Cells and Programs are read-only once made.
package cell
