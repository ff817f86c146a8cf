package jupyter

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// subshellFeature is what a kernel with subshells says that it has (JEP 91).
const subshellFeature = "kernel subshells"

// maxSubshells bounds how many a front end can make.
const maxSubshells = 256

// A subshell runs cells one after the other, beside those of other subshells.
// The one that is always there is the main shell, whose id is empty.
type subshell struct {
	id    string
	queue queue
	end   context.CancelCauseFunc // ends what runs and, after answering what waits, the goroutine
}

// subshells are those of a server. Requests are queued under its lock, so that
// none gets lost in one that has just been deleted.
type subshells struct {
	mu      sync.Mutex
	byID    map[string]*subshell
	closed  bool           // no more are made
	workers sync.WaitGroup // a goroutine for each
}

// start makes the subshell with that id, whose cells run until ctx ends.
func (s *Server) start(ctx context.Context, id string) error {
	all := &s.subshells
	all.mu.Lock()
	defer all.mu.Unlock()
	switch {
	case all.closed:
		return ErrShutdown
	case len(all.byID) > maxSubshells:
		return fmt.Errorf("there are %d subshells, which is as many as there may be", maxSubshells)
	}
	ctx, end := context.WithCancelCause(ctx)
	sub := &subshell{id: id, queue: queue{wake: make(chan struct{}, 1)}, end: end}
	if all.byID == nil {
		all.byID = make(map[string]*subshell)
	}
	all.byID[id] = sub
	all.workers.Go(func() {
		defer end(nil)
		s.executeAll(ctx, sub)
	})
	return nil
}

// abort marks what waits in all subshells as not to be run, and makes no more
// of them. It is the beginning of the end.
func (all *subshells) abort() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.closed = true
	for _, sub := range all.byID {
		sub.queue.abort()
	}
}

// errNoSubshell says that a request names a subshell that is not there.
type errNoSubshell string

func (id errNoSubshell) Error() string {
	return fmt.Sprintf("there is no subshell %q; it may have been deleted", string(id))
}

// find returns a subshell, or nil.
func (all *subshells) find(id string) *subshell {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.byID[id]
}

// add queues an execute request where it belongs.
func (all *subshells) add(r *request) error {
	all.mu.Lock()
	defer all.mu.Unlock()
	sub := all.byID[r.subshell]
	if sub == nil {
		return errNoSubshell(r.subshell)
	}
	sub.queue.add(r)
	return nil
}

// remove ends a subshell: its running cell is interrupted, what waits there is
// answered as aborted, and it takes nothing more.
func (all *subshells) remove(id string) error {
	all.mu.Lock()
	defer all.mu.Unlock()
	sub := all.byID[id]
	if sub == nil || id == "" {
		return errNoSubshell(id)
	}
	delete(all.byID, id)
	sub.queue.abort()
	sub.end(ErrInterrupted)
	return nil
}

// ids lists the subshells but for the main shell.
func (all *subshells) ids() []string {
	all.mu.Lock()
	defer all.mu.Unlock()
	ids := slices.Sorted(maps.Keys(all.byID))
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// onSubshell answers a request about subshells.
func (s *Server) onSubshell(r *request) object {
	if !s.kernel.Info().Subshells {
		return failed("NotSupported", "this kernel has no subshells: it runs one cell at a time")
	}
	switch r.kind {
	case "create_subshell_request":
		id := rand.Text()
		if err := s.start(s.ctx, id); err != nil {
			return failed("SubshellError", err.Error())
		}
		return object{"status": "ok", "subshell_id": id}
	case "list_subshell_request":
		return object{"status": "ok", "subshell_id": orEmpty(s.subshells.ids())}
	}
	var q struct {
		ID string `json:"subshell_id"`
	}
	if err := r.decode(&q); err != nil {
		return malformed(err)
	}
	if err := s.subshells.remove(q.ID); err != nil {
		return failed("SubshellNotFound", err.Error())
	}
	return object{"status": "ok"}
}

// lost answers a request for a subshell that is not there.
func (s *Server) lost(r *request, err error) {
	content := failed("SubshellNotFound", err.Error())
	kind := ""
	if kind = replyKind(r); kind == "execute_reply" {
		content["execution_count"] = s.count.last()
	}
	s.answer(s.shell, r, kind, func() object { return content })
}

// Interrupt stops every running cell, with the cause ErrInterrupted, and aborts
// those that wait behind them. It does not wait for the cells to stop. A kernel
// calls it when it gets SIGINT.
//
// An interrupt_request from a front end does the same, because front ends say
// "stop" without saying what: were only the main shell's cell meant, nothing
// could stop the others. One whose header names a subshell stops that alone.
func (s *Server) Interrupt() {
	s.subshells.mu.Lock()
	defer s.subshells.mu.Unlock()
	for _, sub := range s.subshells.byID {
		sub.queue.stop()
	}
}

// interrupt answers an interrupt_request.
func (s *Server) interrupt(r *request) object {
	if r.subshell == "" {
		s.Interrupt()
		return object{"status": "ok"}
	}
	sub := s.subshells.find(r.subshell)
	if sub == nil {
		return failed("SubshellNotFound", errNoSubshell(r.subshell).Error())
	}
	sub.queue.stop()
	return object{"status": "ok"}
}

// A counter makes execution counts, which all subshells share.
type counter struct {
	mu sync.Mutex
	n  int
}

// next returns the count of a cell that is counted.
func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

// last returns the count of the cell that was counted last.
func (c *counter) last() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}
