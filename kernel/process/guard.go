package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settleTime is how long the guard waits for the killed to be gone before it
// removes folders that they may still write to.
const settleTime = 300 * time.Millisecond

// Guard is the whole life of the guard process. The kernel holds the other end
// of stdin and writes lines to it: "dir PATH" names a folder to remove, "add
// PGID" a process group to kill, "del PGID" one that is gone. When stdin ends,
// however the kernel died, Guard kills and removes what is left and returns.
// It ignores SIGINT, SIGTERM and SIGHUP in the whole process.
func Guard(stdin io.Reader) error {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	w := ward{groups: make(map[int]string)}
	lines := bufio.NewScanner(stdin)
	for lines.Scan() {
		// A line that isn't understood mustn't keep the others from being kept.
		w.note(lines.Text())
	}
	// Nothing but the end of stdin means that the kernel is gone.
	io.Copy(io.Discard, stdin)
	return errors.Join(lines.Err(), w.clean())
}

// A ward is what the guard watches over.
type ward struct {
	groups map[int]string // group number to the birth of its leader
	dirs   []string
}

func (w *ward) note(line string) {
	verb, what, _ := strings.Cut(line, " ")
	switch verb {
	case "dir":
		if filepath.IsAbs(what) && filepath.Clean(what) != "/" {
			w.dirs = append(w.dirs, what)
		}
	case "add":
		// 0 and 1 would mean the guard's own group and everybody (kill(2)).
		if pgid, err := strconv.Atoi(what); err == nil && pgid > 1 {
			// Without a leader there is no birth: it is dead and reaped
			// already, and either "del" or the end is on its way.
			w.groups[pgid], _ = birth(pgid)
		}
	case "del":
		if pgid, err := strconv.Atoi(what); err == nil {
			delete(w.groups, pgid)
		}
	}
}

// clean kills the groups, waits until they are gone, and removes the folders.
func (w *ward) clean() error {
	for pgid, born := range w.groups {
		if !ours(pgid, born) {
			delete(w.groups, pgid)
			continue
		}
		if err := syscall.Kill(-pgid, syscall.SIGKILL); err != nil {
			delete(w.groups, pgid)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for len(w.groups) > 0 && ctx.Err() == nil {
		for pgid := range w.groups {
			if errors.Is(syscall.Kill(-pgid, 0), syscall.ESRCH) {
				delete(w.groups, pgid)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	var errs []error
	for _, dir := range w.dirs {
		if err := os.RemoveAll(dir); err != nil {
			errs = append(errs, fmt.Errorf("remove the folder of a kernel that is gone: %w", err))
		}
	}
	return errors.Join(errs...)
}

// ours says whether the group pgid is still the one whose leader was born at
// born. A group's number stays taken while it has members, so: with no leader
// left, whatever is in the group has been in it all along; with a leader, it
// must be the same one. Another leader means that the group had ended and that
// its number was given out again.
func ours(pgid int, born string) bool {
	now, err := birth(pgid)
	return err != nil || now == born
}
