package main

import (
	"github.com/spf13/cobra"
)

func kernelCommand(p parts) *cobra.Command {
	return &cobra.Command{
		Use:   "kernel CONNECTION_FILE",
		Short: "Serve a Jupyter front end (started by Jupyter)",
		Long: `Kernel is what Jupyter starts for a notebook: it reads the connection file, listens
on the five ports in it, and runs cells until the front end shuts it down. SIGINT
interrupts the cell that is running. gopark install tells Jupyter about it.`,
		Example: "  gopark kernel /run/user/1000/jupyter/kernel-1234.json",
		Args:    needArgs(1, 1, "the connection file that Jupyter wrote"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.serve(cmd.Context(), logger(cmd), args[0])
		},
	}
}
