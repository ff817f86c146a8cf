"""frontends.py GOPARK: front ends beside JupyterLab, each with the real tool.

Runs in the environment of lab/requirements-frontends.txt; JUPYTER_PATH names the
folder with the kernelspec.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import nbformat
import pexpect
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import report

gopark = sys.argv.pop(1)
bin = os.path.dirname(sys.executable)

CELLS = [
    new_markdown_cell("# A page\n\nWith *words*."),
    new_code_cell("var n = 3", metadata={"tags": ["parameters"]}),
    new_code_cell("func square(x int) int {\n\treturn x * x\n}\n\n%%\nfmt.Println(\"squares:\", square(n))"),
    new_code_cell('import "gopark/helpers"\n%%\nhelpers.Time("wait", func() { time.Sleep(time.Millisecond) })'),
    new_code_cell("square(n) + 1"),
    new_code_cell("%%\nvar m map[string]int\nm[\"a\"] = 1", metadata={"tags": ["raises-exception"]}),
    new_code_cell("!echo from a shell"),
]


class FrontEnds(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name
        nb = new_notebook(cells=[c.copy() for c in CELLS], metadata={
            "kernelspec": {"name": "gopark", "display_name": "Go (gopark)", "language": "go"},
            "language_info": {"name": "go", "file_extension": ".go"}})
        self.notebook = os.path.join(self.dir, "page.ipynb")
        nbformat.write(nb, self.notebook)

    def run_tool(self, *args, status=0):
        p = subprocess.run([os.path.join(bin, args[0]), *args[1:]], cwd=self.dir, capture_output=True, text=True, timeout=100)
        self.assertEqual(p.returncode, status, f"{args}: {p.stdout[-3000:]}\n{p.stderr[-3000:]}")
        return p.stdout + p.stderr

    def texts(self, file):
        """What each code cell of an executed notebook shows, as text."""
        nb = nbformat.read(os.path.join(self.dir, file), as_version=4)
        nbformat.validate(nb)
        all = []
        for c in nb.cells:
            if c.cell_type != "code":
                continue
            text = ""
            for o in c.outputs:
                text += o.get("text", "") + o.get("ename", "") + o.get("data", {}).get("text/plain", "")
            all.append(text)
        return all

    def executed(self, file):
        t = self.texts(file)
        self.assertEqual(t[1].split("\n")[0], "squares: 9")
        self.assertIn("wait: ", t[2])
        self.assertEqual(t[3], "10")
        self.assertEqual(t[4], "Panic")
        self.assertEqual(t[5], "from a shell\n")

    def test_jupyter_console(self):
        env = dict(os.environ, TERM="dumb", PYTHONWARNINGS="ignore")
        with open(os.path.join(self.dir, "log"), "w") as log:
            c = pexpect.spawn(os.path.join(bin, "jupyter-console"), ["--kernel", "gopark", "--simple-prompt"],
                              cwd=self.dir, env=env, encoding="utf-8", timeout=30, logfile=log)
            try:
                c.expect(r"In \[1\]: ")
                c.sendline("40 + 2")
                c.expect(r"Out\[1\]: 42")
                c.expect(r"In \[2\]: ")
                c.sendline("func double(x int) int { return 2 * x }")
                c.expect(r"In \[3\]: ")
                c.sendline('fmt.Println("twice:", double(21))')
                c.expect("twice: 42")
                c.expect(r"In \[4\]: ")
                c.sendline("undefinedName")
                c.expect("undefined: undefinedName")
                c.expect(r"In \[5\]: ")
                # A program that reads asks here.
                c.sendline('var s string; fmt.Print("name? "); fmt.Scanln(&s); fmt.Println("hello", s)')
                c.expect(r"name\? ")
                c.sendline("gopher")
                c.expect("hello gopher")
                c.expect(r"In \[6\]: ")
                c.sendeof()
                c.expect("Do you really want to exit")
                c.sendline("y")
                c.expect(pexpect.EOF)
            except pexpect.ExceptionPexpect as e:
                self.fail(f"{str(e)[-2000:]}\n{open(log.name).read()[-2000:]}")
            finally:
                c.close(force=True)

    def test_nbconvert(self):
        self.run_tool("jupyter-nbconvert", "--execute", "--to", "html", "page.ipynb")
        html = open(os.path.join(self.dir, "page.html")).read()
        for want in ["squares: 9", 'src="data:image/svg+xml;base64,', "from a shell", "assignment to entry in nil map"]:
            self.assertIn(want, html)

    def test_papermill(self):
        # Papermill stops at any error, also one that belongs there.
        nb = nbformat.read(self.notebook, as_version=4)
        nb.cells = [c for c in nb.cells if "raises-exception" not in c.metadata.get("tags", [])]
        nbformat.write(nb, self.notebook)
        self.run_tool("papermill", "--no-progress-bar", "page.ipynb", "out.ipynb")
        self.assertEqual(self.texts("out.ipynb")[1].split("\n")[0], "squares: 9")
        # It knows no Go to write parameters in; ours does, with papermill's tags.
        out = self.run_tool("papermill", "--no-progress-bar", "-p", "n", "5", "page.ipynb", "out.ipynb", status=1)
        self.assertIn("No parameter translator functions specified for kernel 'gopark'", out)
        ours = subprocess.run([gopark, "run", "-q", "-p", "n=5", "-o", "with.ipynb", "page.ipynb"], cwd=self.dir, capture_output=True, text=True)
        self.assertEqual(ours.returncode, 0, ours.stderr)
        self.assertEqual(self.texts("with.ipynb")[2].split("\n")[0], "squares: 25")
        # What ours has injected, papermill runs again.
        self.run_tool("papermill", "--no-progress-bar", "with.ipynb", "out.ipynb")
        self.assertEqual(self.texts("out.ipynb")[2].split("\n")[0], "squares: 25")

    def test_nbmake(self):
        out = self.run_tool("pytest", "--nbmake", "-p", "no:cacheprovider", "page.ipynb")
        self.assertIn("1 passed", out)
        nb = nbformat.read(self.notebook, as_version=4)
        nb.cells.append(new_code_cell("%%\npanic(\"boom\")"))
        nbformat.write(nb, self.notebook)
        out = self.run_tool("pytest", "--nbmake", "-p", "no:cacheprovider", "page.ipynb", status=1)
        self.assertIn("boom", out)

    def test_jupytext(self):
        """Text files from a notebook, and the same notebook from them."""
        for form, file in [("go:percent", "page.go"), ("md", "page.md")]:
            with self.subTest(form):
                self.run_tool("jupytext", "--to", form, "--output", file, "page.ipynb")
                self.run_tool("jupytext", "--to", "ipynb", "--output", "back.ipynb", file)
                back = nbformat.read(os.path.join(self.dir, "back.ipynb"), as_version=4)
                want = [(c.cell_type, c.source, c.metadata.get("tags", [])) for c in CELLS]
                self.assertEqual([(c.cell_type, c.source, c.metadata.get("tags", [])) for c in back.cells], want)
                self.assertEqual(back.metadata.kernelspec.name, "gopark")
                ours = subprocess.run([gopark, "run", "-q", "-i", "back.ipynb"], cwd=self.dir, capture_output=True, text=True)
                self.assertEqual(ours.returncode, 0, ours.stderr)
                self.executed("back.ipynb")

    def test_jupyter_execute(self):
        self.run_tool("jupyter-execute", "--kernel_name=gopark", "--output=out.ipynb", "page.ipynb")
        self.executed("out.ipynb")


report.main(FrontEnds)
