package process

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// escapeTime is how long a dead child's pipes may be kept open by
	// processes that left its group.
	escapeTime = 200 * time.Millisecond
	// controlLimit is how much of descriptor 3 is kept.
	controlLimit = 1 << 20
	// readSize is a pipe's usual capacity: one read empties it.
	readSize = 64 << 10
	// heldLimit is the most that a pipe can hold at one moment (an
	// unprivileged program can make it so big, see /proc/sys/fs/pipe-max-size).
	// Reading so much is reading all that was there when the reading began,
	// even if the child goes on writing.
	heldLimit = 1 << 20
	// After smallRow pieces of up to smallPiece bytes, more of them gather for
	// gatherTime milliseconds.
	smallPiece = 4 << 10
	smallRow   = 32
	gatherTime = 1
	// inputLimit is how much input a program may leave unread.
	inputLimit = 16 << 20
)

// What the pump waits for, in the order of its poll set.
const (
	slotStdout = iota
	slotStderr
	slotControl
	slotDisplay
	slotWake
	slotAcks
	slotStdin
	slots
)

// streamNames are Jupyter's.
var streamNames = [...]string{slotStdout: "stdout", slotStderr: "stderr"}

// A pump moves what the child says to the Sink, and answers to the child. All
// its fields but stderrBytes belong to one goroutine.
type pump struct {
	sink  Sink
	log   *slog.Logger
	alive context.Context // ends with the child or with the run's context

	// fds are the descriptors that the pump owns, but for those of display and
	// stdin, whose owners lend them. -1 is closed, or nothing to wait for.
	fds     [slots]unix.PollFd
	display *displayPipe // nil without one
	console console
	wakeUp  int // who writes there wakes the pump
	control []byte
	buf     []byte
	small   int // how many small pieces the streams have brought in a row

	inputless bool // the child was given no input to answer on

	dead     bool
	deadline time.Time // of the pipes, once dead
	commTold bool

	// stderrBytes lets the interrupter see whether a dump is still coming.
	stderrBytes atomic.Int64
}

// newPump takes over the descriptors, which must not block.
func newPump(sink Sink, log *slog.Logger, c Command, pl *plumbing, display *displayPipe) *pump {
	p := &pump{sink: sink, log: log, display: display, wakeUp: pl.wakeUp, buf: make([]byte, readSize)}
	for slot := range p.fds {
		p.fds[slot] = unix.PollFd{Fd: -1, Events: unix.POLLIN}
	}
	for slot, fd := range map[int]*int{
		slotStdout: &pl.stdout, slotStderr: &pl.stderr, slotControl: &pl.control, slotWake: &pl.wake,
	} {
		p.fds[slot].Fd = int32(*fd)
		*fd = -1
	}
	if display != nil {
		p.fds[slotDisplay].Fd = int32(display.in)
	}
	p.inputless = pl.stdin < 0
	p.console = openConsole(&pl.stdin, c)
	p.fds[slotAcks].Events = unix.POLLOUT
	p.fds[slotStdin].Events = unix.POLLOUT
	return p
}

// run returns when the child is dead and its pipes are at their end, or have
// been kept open for too long. Before that no timer runs, unless it may wait for
// input.
func (p *pump) run() error {
	for !p.finished() {
		p.arm()
		if err := p.poll(); err != nil {
			return err
		}
		p.round()
		p.watchInput()
	}
	p.show(p.readDisplay(heldLimit))
	if p.display != nil && p.display.in >= 0 && p.display.decoder.partial {
		p.log.Info("the program ended in the middle of a display")
	}
	return nil
}

// finished reports that nothing more is to come, or to be waited for.
func (p *pump) finished() bool {
	if !p.dead {
		return false
	}
	open := p.fds[slotStdout].Fd >= 0 || p.fds[slotStderr].Fd >= 0 || p.fds[slotControl].Fd >= 0
	return !open || !time.Now().Before(p.deadline)
}

