package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"gopark/kernel/notebook"
	"gopark/kernel/page"
)

// A job is one notebook to run.
type job struct {
	file   string // as given
	target string // where it is written; "" nowhere, "-" stdout
	html   string // where its page is written; "" nowhere
	before []byte
	nb     *notebook.Notebook

	// How it went.
	sum   notebook.Summary
	ok    bool           // every cell went as it should
	diffs map[int]string // by the cell's place in the notebook, of those that --check complains of
}

// passed reports whether all is as it should be.
func (j *job) passed() bool { return j.ok && len(j.diffs) == 0 }

func runNotebooks(ctx context.Context, cmd *cobra.Command, p parts, o runOptions, files []string) error {
	if o.atOnce < 1 {
		return wrongCall("--jobs must be 1 or more: it is %d", o.atOnce)
	}
	compare, err := comparison(o)
	if err != nil {
		return err
	}
	jobs, err := readJobs(files, o)
	if err != nil {
		return err
	}
	err = inParallel(ctx, o.atOnce, jobs, cmd.ErrOrStderr(), func(ctx context.Context, j *job, w io.Writer) error {
		return runNotebook(ctx, cmd, p, o, j, compare, newProgress(w, cmd.ErrOrStderr(), o))
	})
	if err != nil {
		return err
	}
	if err := writeRunReports(o, jobs); err != nil {
		return err
	}
	failed := 0
	for _, j := range jobs {
		if !j.passed() {
			failed++
		}
	}
	if failed > 0 {
		if len(jobs) > 1 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d notebooks failed\n", failed, len(jobs))
		}
		return &statusError{1}
	}
	return nil
}

// inParallel runs n jobs at once and waits for all of them. What each writes to
// its w comes out as one block when it has ended; with one at a time, as it comes.
// The first error stops the others.
func inParallel(ctx context.Context, n int, jobs []*job, stderr io.Writer, run func(ctx context.Context, j *job, w io.Writer) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex // guards stderr and first
	var first error
	next := make(chan *job)
	var workers sync.WaitGroup
	for range min(n, len(jobs)) {
		workers.Go(func() {
			for j := range next {
				var block bytes.Buffer
				w := io.Writer(&block)
				if n == 1 {
					w = stderr
				}
				err := run(ctx, j, w)
				mu.Lock()
				stderr.Write(block.Bytes())
				if err != nil && first == nil {
					first = err
					cancel(err)
				}
				mu.Unlock()
			}
		})
	}
	for _, j := range jobs {
		select {
		case next <- j:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	workers.Wait()
	if first == nil {
		first = context.Cause(ctx)
	}
	return first
}

// comparison is what --check compares, or nil.
func comparison(o runOptions) (*notebook.Comparison, error) {
	if !o.check {
		if len(o.ignore) > 0 {
			return nil, wrongCall("--ignore is for --check, which is not given")
		}
		return nil, nil
	}
	c := &notebook.Comparison{}
	for _, text := range o.ignore {
		re, err := regexp.Compile(text)
		if err != nil {
			return nil, wrongCall("--ignore %s: %v", text, err)
		}
		c.Ignore = append(c.Ignore, re)
	}
	return c, nil
}

// parameters reads NAME=VALUE words.
func parameters(words []string) (map[string]string, error) {
	values := map[string]string{}
	for _, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" {
			return nil, wrongCall("--params wants NAME=VALUE, found %q", word)
		}
		if _, twice := values[name]; twice {
			return nil, wrongCall("--params sets %s twice", name)
		}
		values[name] = value
	}
	return values, nil
}

