// Package process runs one child program for a cell: its process group, its
// pipes, its display pipe, its limits and its death.
//
// # Who owns what
//
// A [Supervisor] belongs to one kernel. It owns a private temporary folder
// (mode 0700) that holds the display pipes, one operating system thread that
// starts every child, and the guard: a second process that outlives a killed
// kernel just long enough to kill what the kernel ran and remove the folder.
//
// [Supervisor.Run] owns everything else for as long as it runs: three
// goroutines, and a fourth while a line of input is asked for, which it waits for, and every descriptor it opened, which it
// closes.
//
//   - The calling goroutine is the pump. It alone reads the child's output
//     and its display pipe, writes to the child, and calls the Sink; only
//     Sink.Input is called by a goroutine of its own, so that a program can go
//     on while it is waited for.
//   - The waiter blocks until the child is dead, kills the rest of its group,
//     and wakes the pump.
//   - The interrupter waits for the end of the context and then sends the
//     signals. It never waits for the pump: a Sink that blocks delays output,
//     not an interrupt.
//
// The child is reaped last, when both helpers have ended: until then its
// number, and the number of its group, cannot be given to another process, and
// so no signal of ours can reach a stranger.
//
// # Order
//
// One poll loop watches all of the child's pipes. When bytes come through the
// display pipe they are read first; then everything that standard output and
// standard error hold at that moment is read and handed to the Sink; only then
// are the displays handed over and their syncs acknowledged. What the program
// wrote before a display therefore comes before it. A program that waits for
// the acknowledgement of each display before it goes on gets exactly the
// order in which it wrote. One that doesn't wait may see text that it wrote
// just after a display arrive just before it. Between standard output and
// standard error there is no order that anyone could know: what is ready at
// the same moment is passed on with standard output first.
//
// # The end
//
// When the child is dead its whole group is killed, and its pipes are read to
// their end. A process that left the group (by setsid or a job-control shell)
// can keep them open; it is waited for only briefly.
//
// # Systems
//
// Linux and macOS. On macOS there is no signal at the death of the parent, so
// there only the guard cleans up after a killed kernel.
package process
