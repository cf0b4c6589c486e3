"""NB001: a cell is not Python.

Nothing in it can be analysed or kept. Where the saved run failed in it, or it never ran, no result can need it, and this is only a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB001"
SEVERITY = Severity.error
MESSAGE = "the cell does not parse: {error}"
HINT = "mend the cell, or tag it `drop` if no result needs it"
EXAMPLES = (
    Example(("x = 1", "y = 2\nprint 'hello'"), "the cell does not parse: line 2: ", cell=1, line=2),
    Example(("x = 1", "print('hello')")),
    Example(("x = 1", "%matplotlib inline\n!ls")),
)


def check(case: Case) -> Iterator[Finding]:
    """A finding for each cell with broken syntax, unless it is tagged `drop`."""
    counted = any(cell.execution_count is not None for cell in case.notebook.code_cells)
    for cell in case.notebook.code_cells:
        if cell.syntax_error and "drop" not in cell.tags:
            ran_wrong = cell.error is not None or (counted and cell.execution_count is None)
            line = cell.syntax_error.partition(":")[0].removeprefix("line ")
            severity = Severity.warning if ran_wrong else None
            yield Finding(cell.index, int(line) if line.isdigit() else None, {"error": cell.syntax_error}, severity)
