package process

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// ledgerLimit is how much of a ledger is read.
const ledgerLimit = 8 << 20

// A ledger is a file without a name that a program writes to and the kernel
// reads when the program is gone. Unlike a pipe it needs nobody who reads
// meanwhile, and what a killed program wrote is there. Nil is none.
type ledger struct{ file *os.File }

// openLedger makes the file and gives the child its end of it.
func (s *Supervisor) openLedger(c Command, pl *plumbing) (*ledger, error) {
	if !c.Ledger {
		return nil, nil
	}
	f, err := os.CreateTemp(s.dir, "ledger-")
	if err != nil {
		return nil, fmt.Errorf("make a program's ledger: %w", err)
	}
	err = os.Remove(f.Name())
	if err == nil && len(c.Question) > 0 {
		_, err = f.Write(c.Question)
	}
	if err == nil {
		pl.child[4], err = unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("make a program's ledger: %w", err)
	}
	return &ledger{f}, nil
}

// A Running is a child that has not been reaped.
type Running struct {
	PID    int
	ledger *ledger
}

// Ledger is what the child has written to its ledger so far.
func (r Running) Ledger() []byte { return r.ledger.read() }

// read returns what was written.
func (l *ledger) read() []byte {
	if l == nil {
		return nil
	}
	text, _ := io.ReadAll(io.NewSectionReader(l.file, 0, ledgerLimit))
	return text
}

func (l *ledger) close() {
	if l != nil {
		l.file.Close()
	}
}
