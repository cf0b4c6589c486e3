"""NB103: a name is used before the cell that defines it.

Run from top to bottom the notebook stops here; that it once ran means its cells were run in another order. In a dropped statement this is only
a note.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB103"
SEVERITY = Severity.warning
MESSAGE = "`{name}` is used here but nothing above defines it: {where}"
HINT = "define it in a cell above, or move this cell down"
EXAMPLES = (
    Example(("x = 1\nprint(x + rate)", "rate = 2"), "`rate` is used here but nothing above defines it: cell 1 does", line=2),
    Example(("x = 1\ndel x", "print(x)"), "`x` is used here but nothing above defines it: cell 0 deletes it", cell=1),
    Example(("def f():\n    return later\nlater = 1\nprint(f())",)),
    Example(("print([v for v in [1]], len([1]), __name__)",)),
)


def check(case: Case) -> Iterator[Finding]:
    """A finding for each name that another cell defines too late, or that was deleted."""
    steps = case.walked.steps
    for rank, step in enumerate(steps):
        for name in sorted(step.touches.undefined):
            later = next((steps[other] for other in case.binders.get(name, ()) if other >= rank), None)
            deleted = next((steps[other] for other in reversed(case.unbinders.get(name, [])) if other < rank), None)
            severity = None if step.id in case.live else Severity.note
            if deleted is not None:
                yield at(step, None, severity, name=name, where=f"cell {deleted.id.cell} deletes it")
            elif later is not None:
                here = "only this statement does" if later is step else f"cell {later.id.cell} does"
                yield at(step, None, severity, name=name, where=here)
