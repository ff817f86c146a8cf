package display

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// firstSync is the number of the first sync. gonbui counts from 0.
const firstSync = 1 << 30

// patience bounds each wait for the kernel: to open its ends of the pipe, to take
// a display, to acknowledge it.
const patience = 5 * time.Second

// A Pipe is the pair of named pipes between a program and its kernel. Its methods
// are safe for concurrent use. It opens at the first send and is never closed:
// the end of the process does that.
type Pipe struct {
	to, from string // names of the two ends; to == "" outside of a notebook
	patience time.Duration
	broken   atomic.Bool

	mu     sync.Mutex // held through a display and its acknowledgement
	opened bool
	err    error // why it is broken
	w      *os.File
	file   *os.File // the end that r reads
	r      *bufio.Reader
	syncs  int64

	// Set before main if gonbui shares the program; see relay.
	acks     chan int64
	toGonbui *os.File
	keep     []*os.File
}

// NewPipe returns a Pipe that will write to the named pipe to and read from the
// named pipe from. With an empty name it is unusable from the start.
func NewPipe(to, from string) *Pipe { return &Pipe{to: to, from: from, patience: patience} }

func (p *Pipe) usable() bool { return p.to != "" && p.from != "" && !p.broken.Load() }

// send shows data and returns when the kernel has acknowledged it.
func (p *Pipe) send(data map[string]any, id string) error {
	message, err := displayMessage(data, id)
	if err != nil {
		return err // The caller's mistake: the pipe is whole.
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = p.exchange(message)
	}
	if p.err != nil {
		p.broken.Store(true)
	}
	return p.err
}

func (p *Pipe) exchange(message []byte) error {
	if p.syncs == 0 {
		message = append(definitions(), message...)
	}
	number := firstSync + p.syncs
	p.syncs++
	if err := p.write(append(message, syncMessage(number)...)); err != nil {
		return err
	}
	if p.acks != nil {
		return p.awaitRelayed(number)
	}
	return p.await(number)
}

// write sends whole messages. It opens the pipe if need be.
func (p *Pipe) write(messages []byte) error {
	if !p.opened {
		if err := p.open(); err != nil {
			return err
		}
		p.opened = true
	}
	if err := p.w.SetWriteDeadline(time.Now().Add(p.patience)); err != nil {
		return fmt.Errorf("bounding the write: %w", err)
	}
	if _, err := p.w.Write(messages); err != nil {
		return fmt.Errorf("writing to the kernel: %w", err)
	}
	// Leave no timer running: one would keep the runtime from seeing a deadlock.
	return p.w.SetWriteDeadline(time.Time{})
}

// await reads until the kernel has answered the sync number.
func (p *Pipe) await(number int64) error {
	if err := p.file.SetReadDeadline(time.Now().Add(p.patience)); err != nil {
		return fmt.Errorf("bounding the read: %w", err)
	}
	for {
		frame, err := readFrame(p.r, maxAck)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return p.silent()
		}
		if err != nil {
			return fmt.Errorf("reading from the kernel: %w", err)
		}
		if got, ok := parseAck(frame); ok && got == number {
			return p.file.SetReadDeadline(time.Time{})
		}
	}
}

func (p *Pipe) silent() error {
	return fmt.Errorf("the kernel did not acknowledge a display within %v", p.patience)
}

// open opens both ends, the written one first: GoNB and gonbui do so in this
// order, and each open waits for the other side.
func (p *Pipe) open() (err error) {
	if p.acks == nil { // Otherwise they name a pipe that children cannot open.
		defer os.Unsetenv(envPipe)
		defer os.Unsetenv(envPipeBack)
	}
	if p.w, err = openWithin(p.to, os.O_WRONLY, p.patience); err != nil {
		return err
	}
	if p.file, err = openWithin(p.from, os.O_RDONLY, p.patience); err != nil {
		p.w.Close()
		return err
	}
	p.r = bufio.NewReader(p.file)
	if p.acks != nil {
		go p.dispatch()
	}
	return nil
}

// openWithin opens a named pipe, which waits for the other side, but not longer
// than limit. The gopark kernel holds the other side before the program starts,
// so there it needs no goroutine, which a report would count as the cell's.
func openWithin(name string, flag int, limit time.Duration) (*os.File, error) {
	if InGopark() {
		return os.OpenFile(name, flag, 0)
	}
	type result struct {
		file *os.File
		err  error
	}
	done := make(chan result, 1)
	go func() {
		f, err := os.OpenFile(name, flag, 0)
		done <- result{f, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.file, r.err
	case <-timer.C:
	}
	// Nobody came. Being the other side ourselves releases the goroutine.
	other, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("nobody opened %s within %v, and then: %w", name, limit, err)
	}
	defer other.Close()
	if r := <-done; r.err == nil {
		r.file.Close()
	}
	return nil, fmt.Errorf("the kernel did not open %s within %v", name, limit)
}

// What a broken stream can make us allocate at most. Acknowledgements have less
// than 200 bytes; a display of gonbui may hold pictures.
const (
	maxAck     = 1 << 20
	maxDisplay = 1 << 28
)

// readFrame reads one gob message of at most limit bytes, without its length.
func readFrame(r *bufio.Reader, limit uint64) ([]byte, error) {
	n, err := readUint(r)
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, fmt.Errorf("a message of %d bytes", n)
	}
	frame := make([]byte, n)
	_, err = io.ReadFull(r, frame)
	return frame, err
}
