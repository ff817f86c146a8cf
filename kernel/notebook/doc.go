// Package notebook reads and writes Jupyter notebooks (nbformat 4.5) and runs
// their code cells.
//
// # Files
//
// [Read] takes the bytes of an .ipynb file and [Notebook.Marshal] gives them
// back in the one form that Python's nbformat writes: keys sorted, one space of
// indent, text beyond ASCII as it is, multi-line text as a list of lines, a
// newline at the end. A file that nbformat wrote and nobody changed is rewritten
// byte for byte, so that a run changes nothing in a diff but what the run
// changed. Fields that this package does not know are kept.
//
// # Running
//
// A [Runner] gives one code cell after the other to a [Kernel] and records what
// the kernel publishes as JupyterLab and nbclient would have stored it.
//
// # Invariants
//
//   - The package opens no file, starts no process and no goroutine, and builds
//     for js/wasm. Its callers own the files; the Kernel owns what runs.
//   - A Notebook belongs to one goroutine at a time. While a Runner works on it,
//     only the Runner may touch it.
//   - Values inside metadata and outputs are those that Read makes:
//     map[string]any, []any, string, bool, nil, and json.Number for numbers,
//     which keeps the digits that the file had.
package notebook
