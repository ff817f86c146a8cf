// Package jupyter serves a kernel to Jupyter front ends: version 5.5 of the
// messaging protocol (https://jupyter-client.readthedocs.io/en/stable/messaging.html)
// on the five channels of a connection file. It knows no Go and no cells; what
// code means is the business of the Kernel that it is given.
//
// # A kernel of your own
//
// Write a type with the methods of [Kernel], or embed [Simple] and write only
// Info and Execute; in main, call [Run] with the connection file that is the
// command's argument. A folder with a file kernel.json tells Jupyter about it
// (jupyter kernelspec install FOLDER):
//
//	{"argv": ["/path/to/command", "{connection_file}"], "display_name": "Mine",
//	 "language": "mine", "interrupt_mode": "message"}
//
// Then Execute gets one cell after the other, a context that ends at an
// interrupt, and a [Publisher] for what the cell shows. Everything else of the
// protocol is done: signatures, the order of messages, aborting what is queued
// behind a failure, history, input, heartbeat, the end. examples/calc is a whole
// kernel in under 60 lines, which passes jupyter_kernel_test. A kernel whose
// Execute may be called by several goroutines says so in [Info], and has
// subshells. One that is slow to start calls [Listen] first and then
// [Server.Run]: front ends wait for ports, not for compilers.
//
// # Invariants
//
// Who owns what, and in which order things happen:
//
//   - Listen binds all five sockets before anything slow starts; Serve then
//     runs until a shutdown request or the end of its context, and closes them.
//   - Execute runs on one goroutine for the main shell and one for each subshell
//     (JEP 91), one request after the other in each; they share the execution
//     count and the history. Complete and Inspect run on another goroutine, so
//     that they answer while a cell runs.
//     Everything else is answered at once on the connection's own goroutine,
//     and the heartbeat on goroutines that nothing here can keep busy.
//   - Every request on shell and control is bracketed on IOPub by busy and
//     idle with that request as parent; its reply is sent before its idle. When
//     a request is answered while a cell runs, the cell's busy is repeated
//     after that idle, because front ends show the state that came last.
//   - What is published has one order, the same for all subscribers. A cell's
//     idle follows all its output: nothing is published for a cell whose
//     Execute has returned.
//   - Until the first subscriber comes, for at most a second after the first
//     request, what would be published is kept for it.
//   - A message that is malformed, unsigned, signed with another key or seen
//     before is logged and dropped, whoever sent it.
package jupyter
