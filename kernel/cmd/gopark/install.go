package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"gopark/kernel/labextension"
)

// destination is where install puts things and uninstall looks for them.
type destination struct {
	prefix      string
	user, inEnv bool
}

func (d *destination) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&d.prefix, "prefix", "", "an environment's `FOLDER`: a virtual environment, /usr/local")
	f.BoolVar(&d.user, "user", false, "your own Jupyter folder (the default)")
	f.BoolVar(&d.inEnv, "sys-prefix", false, "the Python environment that is active in this shell")
	cmd.MarkFlagsMutuallyExclusive("prefix", "user", "sys-prefix")
}

func (d *destination) place() (place, error) {
	switch {
	case d.prefix != "":
		return ofPrefix(d.prefix)
	case d.inEnv:
		return ofActive()
	}
	return ofUser()
}

func installCommand() *cobra.Command {
	var d destination
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Make the kernel known to Jupyter",
		Long: `Install writes two things where Jupyter looks for them: the kernelspec, which
lets notebooks choose "Go (gopark)" and starts this very program, and the
JupyterLab extension that draws charts. It replaces what an earlier install
wrote, and says what it wrote. A running JupyterLab shows both when its page is
loaded again.`,
		Example: `  gopark install                  # for you, in every Jupyter of yours
  gopark install --prefix .venv   # in one virtual environment
  gopark install --sys-prefix     # in the one that is active`,
		Args: needArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := d.place()
			if err != nil {
				return err
			}
			written, err := writeKernelspec(p.kernelspec())
			for _, path := range written {
				fmt.Fprintln(cmd.OutOrStdout(), path)
			}
			if err != nil {
				return err
			}
			switch err := installExtension(p); {
			case errors.Is(err, labextension.ErrNotBuilt):
				fmt.Fprintf(cmd.ErrOrStderr(), "Charts will be shown as pictures: %v\n", err)
			case err != nil:
				return err
			default:
				fmt.Fprintln(cmd.OutOrStdout(), p.labExtension(labextension.Name))
			}
			return nil
		},
	}
	d.flags(cmd)
	return cmd
}

// installExtension puts the extension into any place; labextension.Install knows
// those below share/jupyter, which a user's on macOS, or one that
// JUPYTER_DATA_DIR names, is not.
func installExtension(p place) error {
	if prefix, ok := strings.CutSuffix(p.data, filepath.Join(string(filepath.Separator)+"share", "jupyter")); ok && prefix != "" {
		return labextension.Install(prefix)
	}
	files, err := labextension.Files()
	if err != nil {
		return err
	}
	target := p.labExtension(labextension.Name)
	if err := os.RemoveAll(target); err != nil {
		return fmt.Errorf("remove the old lab extension: %w", err)
	}
	if err := os.CopyFS(target, files); err != nil {
		return fmt.Errorf("install the lab extension: %w", err)
	}
	return nil
}

func uninstallCommand() *cobra.Command {
	var d destination
	cmd := &cobra.Command{
		Use:     "uninstall",
		Short:   "Take back what install wrote",
		Long:    "Uninstall removes the kernelspec and the JupyterLab extension from the place that the\nsame flags gave to install. Notebooks and the cache of built programs stay.",
		Example: "  gopark uninstall --prefix .venv",
		Args:    needArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := d.place()
			if err != nil {
				return err
			}
			removed := 0
			for _, dir := range []string{p.kernelspec(), p.labExtension(labextension.Name)} {
				if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
					continue
				}
				if err := os.RemoveAll(dir); err != nil {
					return err
				}
				removed++
				fmt.Fprintln(cmd.OutOrStdout(), "removed", dir)
			}
			if removed == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "nothing of gopark's is in", p.data)
			}
			return nil
		},
	}
	d.flags(cmd)
	return cmd
}
