// Package compiled is the session's engine: cells become programs by the Go
// toolchain's own compiler and linker (package toolchain) and run as processes
// of their own (package process).
//
// # Invariants
//
//   - An Engine owns its module, the folder for its programs, one goroutine for
//     each kind of archives that it prepares in the background, and one that gives
//     memory back in pauses. Close ends and waits for them. The Toolchain and the
//     Supervisor are the caller's.
//   - Programs are built with slots in place of cell numbers, and cached so;
//     the numbers are written into a copy that lives for one run.
package compiled
