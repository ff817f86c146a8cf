//go:build !unix

package helpers

import "time"

// processorTime is not known here.
func processorTime() (d time.Duration, known bool) { return 0, false }
