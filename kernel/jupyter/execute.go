package jupyter

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// settleFor bounds how long a failed cell waits for requests that have arrived
// and are not queued yet.
const settleFor = 100 * time.Millisecond

// An execution is a queued execute_request.
type execution struct {
	*request
	aborted bool // guarded by the queue until it is taken
}

// A queue holds the execute requests that wait, oldest first, and what stops
// the one that runs.
type queue struct {
	wake chan struct{} // holds a token when something was added

	mu        sync.Mutex
	waiting   []*execution
	interrupt context.CancelCauseFunc // nil: nothing runs
}

func (q *queue) add(r *request) {
	q.mu.Lock()
	q.waiting = append(q.waiting, &execution{request: r})
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take removes the oldest request, whose context stop ends. It returns nil
// when there is none.
func (q *queue) take(stop context.CancelCauseFunc) *execution {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil
	}
	e := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	q.interrupt = stop
	return e
}

// done says that the request which was taken runs no more.
func (q *queue) done() {
	q.mu.Lock()
	q.interrupt = nil
	q.mu.Unlock()
}

// abort marks what waits as not to be run. It is answered in its turn.
func (q *queue) abort() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.abortLocked()
}

func (q *queue) abortLocked() {
	for _, e := range q.waiting {
		e.aborted = true
	}
}

// stop interrupts the cell that runs and aborts those that wait.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.abortLocked()
	if q.interrupt != nil {
		q.interrupt(ErrInterrupted)
	}
}

// executeAll runs what is queued, one request after the other, until ctx ends.
// What is queued then has been marked as aborted, and is answered.
func (s *Server) executeAll(ctx context.Context, sub *subshell) {
	for {
		cellCtx, stop := context.WithCancelCause(ctx)
		if e := sub.queue.take(stop); e != nil {
			s.execute(cellCtx, e, &sub.queue)
			sub.queue.done()
			stop(nil)
			continue
		}
		stop(nil)
		select {
		case <-sub.queue.wake:
		case <-ctx.Done():
			return
		}
	}
}

// execute answers one request, which was taken from a queue.
func (s *Server) execute(ctx context.Context, e *execution, behind *queue) {
	count := s.count.last()
	s.iopub.busy(e.request, true)
	defer s.iopub.idle(e.request, true)
	started := time.Now()
	reply := func(status string, extra, content object) {
		metadata := object{"started": date(started), "status": status}
		for k, v := range extra {
			metadata[k] = v
		}
		content["status"], content["execution_count"] = status, count
		s.reply(s.shell, e.request, "execute_reply", metadata, content)
	}
	if e.aborted || ctx.Err() != nil {
		reply("aborted", nil, object{})
		return
	}

	var q struct {
		Code            string            `json:"code"`
		Silent          bool              `json:"silent"`
		StoreHistory    *bool             `json:"store_history"`
		UserExpressions map[string]string `json:"user_expressions"`
		AllowStdin      bool              `json:"allow_stdin"`
		StopOnError     *bool             `json:"stop_on_error"`
	}
	if err := e.decode(&q); err != nil {
		reply("error", nil, malformed(err))
		return
	}
	req := ExecuteRequest{
		Subshell:        e.subshell,
		Code:            q.Code,
		Silent:          q.Silent,
		StoreHistory:    !q.Silent && (q.StoreHistory == nil || *q.StoreHistory),
		UserExpressions: q.UserExpressions,
		AllowStdin:      q.AllowStdin,
		StopOnError:     q.StopOnError == nil || *q.StopOnError,
	}
	if req.StoreHistory {
		count = s.count.next()
	}
	req.Count = count
	if !req.Silent {
		s.iopub.publish("execute_input", "execute_input", e.header, object{"code": req.Code, "execution_count": count})
	}

	out := &output{s: s, ctx: ctx, r: e.request, req: req}
	result := s.run(ctx, req, out)
	out.end(result.Failure)
	if req.StoreHistory {
		s.history.add(entry{line: count, input: req.Code, output: out.result})
	}
	f := result.Failure
	if f == nil {
		reply("ok", result.Metadata, object{
			"payload":          orEmpty(result.Payload),
			"user_expressions": orNone(result.UserExpressions),
		})
		return
	}
	if req.StopOnError && !req.Silent {
		// What was sent before this failure is known has to be aborted, and
		// what is sent after it must not be: so first read what has arrived,
		// then reply.
		s.shell.Settle(settleFor)
		behind.abort()
	}
	reply("error", result.Metadata, object{
		"ename":            f.Name,
		"evalue":           f.Value,
		"traceback":        orEmpty(f.Traceback),
		"payload":          orEmpty(result.Payload),
		"user_expressions": orNone(result.UserExpressions),
	})
}

// run calls the kernel, and turns a panic in it into a failed cell.
func (s *Server) run(ctx context.Context, req ExecuteRequest, out *output) (reply ExecuteReply) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic in a cell's execution", "panic", p, "stack", string(debug.Stack()))
			reply = ExecuteReply{Failure: &Failure{
				Name:      "InternalError",
				Value:     fmt.Sprintf("the kernel has a bug: %v", p),
				Traceback: []string{fmt.Sprintf("InternalError: the kernel has a bug: %v", p)},
			}}
		}
	}()
	return s.kernel.Execute(ctx, req, out)
}
