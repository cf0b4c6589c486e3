"""NB104: a name is used that nothing in the notebook defines.

Only a cell that was deleted or rewritten, or an earlier run, can have made it, so a fresh run stops here. In a dropped statement this is only a
note.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB104"
SEVERITY = Severity.warning
MESSAGE = "`{name}` is used here but no cell defines it: only a deleted cell or an earlier run can have made it"
HINT = "bring back the code that made it in a cell above"
EXAMPLES = (
    Example(("x = 1\nprint(x + rate)",), "`rate` is used here but no cell defines it", line=2),
    Example(("x = 1\nprint(x + rate)", "rate = 2")),
    Example(("from math import *\nprint(sqrt(2))",)),
    Example(("exec(open('setup.py').read())", "print(rate)")),
)


def check(case: Case) -> Iterator[Finding]:
    """A finding for the first use of each name that no cell binds."""
    bound = {name for step in case.walked.steps for name in step.bound}
    bound |= case.unbinders.keys()
    told: set[str] = set()
    for step in sorted(case.walked.steps, key=lambda step: step.id not in case.live):
        for name in sorted(step.touches.undefined - bound - told):
            told.add(name)
            yield at(step, case.mention(step, name), None if step.id in case.live else Severity.note, name=name)
