package main

import (
	"github.com/spf13/cobra"

	"gopark/kernel/process"
)

// guardCommand is the process beside a kernel that cleans up when the kernel is
// killed. Kernels start it; people don't.
func guardCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "guard",
		Short:   "Clean up after a killed kernel (started by the kernel itself)",
		Example: "  gopark guard < pipe-from-the-kernel",
		Hidden:  true,
		Args:    needArgs(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return process.Guard(cmd.InOrStdin()) },
	}
}
