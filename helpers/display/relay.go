package display

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

// gonbuiModule holds the package gonbui.
const gonbuiModule = "github.com/janpfeifer/gonb"

// envGonbui is "1" when a kernel that links programs itself, without go build's
// information, knows that this one contains gonbui.
const envGonbui = "GOPARK_GONBUI"

// A program may use gonbui beside this package, and both want to be the only
// user of the pipe: bytes that one reads are lost to the other. So when gonbui is
// linked in, it gets a pipe of its own, within the process, by the environment
// variables that it looks at when it first displays something, and a relay
// carries its messages to the kernel and back. That has to be arranged before
// main, which is why there is an init. Without gonbui it costs nothing.
func init() {
	to, from := os.Getenv(envPipe), os.Getenv(envPipeBack)
	if to == "" || from == "" || !hasGonbui() {
		return
	}
	p := standard()
	if err := p.relay(); err != nil {
		fmt.Fprintln(os.Stderr, "gopark/helpers/display: gonbui may lose displays:", err)
	}
}

func hasGonbui() bool {
	if os.Getenv(envGonbui) == "1" {
		return true
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, module := range info.Deps {
		if module.Path == gonbuiModule {
			return true
		}
	}
	return false
}

// relay sets up gonbui's pipe. Its two goroutines live as long as the program, as
// gonbui's own reader does.
func (p *Pipe) relay() error {
	fromGonbui, gonbuiWrites, err := os.Pipe()
	if err != nil {
		return err
	}
	gonbuiReads, toGonbui, err := os.Pipe()
	if err != nil {
		return err
	}
	p.acks = make(chan int64, 1)
	p.toGonbui = toGonbui
	// Nobody else may keep these two from being collected, and closed.
	p.keep = []*os.File{gonbuiWrites, gonbuiReads}
	for name, f := range map[string]*os.File{envPipe: gonbuiWrites, envPipeBack: gonbuiReads} {
		path, err := pathOf(f)
		if err != nil {
			return err
		}
		if err := os.Setenv(name, path); err != nil {
			return err
		}
	}
	go p.forward(bufio.NewReader(fromGonbui))
	return nil
}

// pathOf returns a name by which this process, and no child of it, can open f.
func pathOf(f *os.File) (string, error) {
	raw, err := f.SyscallConn() // Fd would make it block a thread.
	if err != nil {
		return "", err
	}
	var path string
	err = raw.Control(func(fd uintptr) { path = fmt.Sprintf("/dev/fd/%d", fd) })
	return path, err
}

// forward carries gonbui's messages to the kernel, whole: the two streams mix
// message by message, and their types have different ids. The order within each
// stream is kept; between the two it is not.
func (p *Pipe) forward(r *bufio.Reader) {
	for {
		frame, err := readFrame(r, maxDisplay)
		if err != nil {
			return
		}
		p.mu.Lock()
		if p.err == nil {
			p.err = p.write(appendMessage(nil, frame))
		}
		if p.err != nil {
			p.broken.Store(true)
		}
		p.mu.Unlock()
	}
}

// dispatch reads what the kernel sends: answers to our syncs are ours, all the
// rest is gonbui's, and so are the definitions of types.
func (p *Pipe) dispatch() {
	for {
		frame, err := readFrame(p.r, maxDisplay)
		if err != nil {
			return
		}
		if number, ok := parseAck(frame); ok && number >= firstSync {
			select {
			case p.acks <- number:
			default: // Nobody waits any more.
			}
			continue
		}
		if _, err := p.toGonbui.Write(appendMessage(nil, frame)); err != nil {
			return
		}
	}
}

// awaitRelayed waits for dispatch to meet the answer to sync number.
func (p *Pipe) awaitRelayed(number int64) error {
	timer := time.NewTimer(p.patience)
	defer timer.Stop()
	for {
		select {
		case got := <-p.acks:
			if got == number {
				return nil
			}
		case <-timer.C:
			return p.silent()
		}
	}
}
