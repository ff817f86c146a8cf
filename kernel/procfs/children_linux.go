package procfs

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// File is the path of one of a process's files in /proc.
func File(pid int, name ...string) string {
	return filepath.Join(append([]string{"/proc", strconv.Itoa(pid)}, name...)...)
}

// Descendants returns a process and all that descend from it, parents first.
// Those that end or begin meanwhile may be missing, or gone.
func Descendants(pid int) []int {
	found := []int{pid}
	for i := 0; i < len(found); i++ {
		// Children are listed with the thread that started them.
		for _, thread := range threads(found[i]) {
			list, _ := os.ReadFile(File(found[i], "task", thread, "children"))
			for _, word := range bytes.Fields(list) {
				if child, err := strconv.Atoi(string(word)); err == nil {
					found = append(found, child)
				}
			}
		}
	}
	return found
}

// threads lists the threads of a process; none when it has ended.
func threads(pid int) []string {
	dir, err := os.Open(File(pid, "task"))
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	return names
}
