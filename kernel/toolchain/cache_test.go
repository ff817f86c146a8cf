package toolchain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestCachedProgram(t *testing.T) {
	tc := prepared(t, Normal)
	m := newModule(t, tc)
	text := unique(`package main; func main() { println("kept") }`)
	first := build(t, m, text, Config{})
	second := build(t, newModule(t, prepared(t, Normal)), text, Config{}) // another kernel
	if first.Cached || !second.Cached || first.Path != second.Path {
		t.Fatalf("first %+v, second %+v", first, second)
	}
	if other := build(t, m, text, Config{Flags: []string{"-gcflags=-N"}}); other.Cached || other.Path == first.Path {
		t.Errorf("flags make no difference: %+v", other)
	}

	page := filepath.Join(filepath.Dir(first.Path), entryFile)
	damage := map[string]func() error{
		"deleted":        func() error { return os.Remove(first.Path) },
		"truncated":      func() error { return os.Truncate(first.Path, 1000) },
		"one bit":        func() error { return flip(first.Path, 5000) },
		"not executable": func() error { return os.Chmod(first.Path, 0o600) },
		"page deleted":   func() error { return os.Remove(page) },
		"page damaged":   func() error { return os.Truncate(page, 5) },
		"all deleted":    func() error { return os.RemoveAll(filepath.Dir(first.Path)) },
	}
	for name, harm := range damage {
		t.Run(name, func(t *testing.T) {
			if err := harm(); err != nil {
				t.Fatal(err)
			}
			again := build(t, m, text, Config{})
			if again.Cached {
				t.Error("the damaged program was taken")
			}
			out, err := execute(t, again.Path)
			if err != nil {
				t.Error(err)
			}
			mustContain(t, out, "kept")
		})
	}
}

// flip changes one bit and leaves size and date as they were.
func flip(path string, at int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := os.Chmod(path, info.Mode()|0o200); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		return err
	}
	b[0] ^= 0x10
	if _, err := f.WriteAt(b[:], at); err != nil {
		return err
	}
	if err := os.Chmod(path, info.Mode()); err != nil {
		return err
	}
	return os.Chtimes(path, info.ModTime(), info.ModTime())
}

func TestProgramsOfManyKernels(t *testing.T) {
	tc := prepared(t, Normal)
	text := unique(`package main; func main() { println("same") }`)
	var wg sync.WaitGroup
	for range 6 {
		m := newModule(t, tc)
		wg.Go(func() {
			bin, err := m.Build(context.Background(), source1(text), Config{})
			if err != nil {
				t.Error(err)
				return
			}
			if out, err := execute(t, bin.Path); err != nil || out != "same\n" {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
	wg.Wait()
}

func TestTrim(t *testing.T) {
	c := newPrograms(t.TempDir(), 100)
	put := func(key string, age time.Duration) {
		dir := c.entryDir(key)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, size := range map[string]int{programFile: 40, entryFile: 1} {
			if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(filepath.Join(dir, entryFile), time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 4 {
		put(fmt.Sprintf("%daa", i), time.Duration(2+i)*time.Hour)
	}
	put("9aa", time.Minute)
	c.grew(1)
	for key, want := range map[string]bool{"9aa": true, "0aa": true, "1aa": false, "2aa": false, "3aa": false} {
		if _, err := os.Stat(c.entryDir(key)); (err == nil) != want {
			t.Errorf("%s is kept: %v, want %v", key, err == nil, want)
		}
	}
	put("3aa", time.Minute)
	put("4aa", time.Minute)
	c.trim()
	if _, err := os.Stat(c.entryDir("3aa")); err != nil {
		t.Error("a program of these minutes was removed")
	}

	// The clock was set back: these would be the youngest for a year.
	const year = 365 * 24 * time.Hour
	for _, key := range []string{"5aa", "6aa", "7aa"} {
		put(key, -year)
	}
	c.trim()
	for _, key := range []string{"5aa", "6aa", "7aa"} {
		info, err := os.Stat(filepath.Join(c.entryDir(key), entryFile))
		if err != nil {
			t.Errorf("%s, of the future, is gone at once", key)
		} else if time.Since(info.ModTime()) < -time.Minute {
			t.Errorf("%s keeps its date: %v", key, info.ModTime())
		}
	}
}
