// Package e2e has only tests. They drive the installed kernel as its users do:
// through jupyter_client and nbclient, which stand behind JupyterLab, VS Code
// and CI, and through the command.
//
//   - They run when GOPARK_E2E is 1, as `make test` sets it, and are skipped
//     otherwise. Then what they need has to be there: a missing tool fails.
//   - GOPARK_VENV names the Python environment that `make install` has made;
//     without it, it is .venv at the root of the module.
//   - What a kernel of a test starts and writes carries that test's own TMPDIR,
//     so that what is left behind is found exactly: processes by their
//     environment, files by their place.
//   - The Python scripts in testdata print one line of JSON for each check, and
//     each becomes a subtest here.
package e2e
