package toolchain

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// programs is the cache of built programs. An entry is a folder with the
// executable and a page about it; it appears by one rename. Many processes
// share it without a lock: nothing in an entry changes but its date.
type programs struct {
	dir   string
	limit int64

	mu    sync.Mutex
	added int64 // bytes since the last look at the size; -1: never looked
}

const (
	programFile = "program"
	entryFile   = "entry.json"

	defaultCacheLimit = 512 << 20

	// keepAtLeast protects programs that may be about to start.
	keepAtLeast = 10 * time.Minute
)

// entry is what is known about a program besides its bytes.
type entry struct {
	Size          int64
	CRC           uint32
	Compile, Link time.Duration
	Output        string `json:",omitempty"`
}

func newPrograms(dir string, limit int64) *programs {
	if limit <= 0 {
		limit = defaultCacheLimit
	}
	return &programs{dir: dir, limit: limit, added: -1}
}

func (c *programs) entryDir(key string) string { return filepath.Join(c.dir, key[:2], key) }

// get returns a program if it is there and whole; what is not whole it
// removes.
func (c *programs) get(key string) (Binary, bool) {
	dir := c.entryDir(key)
	data, err := os.ReadFile(filepath.Join(dir, entryFile))
	if err != nil {
		return Binary{}, false
	}
	path := filepath.Join(dir, programFile)
	var e entry
	if json.Unmarshal(data, &e) != nil || !whole(path, e) {
		os.RemoveAll(dir)
		return Binary{}, false
	}
	os.Chtimes(filepath.Join(dir, entryFile), time.Time{}, time.Now())
	return Binary{Path: path, Cached: true, Compile: e.Compile, Link: e.Link, Output: e.Output}, true
}

func whole(path string, e entry) bool {
	info, err := os.Stat(path)
	if err != nil || info.Size() != e.Size || info.Mode().Perm()&0o100 == 0 {
		return false
	}
	crc, err := fileCRC(path)
	return err == nil && crc == e.CRC
}

// put moves the program out of a build's folder into the cache.
func (c *programs) put(key string, from *tempDir, bin Binary) (Binary, error) {
	built := from.join(programFile)
	info, err := os.Stat(built)
	if err != nil {
		return Binary{}, fmt.Errorf("building: %w", err)
	}
	crc, err := fileCRC(built)
	if err != nil {
		return Binary{}, fmt.Errorf("building: %w", err)
	}
	page, err := json.Marshal(entry{Size: info.Size(), CRC: crc, Compile: bin.Compile, Link: bin.Link, Output: bin.Output})
	if err != nil {
		return Binary{}, fmt.Errorf("building: %w", err)
	}
	aside := from.join("entry")
	err = os.Mkdir(aside, 0o700)
	if err == nil {
		err = os.Rename(built, filepath.Join(aside, programFile))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(aside, entryFile), page, 0o600)
	}
	dir := c.entryDir(key)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(dir), 0o700)
	}
	if err == nil {
		err = os.Rename(aside, dir)
	}
	if errors.Is(err, fs.ErrExist) { // ENOTEMPTY too: somebody built the same
		if other, ok := c.get(key); ok {
			other.Cached = false
			return other, nil
		}
		// What is in the way has no page, or was removed just now.
		os.RemoveAll(dir)
		err = os.Rename(aside, dir)
	}
	if err != nil {
		return Binary{}, fmt.Errorf("keeping the program: %w", err)
	}
	c.grew(info.Size())
	bin.Path = filepath.Join(dir, programFile)
	return bin, nil
}

// grew trims the cache at the first program of a process and after each
// sixteenth of the limit, so that a build rarely pays for it.
func (c *programs) grew(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.added >= 0 && c.added+n < c.limit/16 {
		c.added += n
		return
	}
	c.added = 0
	c.trim()
}

// trim removes the programs that were not used for longest until the rest fits.
func (c *programs) trim() {
	type aged struct {
		dir  string
		size int64
		age  time.Duration // since it was used
	}
	var all []aged
	var total int64
	pages, _ := filepath.Glob(filepath.Join(c.dir, "??", "*", entryFile))
	for _, page := range pages {
		dir := filepath.Dir(page)
		age, err1 := age(page)
		program, err2 := os.Stat(filepath.Join(dir, programFile))
		if err1 != nil || err2 != nil {
			continue // being removed by somebody else, or damaged: get deals with that
		}
		all = append(all, aged{dir, program.Size(), age})
		total += program.Size()
	}
	slices.SortFunc(all, func(a, b aged) int { return cmp.Compare(b.age, a.age) })
	for _, a := range all {
		if total <= c.limit || a.age < keepAtLeast {
			return
		}
		os.RemoveAll(a.dir)
		total -= a.size
	}
}
