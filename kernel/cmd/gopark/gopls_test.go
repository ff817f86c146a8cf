package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoplsVersion: what doctor tells people to install is what make builds.
func TestGoplsVersion(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "tools", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), "golang.org/x/tools/gopls "+goplsVersion+" ") {
		t.Errorf("kernel/tools/go.mod has another gopls than %s", goplsVersion)
	}
}
