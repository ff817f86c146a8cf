package chart

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// A server is one process that runs Serve, seen from outside. Two goroutines
// belong to it: one writes the questions, one reads the answers and, when they
// end, buries the process. close waits for both.
type server struct {
	cmd     *exec.Cmd
	lines   chan []byte   // to the writer
	closing chan struct{} // no more questions
	gone    chan struct{} // the process has been waited for; cause is set
	work    sync.WaitGroup
	once    sync.Once
	cause   error // valid when gone is closed

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan<- answer
}

// diedError says that the process ended before it answered.
type diedError struct{ cause error }

func (e *diedError) Error() string { return fmt.Sprintf("the chart renderer died: %v", e.cause) }
func (e *diedError) Unwrap() error { return e.cause }

// closeTime is how long a process may take to end when its questions have.
// The kernel's own end has to fit into 0.7 s, on a busy machine too, and must
// not wait for a chart that nobody will see, or for a renderer that is warming up.
const closeTime = 300 * time.Millisecond

func startServer(argv []string) (*server, error) {
	if len(argv) == 0 {
		return nil, errors.New("start the chart renderer: no command is set")
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	detach(cmd)
	fail := func(err error) (*server, error) {
		return nil, fmt.Errorf("start the chart renderer: %w", err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fail(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fail(err)
	}
	notes := new(tail)
	cmd.Stderr = notes
	// A helper of its own that keeps stderr open must not hold up Wait.
	cmd.WaitDelay = closeTime
	if err := cmd.Start(); err != nil {
		return fail(err)
	}
	s := &server{
		cmd:     cmd,
		lines:   make(chan []byte),
		closing: make(chan struct{}),
		gone:    make(chan struct{}),
		waiting: make(map[uint64]chan<- answer),
	}
	s.work.Go(func() { s.write(stdin) })
	s.work.Go(func() { s.read(stdout, notes) })
	return s, nil
}

// draw sends one question and waits for its answer.
func (s *server) draw(ctx context.Context, chart []byte, width int) ([]byte, error) {
	answers := make(chan answer, 1)
	s.mu.Lock()
	s.last++
	id := s.last
	s.waiting[id] = answers
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.waiting, id)
		s.mu.Unlock()
	}()
	line, err := json.Marshal(question{id, width, chart})
	if err != nil {
		return nil, fmt.Errorf("the chart is not JSON: %w", err)
	}
	select {
	case s.lines <- append(line, '\n'):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-s.closing:
		return nil, ErrClosed
	case <-s.gone:
		return nil, &diedError{s.cause}
	}
	select {
	case a := <-answers:
		if a.Error != "" {
			return nil, errors.New(a.Error)
		}
		return []byte(a.SVG), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-s.gone:
		return nil, &diedError{s.cause}
	}
}

// write is the goroutine that a slow process blocks instead of its callers.
func (s *server) write(stdin io.WriteCloser) {
	defer stdin.Close() // the process ends at the end of its input
	for {
		select {
		case line := <-s.lines:
			if _, err := stdin.Write(line); err != nil {
				return // the reader learns why
			}
		case <-s.closing:
			return
		case <-s.gone:
			return
		}
	}
}

func (s *server) read(stdout io.Reader, notes *tail) {
	in := bufio.NewScanner(stdout)
	in.Buffer(nil, 2*MaxSVG+4096) // quotes are escaped
	for in.Scan() {
		var a answer
		if err := json.Unmarshal(in.Bytes(), &a); err != nil {
			break
		}
		s.mu.Lock()
		to := s.waiting[a.ID] // nobody, if they have stopped waiting
		delete(s.waiting, a.ID)
		s.mu.Unlock()
		if to != nil {
			to <- a
		}
	}
	// Usually it has ended, but it may have said something else than answers.
	s.kill()
	err := s.cmd.Wait()
	s.cause = errors.Join(err, in.Err(), notes.err())
	if s.cause == nil {
		s.cause = errors.New("it ended without a word")
	}
	close(s.gone)
}

func (s *server) dead() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

func (s *server) kill() {
	// Fails when the process has ended, which is what it is for.
	_ = s.cmd.Process.Kill()
}

// close lets the process end by itself, and after closeTime does not ask.
func (s *server) close() {
	s.once.Do(func() { close(s.closing) })
	timer := time.AfterFunc(closeTime, s.kill)
	defer timer.Stop()
	s.work.Wait()
}

// A tail keeps the end of what a process says on stderr: os/exec writes it, and
// err is called after Wait.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	const keep = 2 << 10
	t.text = append(t.text, p...)
	if over := len(t.text) - keep; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) err() error {
	text := strings.TrimSpace(strings.ToValidUTF8(string(t.text), "\ufffd"))
	if text == "" {
		return nil
	}
	return errors.New(text)
}
