package compiled

import (
	"runtime/debug"
	"time"
)

// restAfter is how long nobody may ask anything before memory goes back.
const restAfter = 10 * time.Second

// rest gives memory back when the learner thinks: a cell that printed megabytes
// leaves a hundred of garbage, the runtime returns them over minutes, and thirty
// learners have thirty kernels on a machine. It costs one collection a pause.
func (e *Engine) rest() {
	timer := time.NewTimer(restAfter)
	defer timer.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-e.stirred:
			timer.Reset(restAfter)
		case <-timer.C:
			debug.FreeOSMemory()
		}
	}
}

// stir puts off the next rest.
func (e *Engine) stir() {
	select {
	case e.stirred <- struct{}{}:
	default: // one that was not noticed yet will do
	}
}