// readJobs reads all notebooks before the first one runs: what is wrong with
// the last should not come to light after minutes.
func readJobs(files []string, o runOptions) ([]*job, error) {
	values, err := parameters(o.params)
	if err != nil {
		return nil, err
	}
	output := destinations{flag: "--output", to: o.output, many: len(files) > 1}
	pages := destinations{flag: "--html", to: o.html, many: len(files) > 1, ext: ".html"}
	var jobs []*job
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		nb, err := notebook.Read(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if l := nb.Language(); l != "" && l != "go" {
			return nil, fmt.Errorf("%s: this notebook is written in %s (kernel %q), not in Go", file, l, nb.KernelName())
		}
		if len(values) > 0 {
			if err := nb.SetParameters(values); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
		j := &job{file: file, before: data, nb: nb}
		if j.target, err = output.of(file); err != nil {
			return nil, err
		}
		if o.inPlace {
			j.target = file
		}
		if j.html, err = pages.of(file); err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// destinations say where the files of several notebooks go: one file, or a
// folder.
type destinations struct {
	flag, to string
	many     bool
	ext      string // instead of the notebook's
	taken    map[string]bool
}

func (d *destinations) of(file string) (string, error) {
	if d.to == "" {
		return "", nil
	}
	info, err := os.Stat(d.to)
	if into := err == nil && info.IsDir() || strings.HasSuffix(d.to, "/"); !into {
		if d.many {
			return "", wrongCall("%s must be a folder when there is more than one notebook: %s is none", d.flag, d.to)
		}
		return d.to, nil
	}
	name := filepath.Base(file)
	if d.ext != "" {
		name = strings.TrimSuffix(name, filepath.Ext(name)) + d.ext
	}
	target := filepath.Join(d.to, name)
	if d.taken[target] {
		return "", wrongCall("two notebooks would be written to %s", target)
	}
	if d.taken == nil {
		d.taken = map[string]bool{}
	}
	d.taken[target] = true
	return target, nil
}

// runNotebook runs and writes one notebook. An error ends the whole command, and
// then nothing is written.
func runNotebook(ctx context.Context, cmd *cobra.Command, p parts, o runOptions, j *job, compare *notebook.Comparison, progress *progress) (err error) {
	dir, err := filepath.Abs(filepath.Dir(j.file))
	if err != nil {
		return err
	}
	kernel, err := p.open(ctx, logger(cmd).With(slog.String("notebook", j.file)), dir)
	if err != nil {
		return fmt.Errorf("%s: %w", j.file, err)
	}
	defer func() { err = errors.Join(err, kernel.close()) }()
	info, err := languageInfo(kernel.goVersion)
	if err != nil {
		return err
	}
	if j.nb.Metadata["kernelspec"] == nil {
		j.nb.Metadata["kernelspec"] = map[string]any{"name": kernelName, "display_name": displayName, "language": "go"}
	}
	progress.file(j.file)
	runner := &notebook.Runner{
		Kernel: kernel, Timeout: o.timeout, AllowErrors: o.allowErrors, OmitTiming: o.noTiming,
		LanguageInfo: info, Progress: progress.cell,
	}
	j.sum, err = runner.Run(ctx, j.nb)
	wrong := (*notebook.CellError)(nil)
	if err != nil && !errors.As(err, &wrong) {
		return fmt.Errorf("%s: %w", j.file, err)
	}
	j.ok = wrong == nil
	if compare != nil {
		if err := j.compare(compare); err != nil {
			return err
		}
		progress.diffs(j)
	}
	written, err := writeNotebook(cmd.OutOrStdout(), j)
	if err != nil {
		return err
	}
	if j.html != "" {
		var b bytes.Buffer
		title := strings.TrimSuffix(filepath.Base(j.file), ".ipynb")
		if err := page.Write(&b, j.nb, title); err != nil {
			return fmt.Errorf("%s: %w", j.file, err)
		}
		if err := replaceFile(j.html, b.Bytes()); err != nil {
			return err
		}
		written = strings.TrimPrefix(written+" and "+j.html, " and ")
	}
	progress.end(j.sum, written)
	return nil
}

// compare compares the cells that ran with what the file says of them. It is
// done after the run, because a cell may update what an earlier one has shown.
func (j *job) compare(c *notebook.Comparison) error {
	saved, err := notebook.Read(j.before)
	if err != nil {
		return fmt.Errorf("%s: %w", j.file, err) // it was read before
	}
	outputs := map[string][]notebook.Output{}
	for _, cell := range saved.Cells {
		outputs[cell.ID] = cell.Outputs
	}
	for _, r := range j.sum.Cells {
		cell := j.nb.Cells[r.Index]
		if r.Outcome == notebook.Skipped || cell.HasTag(notebook.TagInjected) {
			continue
		}
		if d := c.Diff(cell, outputs[cell.ID], cell.Outputs); d != "" {
			if j.diffs == nil {
				j.diffs = map[int]string{}
			}
			j.diffs[r.Index] = d
		}
	}
	return nil
}

// label names a cell to a person: its count, and how it begins.
func label(r notebook.Result, c *notebook.Cell) string {
	number := "-"
	if r.Count > 0 {
		number = fmt.Sprint(r.Count)
	}
	text, _, _ := strings.Cut(strings.TrimSpace(c.Source), "\n")
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:59]) + "…"
	}
	return "[" + number + "] " + cmp.Or(text, "(empty)")
}
