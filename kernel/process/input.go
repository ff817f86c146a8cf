package process

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"golang.org/x/sys/unix"

	"gopark/kernel/procfs"
)

// How often a program is looked at that may wait for input. Nothing tells when
// a read begins, so it has to be asked for; a person notices a tenth of a second.
const (
	firstLook = 4 * time.Millisecond   // after the start, after a prompt, after an answer
	lookEvery = 40 * time.Millisecond  // at most, when there are prompts all the time
	lookAtAll = 100 * time.Millisecond // when there is nothing new
	// lookShare bounds what looking costs, in parts of one CPU, however many
	// threads the program has.
	lookShare = 50
)

// promptLimit is how much of a line can be a prompt, in bytes.
const promptLimit = 1 << 10

// A console is a program's standard input, and the person at the front end who
// types into it. It belongs to the pump.
//
// The program's standard input is a pipe. When one of its threads is seen to
// wait in a read of that pipe, which is then empty, a line is asked for; what
// the program wrote to the last line of standard output is the prompt. A line
// can also be asked for through the display pipe. One question is open at a
// time, and the pump goes on meanwhile.
type console struct {
	stdin outbox
	asks  bool // it may ask through the display pipe
	pid   int
	pipe  procfs.Pipe // empty: reads are not looked for
	line  []byte      // the last line of standard output, unless longer than promptLimit
	long  bool        // it is longer

	looked time.Time     // when it was last looked at
	next   time.Time     // when it is next; zero: not at all
	pause  time.Duration // until the next look when nothing happens

	password bool // what it reads is asked for as a password
	asked    *question
	waiting  []protocol.InputRequest // to be asked for after this
}

// A question is open until its answer is there.
type question struct {
	done   chan struct{} // closed when the Sink has returned
	answer string
	err    error
}

// openConsole takes over our end of the pipe, which is -1 when the program has
// no input.
func openConsole(fd *int, c Command) console {
	t := console{password: c.Password, asks: c.Asks}
	if *fd < 0 {
		return t
	}
	t.stdin = outbox{fd: *fd, open: true, limit: inputLimit}
	*fd = -1
	if c.Reads {
		t.pipe, _ = procfs.PipeOf(t.stdin.fd)
	}
	return t
}

// started begins to look for reads.
func (t *console) started(pid int) {
	t.pid, t.pause = pid, firstLook
	t.lookIn(firstLook)
}

// lookIn plans the next look.
func (t *console) lookIn(d time.Duration) {
	if t.pipe == "" || !t.stdin.open {
		t.next = time.Time{}
		return
	}
	t.next = time.Now().Add(d)
	if soonest := t.looked.Add(lookEvery); t.next.Before(soonest) {
		t.next = soonest
	}
}

// wrote follows the last line of standard output.
func (t *console) wrote(p []byte) {
	if t.pipe == "" {
		return
	}
	if i := bytes.LastIndexByte(p, '\n'); i >= 0 {
		t.line, t.long = t.line[:0], false
		p = p[i+1:]
	}
	t.long = t.long || len(t.line)+len(p) > promptLimit
	if t.long {
		t.line = t.line[:0]
		return
	}
	t.line = append(t.line, p...)
	if len(t.line) > 0 && t.asked == nil {
		planned := t.next
		t.pause = firstLook
		t.lookIn(firstLook)
		// Who writes all the time must not put it off.
		if !planned.IsZero() && planned.Before(t.next) {
			t.next = planned
		}
	}
}

// prompt is what stands in the last line of standard output.
func (t *console) prompt() string {
	// A line that was begun again shows what came last.
	line := t.line[bytes.LastIndexByte(t.line, '\r')+1:]
	return string(bytes.ToValidUTF8(line, []byte("\uFFFD")))
}

// due reports that the program is to be looked at.
func (t *console) due() bool {
	return !t.next.IsZero() && t.asked == nil && !time.Now().Before(t.next)
}

// look reports whether the program waits for input that nobody has asked for.
func (t *console) look() (waits bool, err error) {
	t.stdin.flush()
	begin := time.Now()
	if len(t.stdin.pending) == 0 && procfs.Unread(t.stdin.fd) == 0 {
		waits, err = t.pipe.WaitsFor(t.pid)
	}
	t.looked = time.Now()
	t.pause = max(min(2*t.pause, lookAtAll), lookShare*t.looked.Sub(begin))
	t.lookIn(t.pause)
	return waits, err
}

// watchInput asks for a line if the program waits for one.
func (p *pump) watchInput() {
	t := &p.console
	if p.dead || p.alive.Err() != nil || !t.due() {
		return
	}
	waits, err := t.look()
	if err != nil {
		// The system does not tell. A program that asks by itself can go on; one
		// that doesn't would wait for somebody who cannot know.
		p.log.Info("who reads standard input is not to be seen", "err", err)
		t.pipe, t.next = "", time.Time{}
		if errors.Is(err, fs.ErrPermission) && !t.asks {
			t.stdin.close()
		}
		return
	}
	if !waits {
		return
	}
	// What it wrote and sent before it began to read comes first; it may have
	// asked already.
	p.show(p.readDisplay(1))
	p.readStream(slotStdout, heldLimit)
	p.readStream(slotStderr, heldLimit)
	if t.asked == nil {
		p.ask(protocol.InputRequest{Prompt: t.prompt(), Password: t.password})
	}
}

// ask gets a line from the person at the front end for the program, after what
// was asked for before.
func (p *pump) ask(request protocol.InputRequest) {
	t := &p.console
	if p.inputless {
		p.notice("The program asked for input, but it was started without any: import gonbui in the cell itself.")
		return
	}
	// Nobody would read the answer: the program is gone or is being stopped, or
	// it has closed its input, or was told before that there is nobody to ask.
	if p.dead || p.alive.Err() != nil || !t.stdin.open {
		return
	}
	if t.asked != nil {
		t.waiting = append(t.waiting, request)
		return
	}
	q := &question{done: make(chan struct{})}
	t.asked, t.next = q, time.Time{}
	go func() {
		q.answer, q.err = p.sink.Input(p.alive, request.Prompt, request.Password)
		close(q.done)
		unix.Write(p.wakeUp, []byte{wakeAnswer})
	}()
}

// answered passes an answer on to the program.
func (p *pump) answered() {
	t := &p.console
	if t.asked == nil {
		return
	}
	<-t.asked.done
	q := t.asked
	t.asked = nil
	switch {
	case p.alive.Err() != nil:
		return
	case errors.Is(q.err, io.EOF): // that is an answer
		t.stdin.close()
		t.next = time.Time{}
		return
	case q.err != nil:
		p.notice("The program wants input, but there is no answer: %v. It reads the end of its input instead.", q.err)
		t.stdin.close()
		t.next = time.Time{}
		return
	}
	t.line = t.line[:0] // the front end has ended the line
	if _, err := t.stdin.Write([]byte(q.answer + "\n")); err != nil {
		p.notice("The program doesn't read its input; this line of it was dropped.")
	}
	t.stdin.flush()
	if len(t.waiting) > 0 {
		next := t.waiting[0]
		t.waiting = t.waiting[1:]
		p.ask(next)
		return
	}
	t.pause = firstLook
	t.lookIn(firstLook)
}

// close waits for a question that is open, whose context has ended.
func (t *console) close() {
	if t.asked != nil {
		<-t.asked.done
	}
	t.stdin.close()
}
