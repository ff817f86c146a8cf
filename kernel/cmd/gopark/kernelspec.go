package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	// kernelName is what notebooks call the kernel; it never changes.
	kernelName  = "gopark"
	displayName = "Go (gopark)"
	// protocolVersion is that of Jupyter's messages.
	protocolVersion = "5.5"
)

// logos show three goroutines, the middle one parked. The PNGs are the SVG at
// the sizes that Jupyter asks for.
//
//go:embed logo
var logos embed.FS

// A kernelspec is the file kernel.json, as jupyter_client reads it.
type kernelspec struct {
	Argv            []string       `json:"argv"`
	DisplayName     string         `json:"display_name"`
	Language        string         `json:"language"`
	InterruptMode   string         `json:"interrupt_mode"`
	ProtocolVersion string         `json:"kernel_protocol_version"`
	Metadata        map[string]any `json:"metadata"`
}

// newKernelspec is the one that starts this very program.
func newKernelspec() (kernelspec, error) {
	self, err := os.Executable()
	if err != nil {
		return kernelspec{}, fmt.Errorf("find this program's own file: %w", err)
	}
	if strings.Contains(self, string(filepath.Separator)+"go-build") && strings.HasPrefix(self, os.TempDir()) && !isTest(self) {
		return kernelspec{}, errors.New("this program was started by go run and will be gone when it ends: build it first, with make build or go build")
	}
	return kernelspec{
		Argv:            []string{self, "kernel", "{connection_file}"},
		DisplayName:     displayName,
		Language:        "go",
		InterruptMode:   "message",
		ProtocolVersion: protocolVersion,
		// The same once more where clients look that predate the field above.
		Metadata: map[string]any{"kernel_protocol_version": protocolVersion, "debugger": false},
	}, nil
}

// isTest says whether a program is a test of this package, which stands where
// go run's programs stand.
func isTest(self string) bool { return strings.HasSuffix(self, ".test") }

// writeKernelspec makes the kernelspec's folder anew and returns the files in it.
func writeKernelspec(dir string) ([]string, error) {
	spec, err := newKernelspec()
	if err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(spec, "", " ")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"kernel.json": append(data, '\n')}
	names := []string{"kernel.json"}
	entries, err := fs.ReadDir(logos, "logo")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if files[e.Name()], err = fs.ReadFile(logos, "logo/"+e.Name()); err != nil {
			return nil, err
		}
		names = append(names, e.Name())
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("remove the old kernelspec: %w", err)
	}
	var written []string
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := replaceFile(path, files[name]); err != nil {
			return written, fmt.Errorf("write the kernelspec: %w", err)
		}
		written = append(written, path)
	}
	return written, nil
}

// readKernelspec reads an installed kernelspec.
func readKernelspec(dir string) (kernelspec, error) {
	var spec kernelspec
	data, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return spec, err
	}
	if err := json.Unmarshal(data, &spec); err != nil {
		return spec, fmt.Errorf("%s: %w", filepath.Join(dir, "kernel.json"), err)
	}
	if len(spec.Argv) == 0 {
		return spec, fmt.Errorf("%s: argv is empty", filepath.Join(dir, "kernel.json"))
	}
	return spec, nil
}
