package exit

import "syscall"

// silence leads standard output nowhere: counting takes a moment longer than the
// end of a program would, and what others print meanwhile, after main has
// returned, was not to be seen.
func silence() {
	if null, err := syscall.Open("/dev/null", syscall.O_WRONLY, 0); err == nil {
		syscall.Dup2(null, 1)
	}
}

// write appends to the ledger.
func write(text []byte) { syscall.Write(ledger, text) }
