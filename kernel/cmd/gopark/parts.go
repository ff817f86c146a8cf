package main

import (
	"context"
	"encoding/json"
	"log/slog"

	"gopark/kernel/jupyter"
	"gopark/kernel/notebook"
	"gopark/kernel/toolchain"
)

// parts are what the commands need of the kernel. The real ones are made in
// wiring.go and kernel.go; tests bring their own.
type parts struct {
	// open makes a session that runs cells in dir.
	open func(ctx context.Context, log *slog.Logger, dir string) (*headless, error)
	// serve is a kernel's whole life at a Jupyter front end.
	serve func(ctx context.Context, log *slog.Logger, connectionFile string) error
	// toolchain finds Go and the prepared archives.
	toolchain func(ctx context.Context, log *slog.Logger) (*toolchain.Toolchain, error)
}

// A headless is a session without a front end.
type headless struct {
	notebook.Kernel
	goVersion string
	close     func() error
}

// language is what kernel_info and a notebook's metadata say of the language.
func language(goVersion string) jupyter.Language {
	return jupyter.Language{
		Name:          "go",
		Version:       goVersion,
		MIMEType:      "text/x-go",
		FileExtension: ".go",
		Lexer:         "go",
		CodeMirror:    "go",
	}
}

// languageInfo is the same as a notebook stores it.
func languageInfo(goVersion string) (map[string]any, error) {
	data, err := json.Marshal(language(goVersion))
	if err != nil {
		return nil, err
	}
	var info map[string]any
	return info, json.Unmarshal(data, &info)
}
