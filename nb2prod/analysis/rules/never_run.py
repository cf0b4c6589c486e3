"""NB109: kept code stands in a cell that was never run.

The notebook was saved with execution counts, and this cell has none: what the other cells show was made without it. A run from top to bottom runs it.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB109"
SEVERITY = Severity.warning
MESSAGE = "this cell was not run when the notebook was saved, but {user} needs it; it is taken to run where it stands, as `Run all` runs it"
HINT = "run all cells and save, so that what is shown is what the code does, or tag the cell `drop`"
EXAMPLES = (
    Example(
        ("x = 1", "x = 2", "print(x + 1)"), "was not run when the notebook was saved, but cell 2 needs it", cell=1, counts=(1, None, 2)
    ),
    Example(("x = 1", "y = 2", "print(x + 1)"), counts=(1, None, 2)),
    Example(("x = 1", "print(x + 1)")),
)


def check(case: Case) -> Iterator[Finding]:
    """At most one finding a cell."""
    counted = any(cell.execution_count is not None for cell in case.notebook.code_cells)
    for cell in case.notebook.code_cells if counted else ():
        if cell.execution_count is None and not cell.outputs:
            users = ((statement.id, user) for statement in cell.statements for user in case.users.get(statement.id, ()))
            found = next(((id, user) for id, user in users if id in case.live and user in case.live and user.cell != cell.index), None)
            if found is not None:
                yield at(case.walked.step(found[0]), user=f"cell {found[1].cell}")
