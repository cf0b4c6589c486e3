"""NB201: the notebook waits for someone to type.

A job runs alone, and nobody answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB201"
SEVERITY = Severity.error
MESSAGE = "`input()` waits for someone to type, and a job has nobody to ask"
HINT = "assign the value to a variable instead: it becomes a parameter"
EXAMPLES = (
    Example(("name = input('who? ')\nprint(name + '!')",), "`input()` waits for someone to type"),
    Example(("name = input('who? ')", "print(1 + 2)")),
    Example(("def input(text):\n    return 'me'\nname = input('who? ')\nprint(name + '!')",)),
)


def check(case: Case) -> Iterator[Finding]:
    """An error for each live statement that asks for input."""
    for step in case.live_steps:
        if step.touches.asks:
            yield at(step)
