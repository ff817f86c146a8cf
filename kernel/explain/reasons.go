package explain

import "strings"

// A reason is a panic or a fatal error of Go's that a learner of concurrency
// meets: the runtime's words stay, and this stands beside them.
type reason struct {
	kind string // "map" for the map errors
	has  string // what the runtime says, or the part of it that tells
	why  string // one sentence: what that means
	try  string
}

// reasons are looked through in order; the first that fits is taken.
var reasons = []reason{
	{has: "send on closed channel",
		why: "A goroutine sent to a channel after another had closed it.",
		try: "let only the sender close, after its last send; with several senders, close once, after a WaitGroup has waited for all of them"},
	{has: "close of closed channel",
		why: "A channel can be closed once; this was the second time.",
		try: "let one goroutine own the channel and close it; where several may want to, put close into a sync.Once, or cancel a context"},
	{has: "close of nil channel",
		why: "The channel was declared but never made.",
		try: "make it first: ch := make(chan …)"},
	{has: "negative WaitGroup counter",
		why: "Done was called more often than Add had counted.",
		try: "start the goroutines with wg.Go, which adds one and takes it away once; or call Add before the go statement and defer wg.Done() once in it"},
	{has: "WaitGroup is reused before previous Wait has returned",
		why: "Add began a new round while a Wait of the last one had not returned yet.",
		try: "use a new WaitGroup for each round, or begin the next one only after Wait has returned"},
	{has: "WaitGroup misuse: Add called concurrently with Wait",
		why: "Add was called while Wait was already waiting for the count to reach zero.",
		try: "call Add before the go statement, in the goroutine that calls Wait; wg.Go does it right"},
	{has: "unlock of unlocked mutex",
		why: "Unlock was called on a mutex that was not locked at that time: unlocked twice, or never locked.",
		try: "write defer mu.Unlock() directly after mu.Lock(), and unlock nowhere else"},
	{has: "RUnlock of unlocked RWMutex",
		why: "RUnlock was called without an RLock before it; a write lock ends with Unlock.",
		try: "pair RLock with RUnlock and Lock with Unlock: defer the one directly after the other"},
	{has: "Unlock of unlocked RWMutex",
		why: "Unlock was called without a Lock before it; a read lock ends with RUnlock.",
		try: "pair Lock with Unlock and RLock with RUnlock: defer the one directly after the other"},
	{kind: "map", has: "concurrent map",
		why: "Two goroutines used one map at the same time, and at least one of them wrote. A map has no lock inside.",
		try: "put a sync.Mutex round every use of the map, or let one goroutine own it; %race shows both places"},
	{has: "assignment to entry in nil map",
		why: "The map was declared but never made: reading a nil map is allowed, writing is not.",
		try: "make it first: m := make(map[…]…), or m := map[…]…{}"},
	{has: "invalid memory address or nil pointer dereference",
		why: "Something on this line is nil: a pointer, an interface or a func without a value.",
		try: "print what stands before the dots on this line; was an error ignored that came with it?"},
	{has: "index out of range"},
	{has: "slice bounds out of range"},
	{has: "integer divide by zero"},
	{has: "hash of unhashable type",
		why: "A slice, a map or a func was used as a key.",
		try: "use a key type that == can compare: a string, a number, an array or a struct of those"},
	{has: "interface conversion",
		why: "The interface holds another type than the one asked for.",
		try: "ask first: v, ok := x.(T), or use a type switch"},
	{has: "all goroutines in bubble are blocked",
		why: "Inside a synctest bubble, every goroutine waits and no timer is left that could wake one.",
		try: "who should have sent, closed or unlocked? In a bubble, nobody outside may do it"},
	{has: "main bubble goroutine has exited but blocked goroutines remain",
		why: "The function of the bubble returned while goroutines that it had started still wait: they leak.",
		try: "wait for them before the function returns, or tell them to stop: cancel their context, close their channel"},
	{has: "out of memory",
		why: "The program wanted more memory than there is.",
		try: "fewer or smaller values at a time: a bounded number of goroutines, a smaller buffer, results that are used and let go"},
	{has: "cannot allocate memory",
		why: "The program wanted more memory than there is.",
		try: "fewer or smaller values at a time: a bounded number of goroutines, a smaller buffer, results that are used and let go"},
	{has: "thread exhaustion",
		why: "More goroutines were inside system calls, or locked to a thread, than there may be threads (10,000, if nobody changed it).",
		try: "bound how many run at a time, with a worker pool or a buffered channel as a semaphore"},
	{has: "program exceeds",
		why: "The program reached a limit of the runtime, threads or memory.",
		try: "bound how many goroutines run at a time, with a worker pool or a buffered channel as a semaphore"},
	{has: "makechan: size out of range",
		why: "The buffer's size is negative or more than memory holds.",
		try: "print the size before make"},
	{has: "makeslice: ",
		why: "The length or the capacity is negative or more than memory holds.",
		try: "print the length before make"},
	{has: "non-positive interval",
		why: "A ticker needs an interval above zero.",
		try: "a number without a unit is nanoseconds, and integer division can make it 0: write 10 * time.Millisecond"},
	{has: "store of inconsistently typed value",
		why: "An atomic.Value holds one type for its whole life, and this was another.",
		try: "use atomic.Pointer[T], which the compiler checks"},
	{has: "store of nil value into Value",
		why: "An atomic.Value cannot hold nil.",
		try: "use atomic.Pointer[T], which can"},
	{has: "sync.Cond is copied",
		why: "The sync.Cond was copied after its first use; the copy knows nothing of those who wait.",
		try: "keep a *sync.Cond, as sync.NewCond returns it, or pass a pointer to the struct that holds it"},
	{has: "semaphore: released more than held",
		why: "Release gave back more than Acquire had taken.",
		try: "call Release once, with the same number, and only after Acquire returned no error"},
	{has: "errgroup: modify limit while",
		why: "SetLimit was called while goroutines of the group were running.",
		try: "call SetLimit before the first Go"},
	{has: "cannot create context from nil parent",
		why: "The parent context is nil.",
		try: "pass the context that you were given, or context.Background() at the top"},
	{has: "nil context",
		why: "A context was expected, and it is nil.",
		try: "pass the context that you were given, or context.Background() at the top"},
	{has: "test timed out after",
		why: "A test ran longer than it may.",
		try: "the goroutines below show where it waited"},
	{has: "panic called with nil argument"},
	{has: "nil func value",
		why: "go was given a func that is nil.",
		try: "give the variable its function before the go statement"},
}

// reasonFor finds what is known of the runtime's words.
func reasonFor(value string) (kind string, r reason) {
	for _, r := range reasons {
		if strings.Contains(value, r.has) {
			return r.kind, r
		}
	}
	return "", reason{}
}
