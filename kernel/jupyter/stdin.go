package jupyter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gopark/kernel/zmtp"
)

// stdinFor is how long a prompt waits for the stdin connection of the front
// end that runs the cell, which may be connecting again.
const stdinFor = 2 * time.Second

// A prompt is the question that a cell asks, if it asks one. Only one cell
// runs at a time, so there is at most one.
type prompt struct {
	mu     sync.Mutex
	from   string      // the identity that may answer
	id     string      // the input_request
	answer chan string // nil: nothing was asked
}

// ask sends an input_request to the front end that sent r, and waits for its
// answer or the end of ctx, whose cause it returns.
func (p *prompt) ask(s *Server, ctx context.Context, r *request, text string, password bool) (string, error) {
	m, id, err := s.wire.message("input_request", r.header, nil, object{"prompt": text, "password": password})
	if err != nil {
		return "", err
	}
	answer := make(chan string, 1)
	p.set(r.from.ID(), id, answer)
	defer p.set("", "", nil)

	connected, cancel := context.WithTimeoutCause(ctx, stdinFor, errors.New("the front end has no stdin connection"))
	defer cancel()
	if err := s.stdin.Send(connected, r.from.ID(), append(append(zmtp.Message{}, r.idents...), m...)); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return "", cause
		}
		return "", fmt.Errorf("cannot ask for input: %w", err)
	}
	select {
	case value := <-answer:
		return value, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (p *prompt) set(from, id string, answer chan string) {
	p.mu.Lock()
	p.from, p.id, p.answer = from, id, answer
	p.mu.Unlock()
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
	p := &s.prompt
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer == nil || r.from.ID() != p.from || r.parent != "" && r.parent != p.id {
		s.log.Info("dropped an answer that nobody waits for")
		return
	}
	p.answer <- content.Value
	p.answer = nil
}
