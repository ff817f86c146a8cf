package process

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// plumbing is the pipes of one run but for the display's: the child's ends,
// which block, and ours, which don't. -1 is closed, or somebody else's by now.
type plumbing struct {
	child                          [5]int // its descriptors 0 to 4; the last only with a ledger
	stdin, stdout, stderr, control int    // our ends
	wake, wakeUp                   int    // both ours: a byte through them wakes the pump
}

// openPlumbing opens everything or nothing. Without input, the child's
// standard input is at its end.
func openPlumbing(input bool) (*plumbing, error) {
	pl := &plumbing{child: [5]int{-1, -1, -1, -1, -1}, stdin: -1, stdout: -1, stderr: -1, control: -1, wake: -1, wakeUp: -1}
	err := pl.open(input)
	if err != nil {
		pl.close()
		return nil, fmt.Errorf("open the pipes of a program: %w", err)
	}
	return pl, nil
}

func (pl *plumbing) open(input bool) (err error) {
	if input {
		pl.child[0], pl.stdin, err = pipe()
	} else {
		pl.child[0], err = unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return err
	}
	if pl.stdout, pl.child[1], err = pipe(); err != nil {
		return err
	}
	if pl.stderr, pl.child[2], err = pipe(); err != nil {
		return err
	}
	if pl.control, pl.child[3], err = pipe(); err != nil {
		return err
	}
	if pl.wake, pl.wakeUp, err = pipe(); err != nil {
		return err
	}
	for _, fd := range []int{pl.stdin, pl.stdout, pl.stderr, pl.control} {
		if fd < 0 {
			continue
		}
		if err := unix.SetNonblock(fd, true); err != nil {
			return os.NewSyscallError("fcntl", err)
		}
	}
	return nil
}

// closeChild closes the child's ends, so that ours see when it closes them.
func (pl *plumbing) closeChild() {
	for i := range pl.child {
		closeFD(&pl.child[i])
	}
}

// close closes what is left.
func (pl *plumbing) close() {
	pl.closeChild()
	for _, fd := range []*int{&pl.stdin, &pl.stdout, &pl.stderr, &pl.control, &pl.wake, &pl.wakeUp} {
		closeFD(fd)
	}
}
