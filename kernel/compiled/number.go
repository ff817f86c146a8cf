package compiled

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"

	"gopark/kernel/cell"
)

// patches says whether a finished program may be changed. macOS signs
// executables and refuses one that was touched; there the numbers go into the
// source, at the price of the cache.
const patches = runtime.GOOS == "linux"

// number copies a program into the session's folder with the numbers of today's
// cells in the place of slots. The names stand in the binary as C strings, one
// for each file, referred to by where they begin: a shorter one ends earlier.
func (e *Engine) number(program string, slots []int) (string, error) {
	image, err := os.ReadFile(program)
	if err != nil {
		return "", err
	}
	if patches {
		for slot, id := range slots {
			from, to := []byte(cell.SlotName(slot)), cell.File(id)
			if len(to) > len(from) {
				return "", fmt.Errorf("cell number %d is too long", id)
			}
			with := []byte(to + strings.Repeat("\x00", len(from)-len(to)))
			for rest := image; ; {
				i := bytes.Index(rest, from)
				if i < 0 {
					break
				}
				copy(rest[i:], with)
				rest = rest[i+len(from):]
			}
		}
	}
	f, err := create(e.bin)
	if err != nil {
		return "", err
	}
	_, err = f.Write(image)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	// Whoever forks before the file is closed would hand it on, open for
	// writing, and it could not be started ("text file busy").
	syscall.ForkLock.RUnlock()
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// create makes a new executable file and holds the fork lock when it succeeds.
func create(dir string) (*os.File, error) {
	syscall.ForkLock.RLock()
	f, err := os.CreateTemp(dir, "cell-")
	if err == nil {
		err = f.Chmod(0o700)
	}
	if err != nil {
		syscall.ForkLock.RUnlock()
		if f != nil {
			f.Close()
			os.Remove(f.Name())
		}
		return nil, err
	}
	return f, nil
}
