package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every command explains itself: what it does, at length, and an example that
// begins with the command itself.
func TestHelp(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		name := cmd.CommandPath()
		if cmd.Name() == "help" || cmd.Name() == "completion" {
			return // cobra's own
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: short help %q, want a phrase without a full stop", name, cmd.Short)
		}
		if !cmd.Hidden && cmd.Long == "" {
			t.Errorf("%s: no long help", name)
		}
		if !strings.Contains(cmd.Example, name) {
			t.Errorf("%s: no example: %q", name, cmd.Example)
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(rootCommand(scriptedParts()))
}
