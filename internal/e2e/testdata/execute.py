"""execute.py KERNEL NOTEBOOK OUT: runs a notebook with nbclient and writes it.

Errors of cells tagged raises-exception belong there; any other ends the run
and the exit status says so.
"""
import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

kernel, source, target = sys.argv[1:]
notebook = nbformat.read(source, as_version=4)
for cell in notebook.cells:
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
client = NotebookClient(notebook, kernel_name=kernel, timeout=120, iopub_timeout=20, raise_on_iopub_timeout=True,
                        resources={"metadata": {"path": os.path.dirname(os.path.abspath(source))}})
try:
    client.execute()
except CellExecutionError as e:
    print(e)
    sys.exit(1)
finally:
    nbformat.write(notebook, target)
nbformat.validate(notebook)
