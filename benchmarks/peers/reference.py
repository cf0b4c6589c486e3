"""Runs a notebook as Jupyter does, with a line more at its end, in the interpreter that runs this: needs nbformat and nbclient.

    python reference.py NOTEBOOK ORDER LINE      -> exit code 0, or 1 when a cell fails that did not fail when it was saved

ORDER is `document` or `counts`: that in which the saved execution counts say the cells were run. Cells that failed when they were saved may fail.
"""

import sys

import nbformat
from nbclient import NotebookClient

path, order, line = sys.argv[1:4]
notebook = nbformat.read(path, 4)
failing = {cell.get("id") for cell in notebook.cells if any(one.output_type == "error" for one in cell.get("outputs", ()))}
if order == "counts":
    counted = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.execution_count]
    notebook.cells = sorted(counted, key=lambda cell: cell.execution_count)
notebook.cells.append(nbformat.v4.new_code_cell(line))
NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=True).execute(cwd=".")
for cell in notebook.cells:
    for output in cell.get("outputs", ()):
        if output.output_type == "error" and cell.get("id") not in failing:
            sys.exit(f"{output.ename}: {output.evalue}")
