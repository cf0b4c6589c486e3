"""NB201: the notebook waits for someone to type.

name = input("who? ")     ->   NB201 error: a job has nobody to ask
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nb2prod.analysis.walk import Walk
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId

CODE = "NB201"
MESSAGE = "`input()` waits for someone to type, and a job has nobody to ask"
HINT = "assign the value to a variable instead: it becomes a parameter"


def check(notebook: Notebook, walked: Walk, live: Mapping[StatementId, str]) -> Iterator[Diagnostic]:
    """An error for each live statement that asks for input."""
    for step in walked.steps:
        if step.touches.asks and step.id in live:
            yield Diagnostic(CODE, Severity.error, MESSAGE, HINT, step.id.cell, step.tree.lineno)
