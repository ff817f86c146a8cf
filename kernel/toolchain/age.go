package toolchain

import (
	"os"
	"time"
)

// clockPlay is how far the dates of files may be ahead of the clock: file systems
// of other machines are.
const clockPlay = time.Hour

// age is how long ago a file was used, which its date tells. One from the future
// was dated before somebody set the clock back: nobody knows its age, it would
// stay until the clock is there again, and so it begins now.
func age(path string) (time.Duration, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	d := time.Since(info.ModTime())
	if d < -clockPlay {
		os.Chtimes(path, time.Time{}, time.Now())
		return 0, nil
	}
	return d, nil
}
