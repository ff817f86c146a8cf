//go:build !linux

package procfs

import "errors"

// SeesReaders says that WaitsFor can tell.
const SeesReaders = false

// A Pipe is one of this machine's, whoever holds its ends.
type Pipe string

// PipeOf is for Linux only.
func PipeOf(int) (Pipe, error) { return "", errors.ErrUnsupported }

// WaitsFor is for Linux only.
func (Pipe) WaitsFor(int) (bool, error) { return false, errors.ErrUnsupported }

// Unread is for Linux only.
func Unread(int) int { return 0 }
