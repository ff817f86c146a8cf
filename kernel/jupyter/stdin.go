package jupyter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"gopark/kernel/zmtp"
)

// stdinFor is how long a prompt waits for the stdin connection of the front
// end that runs the cell, which may be connecting again.
const stdinFor = 2 * time.Second

// A prompt is a question that a cell asks.
type prompt struct {
	from   string        // the identity that may answer
	id     string        // the input_request
	answer chan string   // receives one answer
	turn   chan struct{} // closed when it may be asked
}

// prompts are the open questions, oldest first. Cells of several subshells may
// ask at the same time. A front end is asked one question at a time: its answer
// need not say which question it answers.
type prompts struct {
	mu   sync.Mutex
	open []*prompt
}

// ask sends an input_request to the front end that sent r, when it has answered
// what it was asked before, and waits for its answer or the end of ctx, whose
// cause it returns.
func (all *prompts) ask(ctx context.Context, s *Server, r *request, text string, password bool) (string, error) {
	m, id, err := s.wire.message("input_request", r.header, nil, object{"prompt": text, "password": password})
	if err != nil {
		return "", err
	}
	p := &prompt{from: r.from.ID(), id: id, answer: make(chan string, 1), turn: make(chan struct{})}
	all.add(p)
	defer all.remove(p)
	select {
	case <-p.turn:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}

	connected, cancel := context.WithTimeoutCause(ctx, stdinFor, errors.New("the front end has no stdin connection"))
	defer cancel()
	if err := s.stdin.Send(connected, p.from, append(append(zmtp.Message{}, r.idents...), m...)); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return "", cause
		}
		return "", fmt.Errorf("cannot ask for input: %w", err)
	}
	select {
	case value := <-p.answer:
		return value, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// first returns the oldest question to a front end, or nil. It is the one whose
// turn it is.
func (all *prompts) first(from string) *prompt {
	for _, p := range all.open {
		if p.from == from {
			return p
		}
	}
	return nil
}

func (all *prompts) add(p *prompt) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.open = append(all.open, p)
	if all.first(p.from) == p {
		close(p.turn)
	}
}

func (all *prompts) remove(p *prompt) {
	all.mu.Lock()
	defer all.mu.Unlock()
	hadTurn := all.first(p.from) == p
	all.open = slices.DeleteFunc(all.open, func(q *prompt) bool { return q == p })
	if next := all.first(p.from); hadTurn && next != nil {
		close(next.turn)
	}
}

// onStdin handles a message on the stdin channel. An answer to a question that
// is not being asked any more is dropped. Whether it belongs to this one is
// known by its parent, which jupyter_client leaves empty.
func (s *Server) onStdin(r *request) {
	if r.kind != "input_reply" {
		s.log.Info("ignored a message on stdin", "type", r.kind)
		return
	}
	var content struct{ Value string }
	if err := r.decode(&content); err != nil {
		s.log.Warn("dropped an answer", "err", err)
		return
	}
	all := &s.prompts
	all.mu.Lock()
	defer all.mu.Unlock()
	p := all.first(r.from.ID())
	if p == nil || r.parent != "" && r.parent != p.id {
		s.log.Info("dropped an answer that nobody waits for")
		return
	}
	select {
	case p.answer <- content.Value:
	default:
		s.log.Info("dropped a second answer to one question")
	}
}
