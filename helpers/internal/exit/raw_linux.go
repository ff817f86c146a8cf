package exit

import (
	"syscall"
	"unsafe"
)

// silence leads standard output nowhere: counting takes a moment longer than the
// end of a program would, and what others print meanwhile, after main has
// returned, was not to be seen. The calls are raw so that the scheduler gives
// nobody the place of one who waits for the system.
func silence() {
	name := [...]byte{'/', 'd', 'e', 'v', '/', 'n', 'u', 'l', 'l', 0}
	const here = -100 // AT_FDCWD
	dir := here
	null, _, err := syscall.RawSyscall6(syscall.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(&name)), syscall.O_WRONLY, 0, 0, 0)
	if err == 0 {
		syscall.RawSyscall(syscall.SYS_DUP3, null, 1, 0)
	}
}

// write appends to the ledger.
func write(text []byte) {
	for len(text) > 0 {
		n, _, err := syscall.RawSyscall(syscall.SYS_WRITE, ledger, uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)))
		if err != 0 {
			return
		}
		text = text[n:]
	}
}
