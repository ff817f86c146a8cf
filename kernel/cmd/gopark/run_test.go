package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const lesson = `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
 {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": null, "outputs": [], "source": "hang"}]}`

// Ctrl-C stops the cell, leaves the file alone, and is told by the exit status.
func TestStopped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lesson.ipynb")
	if err := os.WriteFile(file, []byte(lesson), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	closed := false
	p := scriptedParts()
	open := p.open
	p.open = func(ctx context.Context, log *slog.Logger, dir string) (*headless, error) {
		h, err := open(ctx, log, dir)
		h.close = func() error { closed = true; return nil }
		cancel(errStopped)
		return h, err
	}
	var stdout, stderr bytes.Buffer
	if got := runWith(ctx, p, []string{"run", "-i", file}, nil, &stdout, &stderr); got != 130 {
		t.Errorf("exit status %d, want 130\n%s", got, &stderr)
	}
	if data, _ := os.ReadFile(file); string(data) != lesson {
		t.Errorf("the notebook changed:\n%s", data)
	}
	if !closed {
		t.Error("the session was not closed")
	}
	if !strings.HasSuffix(stderr.String(), "gopark: stopped\n") {
		t.Errorf("stderr: %s", &stderr)
	}
}

// Without a place for caches, the real command says so and ends.
func TestNoCache(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", os.DevNull)
	t.Setenv("HOME", os.DevNull)
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), []string{"exec"}, strings.NewReader("1 + 1"), &stdout, &stderr); got != 1 {
		t.Errorf("exit status %d, want 1", got)
	}
	if text := stderr.String(); !strings.HasPrefix(text, "gopark: no folder for compiled packages: ") || strings.Count(text, "\n") != 1 {
		t.Errorf("stderr: %s", text)
	}
}

func TestUntilSignal(t *testing.T) {
	ctx, stop := untilSignal(t.Context())
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, errStopped) {
		t.Errorf("cause %v", cause)
	}
	stop()

	ctx, stop = untilSignal(t.Context())
	stop()
	if cause := context.Cause(ctx); errors.Is(cause, errStopped) {
		t.Errorf("cause %v without a signal", cause)
	}
}

func TestSeconds(t *testing.T) {
	for in, want := range map[string]time.Duration{"90": 90 * time.Second, "1.5": 1500 * time.Millisecond, "2m": 2 * time.Minute, "0": -1} {
		var got seconds
		if err := got.Set(in); err != nil || time.Duration(got) != want {
			t.Errorf("%s: %v (%v), want %v", in, time.Duration(got), err, want)
		}
	}
	for _, in := range []string{"", "soon", "-1s", "-5"} {
		if err := new(seconds).Set(in); err == nil {
			t.Errorf("%q was taken", in)
		}
	}
}

// A pipe is written to and not replaced: --json /dev/stdout.
func TestReplaceFilePipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	err = replaceFile(fmt.Sprintf("/dev/fd/%d", w.Fd()), []byte("whole"))
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); err != nil || string(data) != "whole" {
		t.Errorf("%q (%v)", data, err)
	}
}

// replaceFile keeps the mode, follows a link, and leaves nothing behind.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || string(data) != "new" {
		t.Errorf("%q (%v)", data, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v (%v)", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"file", "link"}, names); diff != "" {
		t.Errorf("in the folder (-want +got):\n%s", diff)
	}
	// A folder in the way: the error leaves no temporary file.
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(filepath.Join(dir, "sub"), []byte("x")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
