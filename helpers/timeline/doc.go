// Package timeline reads an execution trace of Go's runtime into what a person
// wants to see of a run: a row for each goroutine, what it did when, who woke
// whom, how many ran at once, a sentence, and what is worth a second look.
//
//	data, _ := timeline.Record(f)           // runs f, traced
//	t, err := timeline.Read(data)
//	fmt.Println(t.Summary())
//	t.Chart("my run").Bundle()              // for display.Bundle
//
// What belongs to a run is settled by creation: the goroutine that set the begin
// mark is the root, and the goroutines that it started, and that those started,
// are its rows. The runtime's own goroutines are left out. The axis goes from the
// begin mark to the end mark; without an end mark, as after a crash, to the last
// event.
//
// A trace knows goroutines, states and stacks. It knows no channels and no values,
// and a send into a buffer with room leaves no event: a line from one goroutine to
// another says who made whom ready, and not what was said.
//
// Everything but Record is a function of its arguments. A Timeline does not change
// once it is read, and is safe for concurrent use. Record is not: the runtime
// writes one trace at a time for it.
//
// The package links golang.org/x/exp/trace, the reader of the Go team. It costs a
// cell that imports the helpers about 2 ms of 107 ms of processor time, whether it
// draws a timeline or not; so Timeline needs no second program, and works wherever
// Go does.
package timeline
