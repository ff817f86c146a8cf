// Package complete is gopls as a child of the kernel: it answers what could
// stand at a cursor and what a name means, on files that are on no disk.
//
// A [Gopls] keeps one process alive, in the background and at low priority. The
// first question makes it start one and show it the session's module and the
// packages that cells use most; only then is it there for questions. Until then,
// and whenever it is not, each question is refused at once with [ErrNotReady]. It never stands in
// anybody's way: what runs a cell does not wait for it, and no question waits
// longer than its context.
//
// # Invariants
//
//   - One goroutine, the keeper, owns the process: it starts it, waits for its
//     death, and starts it again, later each time. Close ends and waits for it.
//   - One question at a time is under way: the files that gopls sees are those
//     of that question. The others wait for their turn, or for their context.
//   - A question that somebody stopped waiting for goes on in gopls, and the next
//     one waits for it. A process that leaves one open for half a minute, or
//     that reads no more, is killed.
//   - A process that holds more than [Options].MemoryLimit, or that nobody has
//     asked anything for [Options].Idle, is ended. The next question starts it.
//   - It uses no network, leaves no file, and has nothing of its own in the
//     kernel's process group: process.Supervisor binds it to the kernel.
package complete
