//go:build !js

package chart

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"time"
)

// renderLimit bounds a drawing; without it, a table does.
const renderLimit = 2 * time.Second

func render(program string, layer map[string]any) ([]byte, error) {
	input, err := json.Marshal(layer)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), renderLimit)
	defer cancel()
	command := exec.CommandContext(ctx, program, "render")
	command.Stdin = bytes.NewReader(input)
	command.WaitDelay = 100 * time.Millisecond
	svg, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s render: %w", program, err)
	}
	if !bytes.Contains(svg, []byte("<svg")) {
		return nil, fmt.Errorf("%s render: no SVG in %d bytes", program, len(svg))
	}
	return svg, nil
}
