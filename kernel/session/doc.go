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
//   - One cell runs at a time: Execute must not be called concurrently with
//     itself or with Close. IsComplete may be called at any time.
//   - A cell with an error leaves the memory as it was.
//   - When Execute returns, everything that the cell wrote has been published,
//     and no goroutine of the session's is left.
package session
