package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"gopark"
)

func courseCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "course [FOLDER]",
		Short: "Write the course's notebooks into a folder",
		Long: `Course writes the notebooks that this program carries into FOLDER, or into the
current folder, and says what it wrote. A file that is there already stays as it
is, whatever is in it: your answers are yours. To get a fresh copy of a notebook,
rename yours or move it away, and call course again.`,
		Example: "  gopark course ~/go-course",
		Args:    needArgs(0, 1, "the folder to write into"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			kept := 0
			err := writeMissing(dir, gopark.Notebooks(), func(path string, written bool) {
				if written {
					fmt.Fprintln(cmd.OutOrStdout(), path)
				} else {
					kept++
				}
			})
			if err != nil {
				return fmt.Errorf("write the course: %w", err)
			}
			if kept > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "%d of the course's files were there already and stay as they are\n", kept)
			}
			return nil
		},
	}
}

// writeMissing copies the files of source that dir does not have, and tells of
// each whether it was written. What dir has is not looked into, be it a file, a
// folder or a link to nowhere.
func writeMissing(dir string, source fs.FS, tell func(path string, written bool)) error {
	return fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(path, 0o755)
		}
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			tell(path, false)
			return nil
		}
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(path) // half a notebook would stay for ever
			return err
		}
		tell(path, true)
		return nil
	})
}
