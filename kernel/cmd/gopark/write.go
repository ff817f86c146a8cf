package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeNotebook writes an executed notebook where the job wants it, and says
// where that was: "" when nothing was written.
func writeNotebook(stdout io.Writer, j *job) (string, error) {
	if j.target == "" {
		return "", nil
	}
	data, err := j.nb.Marshal()
	if err != nil {
		return "", fmt.Errorf("%s: %w", j.file, err)
	}
	if j.target == "-" {
		_, err := stdout.Write(data)
		return "stdout", err
	}
	if j.target == j.file && bytes.Equal(data, j.before) {
		return "", nil
	}
	return j.target, replaceFile(j.target, data)
}

// writeJSON writes a report, where a file for it was named.
func writeJSON(name string, report any) error {
	if name == "" {
		return nil
	}
	data, err := json.MarshalIndent(report, "", " ")
	if err != nil {
		return err
	}
	return replaceFile(name, append(data, '\n'))
}

// writeJUnit writes a report in JUnit's format, where a file for it was named.
func writeJUnit(name string, suites junitSuites) error {
	if name == "" {
		return nil
	}
	data, err := xml.MarshalIndent(suites, "", " ")
	if err != nil {
		return err
	}
	return replaceFile(name, []byte(xml.Header+string(data)+"\n"))
}

// replaceFile writes a file so that others see the old one or the new one, never
// half of it. What the file may be used for stays as it was. A pipe or a device is
// just written to.
func replaceFile(name string, data []byte) (err error) {
	mode := os.FileMode(0o644)
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	if info, err := os.Stat(name); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(name, data, mode)
		}
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