// poll waits until something is ready. The runtime writes a crash, and a program
// its lines, in pieces of a few bytes; who reads each for itself spends more time
// than the program. So after a row of small pieces the streams are left alone
// for a moment, in which more of them gather in the pipe.
func (p *pump) poll() error {
	timeout := p.patience()
	streams := p.fds[slotStdout : slotStderr+1]
	saved := [2]int32{streams[0].Fd, streams[1].Fd}
	gather := p.small >= smallRow && !p.dead
	if gather {
		p.small = smallRow - 1
		streams[0].Fd, streams[1].Fd = -1, -1
		if timeout < 0 || timeout > gatherTime {
			timeout = gatherTime
		}
	}
	_, err := retry(func() (int, error) { return unix.Poll(p.fds[:], timeout) })
	if gather {
		streams[0].Fd, streams[1].Fd = saved[0], saved[1]
	}
	return os.NewSyscallError("poll", err)
}

// patience is poll's timeout in milliseconds.
func (p *pump) patience() int {
	until := p.deadline
	if !p.dead {
		until = p.console.next
	}
	if until.IsZero() {
		return -1
	}
	return max(0, int((time.Until(until)+time.Millisecond-1)/time.Millisecond))
}

// arm waits for room to write only where something is to be written: an idle
// pipe that the child has closed would be ready for ever.
func (p *pump) arm() {
	p.fds[slotStdin].Fd = p.console.stdin.waiting()
	if p.display != nil {
		p.fds[slotAcks].Fd = p.display.acks.waiting()
	}
}

// round handles all that is ready. The order matters: see the package comment.
func (p *pump) round() {
	var messages []message
	if p.ready(slotDisplay) {
		messages = p.readDisplay(1)
	}
	if len(messages) > 0 {
		p.show(messages)
	} else {
		for _, slot := range []int{slotStdout, slotStderr} {
			if p.ready(slot) {
				p.readStream(slot, 1)
			}
		}
	}
	if p.ready(slotControl) {
		p.readControl()
	}
	if p.ready(slotStdin) {
		p.console.stdin.flush()
	}
	if p.ready(slotAcks) {
		p.display.acks.flush()
	}
	if p.ready(slotWake) {
		p.woken(p.read(slotWake))
	}
}

// What wakes the pump.
const (
	wakeDeath byte = iota
	wakeAnswer
)

func (p *pump) woken(why []byte) {
	for _, w := range why {
		if w == wakeAnswer {
			p.answered()
			continue
		}
		p.dead, p.deadline = true, time.Now().Add(escapeTime)
	}
}

// ready reports that a slot has something, be it its end.
func (p *pump) ready(slot int) bool {
	return p.fds[slot].Fd >= 0 && p.fds[slot].Revents != 0
}

// read reads once from a slot. It returns nothing at the end, when it closes
// the slot, and when there is nothing at the moment.
func (p *pump) read(slot int) []byte {
	n, err := retry(func() (int, error) { return unix.Read(int(p.fds[slot].Fd), p.buf) })
	if errors.Is(err, unix.EAGAIN) {
		return nil
	}
	if err != nil {
		p.log.Warn("reading from a child failed", "descriptor", slot+1, "err", err)
	}
	if n <= 0 {
		p.closeSlot(slot)
		return nil
	}
	return p.buf[:n]
}

// readStream passes on what a stream holds: at least so many bytes, unless it
// is empty before.
func (p *pump) readStream(slot, atLeast int) {
	for got := 0; got < atLeast && p.fds[slot].Fd >= 0; {
		b := p.read(slot)
		if len(b) == 0 {
			return
		}
		got += len(b)
		if p.small++; len(b) > smallPiece {
			p.small = 0
		}
		if slot == slotStderr {
			p.stderrBytes.Add(int64(len(b)))
		} else {
			p.console.wrote(b)
		}
		p.sink.Write(streamNames[slot], b)
	}
}

// readControl keeps the first bytes of descriptor 3 and drops the others: a
// child that writes more mustn't block.
func (p *pump) readControl() {
	b := p.read(slotControl)
	room := controlLimit - len(p.control)
	p.control = append(p.control, b[:min(room, len(b))]...)
}

func (p *pump) closeSlot(slot int) {
	if fd := int(p.fds[slot].Fd); fd >= 0 {
		unix.Close(fd)
		p.fds[slot].Fd = -1
	}
}

// close closes all that is the pump's.
func (p *pump) close() {
	for _, slot := range []int{slotStdout, slotStderr, slotControl, slotWake} {
		p.closeSlot(slot)
	}
	p.console.close()
	if p.display != nil {
		p.display.close()
	}
}
