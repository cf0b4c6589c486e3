"""NB001: a cell that is not Python.

print "hello"     ->   NB001 error: cell 3 line 1 does not parse
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nb2prod.analysis.walk import Walk
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId

CODE = "NB001"
MESSAGE = "the cell does not parse: {error}"
HINT = "mend the cell, or tag it `drop` if no result needs it"


def check(notebook: Notebook, walked: Walk, live: Mapping[StatementId, str]) -> Iterator[Diagnostic]:
    """An error for each cell with broken syntax, unless it is tagged `drop` or ended in that error when it ran."""
    counted = any(cell.execution_count is not None for cell in notebook.code_cells)
    for cell in notebook.code_cells:
        if cell.syntax_error and "drop" not in cell.tags:
            ran_wrong = cell.error is not None or (counted and cell.execution_count is None)
            severity = Severity.warning if ran_wrong else Severity.error
            line = cell.syntax_error.partition(":")[0].removeprefix("line ")
            yield Diagnostic(
                CODE, severity, MESSAGE.format(error=cell.syntax_error), HINT, cell.index, int(line) if line.isdigit() else None
            )
