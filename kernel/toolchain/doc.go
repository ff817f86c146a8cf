// Package toolchain turns the source of a program into a binary, quickly, and
// owns the module that a session's programs are built in.
//
// The quick way calls the Go distribution's own compile and link against
// archives that were prepared beforehand, and skips everything else that
// `go build` does: loading packages, hashing them, stamping build IDs. What
// comes out is the same program. Flags that this way cannot honour lead to
// `go build`, and the result says so.
//
// # On disk
//
// Everything lives under one folder, shared by all kernels of a user:
//
//	modules/<hash>/      the course's module, extracted
//	archives/xx/<hash>.a compiled packages, named by their SHA-256, read-only
//	sets/<key>.json      which archives make up one prepared set, and who imports whom
//	programs/xx/<key>/   built programs, least recently used removed first
//	tmp/                 folders of builds that run now
//
// Files are written aside and renamed, so that a reader sees all of one or
// nothing. Preparing holds an flock, so that two kernels that start at once do
// the work once. What is damaged or deleted is noticed when used and made
// again.
//
// # Invariants
//
//   - A [Toolchain] and a [Module] are safe for concurrent use. Neither owns a
//     goroutine or a process between calls, so neither has a Close.
//   - A set of packages never changes after it is made; a module swaps its
//     pointer to the current one under its mutex.
//   - Every process runs in a group of its own, which is killed when the
//     context ends; every call waits for what it started.
//   - Only [Module.Get] uses the network.
//   - The user's GOFLAGS, GOWORK, GOENV and their like change nothing here:
//     `go env` is read once, and what matters (proxy, caches, C compiler) is
//     passed on by name.
//
// The package needs a Unix: process groups and flock.
package toolchain
