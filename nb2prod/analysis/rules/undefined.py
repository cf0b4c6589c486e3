"""NB103: a name is used before anything defines it.

cell 2: print(total)          cell 5: total = 3     ->   NB103 warning: `total` is used before cell 5 defines it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nb2prod.analysis.walk import Walk
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId

CODE = "NB103"
MESSAGE = "`{name}` is used here but nothing above defines it"
HINT = "define it in a cell above, or move this cell down"


def check(notebook: Notebook, walked: Walk, live: Mapping[StatementId, str]) -> Iterator[Diagnostic]:
    """A warning for each name that is used before definition; names in dead statements are only noted."""
    for step in walked.steps:
        for name in sorted(step.touches.undefined):
            severity = Severity.warning if step.id in live else Severity.note
            yield Diagnostic(CODE, severity, MESSAGE.format(name=name), HINT, step.id.cell, step.tree.lineno)
