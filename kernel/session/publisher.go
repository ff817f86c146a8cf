package session

import "context"

// A Publisher receives what a cell shows, in the order in which it happened.
// The Jupyter server, the headless notebook runner and the tests are publishers.
//
// Execute calls the methods of one Publisher one at a time and never after it
// has returned. Only Input is called by a goroutine of its own: while it waits
// for an answer, the program may go on and others be called.
type Publisher interface {
	// Stream appends text (valid UTF-8) to "stdout" or "stderr".
	Stream(name, text string)
	// Display shows a MIME bundle. Values of JSON types are Go values that
	// encoding/json understands, all others are strings. A non-empty id names
	// the display, so that Update can replace it later.
	Display(data, metadata map[string]any, id string)
	// Update replaces every display shown with the same id.
	Update(data, metadata map[string]any, id string)
	// Result shows the value of the cell's last expression.
	Result(data, metadata map[string]any)
	// Error shows why the cell failed: at most once, and last.
	Error(name, value string, traceback []string)
	// Clear removes what the cell has shown so far; with wait, only when
	// something new arrives.
	Clear(wait bool)
	// Input asks the person at the front end for a line. It returns an error
	// when there is nobody to ask or when ctx ends first.
	Input(ctx context.Context, prompt string, password bool) (string, error)
}
