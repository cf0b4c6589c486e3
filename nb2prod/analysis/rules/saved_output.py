"""NB106: a saved output cannot come from the code above it.

The code was changed after its last run, or the output was carried over: what the notebook shows is not what it does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity
from nb2prod.model.notebook import Cell, Output
from nb2prod.model.syntax import parsed

CODE = "NB106"
SEVERITY = Severity.note
MESSAGE = "the saved output cannot come from this code: {why}"
HINT = "run the cell again, so that the notebook shows what it does"
EXAMPLES = (
    Example(("x = 1",), "it shows a value, and the code ends in none", outputs=((0, "result", "1"),), counts=(1,)),
    Example(("",), "it shows something, and the cell is empty", line=None, outputs=((0, "stream", "hello"),), counts=(1,)),
    Example(
        ("x = 1\nprint(x)",),
        "it says that `y` is not defined, and the code does not use it",
        line=2,
        outputs=((0, "NameError", "2 y"),),
        counts=(1,),
    ),
    Example(("x = 1\nx",), outputs=((0, "result", "1"),), counts=(1,)),
    Example(("x = 1\nprint(y)",), outputs=((0, "NameError", "2 y"),), counts=(1,)),
    Example(("%time x = 1",), outputs=((0, "result", "1"),), counts=(1,)),
)


def check(case: Case) -> Iterator[Finding]:
    """At most one finding a cell."""
    for cell in case.notebook.code_cells:
        why = next((why for output in cell.outputs if (why := contradiction(cell, output))), "") if not cell.syntax_error else ""
        if why:
            yield Finding(cell.index, cell.statements[-1].span.start_line if cell.statements else None, {"why": why})


def contradiction(cell: Cell, output: Output) -> str:
    """Why the code of a cell cannot have given an output; empty where it can."""
    if not cell.source.strip():
        return "it shows something, and the cell is empty"
    if output.kind == "error":
        name = missing_name(output)
        return f"it says that `{name}` is not defined, and the code does not use it" if name and name not in cell.source else ""
    if output.kind == "result" and cell.statements and not cell.directives and "get_ipython" not in cell.code:
        return "" if isinstance(parsed(cell.code).body[-1], ast.Expr) else "it shows a value, and the code ends in none"
    return ""


def missing_name(output: Output) -> str:
    """The name a saved NameError is about, when its own cell raised it."""
    if output.error_name != "NameError" or not output.error_line:
        return ""
    before, _, rest = output.text.rpartition("name '")
    return rest.partition("' is not defined")[0] if before is not None and "' is not defined" in rest else ""
