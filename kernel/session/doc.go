// Package session is one kernel's state and what it does with a cell.
//
// A [Session] holds the memory, the settings (%env, %cd, %goflags, %race) and
// an [Engine], which builds and runs programs. Execute takes a cell through
// package cell (take apart, check), the engine (build, run) and package explain
// (what went wrong), and tells a [Publisher] about it in the order of events:
// streams and displays as they happen, then the result, then at most one error.
//
// The package starts no process and opens no socket itself, and builds for
// js/wasm: an Engine does what needs a machine.
//
// # Invariants
//
//   - All methods but Close may be called at any time, by several goroutines at
//     once. Cells that run at the same time have their own outputs, and each is
//     interrupted by the end of its own context. What a cell sees of the memory
//     and the settings is what they were when it got so far; the memory takes
//     up what a cell declares when it was checked and built, so of two cells
//     that declare one name the later to get there wins.
//   - The lock on memory and settings is held for moments only: never while
//     something is checked, built or run.
//   - Close is called last, when no cell runs.
//   - A cell with an error leaves the memory as it was.
//   - When Execute returns, everything that the cell wrote has been published,
//     and no goroutine of the session's is left.
package session
