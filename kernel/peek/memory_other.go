//go:build !linux

package peek

import (
	"errors"
	"time"
)

// Look is for Linux only.
func Look(int, []byte) (Snapshot, error) { return Snapshot{}, errors.ErrUnsupported }

// Used is for Linux only.
func Used(int) (time.Duration, bool, error) { return 0, false, errors.ErrUnsupported }
