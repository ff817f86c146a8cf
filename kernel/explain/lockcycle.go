package explain

import "strings"

// LockCycle finds goroutines in a dump that wait for locks which they hold
// themselves, in a circle, whatever the others do. Who holds what is read from
// the source, so it is evidence and no proof. Nil when there is no circle.
func LockCycle(dump string, source Source) *Failure {
	lib := newLibrary(source)
	w := newWaitGraph(lib, learners(ParseDump(dump)))
	cycle := w.cycle()
	if len(cycle) == 0 {
		return nil
	}
	var in []Goroutine
	for _, e := range cycle {
		if e.how != "held by" || e.read {
			return nil
		}
		in = append(in, *w.waiters[e.from].Goroutine)
	}
	among := newWaitGraph(lib, in)
	var told []string
	for _, e := range cycle {
		told = append(told, lib.told(w, e).String())
	}
	value := strings.Join(told, "; ")
	p := &Page{title: "No progress: a circle of locks", raw: dump}
	lib.waits(p, among)
	return finish("Deadlock", value, p, true)
}
