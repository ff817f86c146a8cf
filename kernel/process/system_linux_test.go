package process

import (
	"runtime"
	"syscall"
	"testing"
)

// TestStarterKeepsItsThread: Pdeathsig kills a child when the thread that
// forked it ends, so that must be one that stays.
func TestStarterKeepsItsThread(t *testing.T) {
	s := newSupervisor(t)
	thread := func() int {
		id := make(chan int)
		s.starts <- func() { id <- syscall.Gettid() }
		return <-id
	}
	first := thread()
	for range 20 {
		ended := make(chan bool)
		go func() {
			runtime.LockOSThread() // and never unlocks: the thread ends with the goroutine
			ended <- syscall.Gettid() != first
		}()
		if !<-ended {
			t.Fatal("another goroutine runs on the starter's thread")
		}
		if again := thread(); again != first {
			t.Fatalf("children are started from threads %d and %d", first, again)
		}
	}
}
