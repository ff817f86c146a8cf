// Package helpers is what a cell of the course imports: it measures, compares,
// plays the network, and shows the result as a chart in a notebook or as text
// everywhere else. It works in the gopark kernel, in GoNB, and under go run and
// go test.
//
//	Predict, Time    how long something took, and how much of it was waiting
//	Compare          which of several variants is faster, and how sure that is
//	Sweep            how the time grows with n
//	Remote           a local server that answers as slowly as a far one
//	Show, Table, Markdown, HTML
//
// Invariants: every function shows its result before it returns, and leaves no
// goroutine behind, except that a RemoteServer serves until it is closed. What
// comes from the caller, such as names and titles, is text: it is escaped in
// HTML. Functions that measure should not run at the same time as each other;
// they may, but then they measure each other. Everything else is safe for
// concurrent use.
//
// The package stays away from net/http: compiling and linking a cell that uses the
// helpers takes 118 ms of processor time as it is, and 215 ms with net/http in it
// (a cell with fmt alone: 71 ms). A cell that imports net/http itself pays for it
// itself.
package helpers
