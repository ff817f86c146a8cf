package process

import (
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"golang.org/x/sys/unix"
)

// ackLimit is how many bytes of acknowledgements a program may leave unread:
// tens of thousands of them.
const ackLimit = 1 << 20

// A displayPipe is the kernel's side of the two FIFOs through which a program
// shows things. The protocol is GoNB's, of which these parts matter:
//
//   - The program opens GONB_PIPE for writing and GONB_PIPE_BACK for reading
//     when it first shows something. Both opens block until the other end is
//     open, so the kernel opens both for reading and writing beforehand.
//   - What comes is one gob stream of protocol.DisplayData; what goes back is
//     one of protocol.CommValue.
//   - One process may write. A second one that inherits the variables spoils
//     the stream: a gob stream defines its types once.
type displayPipe struct {
	paths   [2]string // GONB_PIPE, GONB_PIPE_BACK
	in      int
	acks    outbox
	encoder *gob.Encoder // writes to acks
	decoder *decoder
}

// openDisplay makes and opens the FIFOs of one run.
func (s *Supervisor) openDisplay() (*displayPipe, error) {
	base := filepath.Join(s.dir, "display-"+strconv.FormatInt(s.serial.Add(1), 10))
	d := &displayPipe{paths: [2]string{base, base + "-back"}, in: -1, decoder: newDecoder()}
	d.encoder = gob.NewEncoder(&d.acks)
	var fds [2]int
	for i, path := range d.paths {
		fd, err := openFIFO(path)
		if err != nil {
			if i == 1 {
				unix.Close(fds[0])
			}
			d.close()
			return nil, fmt.Errorf("make a display pipe: %w", err)
		}
		fds[i] = fd
	}
	d.in = fds[0]
	d.acks = outbox{fd: fds[1], open: true, limit: ackLimit}
	return d, nil
}

// openFIFO makes a FIFO for this user alone and opens it without blocking.
func openFIFO(path string) (int, error) {
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return -1, &os.PathError{Op: "mkfifo", Path: path, Err: err}
	}
	fd, err := retry(func() (int, error) {
		return unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return fd, nil
}

// environment returns env with the names of the pipes in it, or with none if d
// is nil: another program's pipes are not for this one.
func (d *displayPipe) environment(env []string) []string {
	out := make([]string, 0, len(env)+2)
	for _, entry := range env {
		key, _, _ := strings.Cut(entry, "=")
		if key != protocol.GONB_PIPE_ENV && key != protocol.GONB_PIPE_BACK_ENV {
			out = append(out, entry)
		}
	}
	if d == nil {
		return out
	}
	return append(out, protocol.GONB_PIPE_ENV+"="+d.paths[0], protocol.GONB_PIPE_BACK_ENV+"="+d.paths[1])
}

// read reads once, and returns the messages that are complete now. more says
// that there may be something left to read.
func (d *displayPipe) read(buf []byte) (messages []message, more bool) {
	n, err := retry(func() (int, error) { return unix.Read(d.in, buf) })
	if errors.Is(err, unix.EAGAIN) {
		return nil, false
	}
	if err != nil {
		return []message{{spoiled: os.NewSyscallError("read", err)}}, false
	}
	return d.decoder.decode(buf[:n]), n == len(buf)
}

// acknowledge answers a sync: all that was sent before it is shown.
func (d *displayPipe) acknowledge(id any) error {
	err := d.encoder.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: id})
	d.acks.flush()
	return err
}

// close closes both FIFOs and removes them, so that who opens one later gets
// an error and doesn't wait for ever. It may be called more than once.
func (d *displayPipe) close() {
	closeFD(&d.in)
	d.acks.close()
	d.decoder.stop()
	d.unlink()
}

func (d *displayPipe) unlink() {
	for _, path := range d.paths {
		unix.Unlink(path)
	}
}
