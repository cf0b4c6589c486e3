"""NB107: a saved output is older than what it shows.

By the execution counts, a cell above was run again after this one and made a name anew that this one uses: what is shown here was computed with the
value before.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB107"
SEVERITY = Severity.note
MESSAGE = "the saved output was made before cell {cell} last ran and made `{name}` anew"
HINT = "run the cells from top to bottom, so that the notebook shows what it does"
EXAMPLES = (
    Example(
        ("x = 1", "print(x)"),
        "made before cell 0 last ran and made `x` anew",
        cell=1,
        line=None,
        counts=(3, 2),
        outputs=((1, "stream", "0"),),
    ),
    Example(("x = 1", "print(x)"), counts=(2, 3), outputs=((1, "stream", "1"),)),
    Example(("import math", "print(math.pi)"), counts=(3, 2), outputs=((1, "stream", "3.14"),)),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each cell whose output is older than a variable it uses."""
    counts = {cell.index: cell.execution_count for cell in case.notebook.code_cells if cell.execution_count}
    roles = {step.id: step for step in case.walked.steps}
    told: set[int] = set()
    for edge in case.graph.edges:
        user, provider = edge.user.cell, edge.provider.cell
        shown = [output for output in case.notebook.cells[user].outputs if output.kind != "error"]
        if edge.location.kind != "name" or edge.location.key not in roles[edge.provider].bound or user in told or not shown:
            continue
        if provider < user and counts.get(user, 0) < counts.get(provider, 0) and user in counts and case.computes(edge.provider):
            told.add(user)
            yield Finding(user, None, {"cell": provider, "name": edge.location.key})
