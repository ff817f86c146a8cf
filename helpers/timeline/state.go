package timeline

// A State is what a goroutine is doing.
type State uint8

// The states, in the order of a legend: at work, wanting to, and what a goroutine
// waits for.
const (
	Running   State = iota
	Runnable        // could run, and has no processor
	Sending         // waits for a receiver, or for room
	Receiving       // waits for a value
	Selecting       // waits in select, for any of several
	Locked          // waits for a mutex, a WaitGroup, a Cond, a Once
	Sleeping        // in time.Sleep
	Network         // waits for a connection
	Syscall         // in a system call, such as reading a file
	Other           // waits for the runtime: the garbage collector, a debugger
	NumStates
)

// An appearance is how a state is named and drawn. The colours are found by a
// search for those whose nearest two are furthest apart, to eyes without red,
// green or blue cones too (state_test.go computes it), near to what people expect:
// work is green, waiting for a sender blue, sleep grey.
type appearance struct {
	name  string
	color string
	mark  rune // in a picture of characters
}

var appearances = [NumStates]appearance{
	Running:   {"running", "#139771", '#'},
	Runnable:  {"ready to run", "#efba2f", '+'},
	Sending:   {"waiting to send", "#e45615", '>'},
	Receiving: {"waiting to receive", "#1561d9", '<'},
	Selecting: {"in select", "#23c2f2", '?'},
	Locked:    {"in a lock or WaitGroup", "#951e2b", 'L'},
	Sleeping:  {"sleeping", "#bababb", 'z'},
	Network:   {"in the network", "#c070a3", 'n'},
	Syscall:   {"in a system call", "#573f72", 's'},
	Other:     {"in the runtime", "#7722ff", 'r'},
}

// String is the state in words: "waiting to receive".
func (s State) String() string { return appearances[s].name }

// Color is the state's colour, as #rrggbb.
func (s State) Color() string { return appearances[s].color }

// Waiting says that the goroutine neither runs nor could.
func (s State) Waiting() bool { return s > Runnable }
