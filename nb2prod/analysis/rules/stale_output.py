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
MESSAGE = "the saved output was made before cell {cell} last ran and made `{name}` anew{others}"
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
    Example(
        ("x = 1", "print(x)", "print(x + 1)"),
        "made `x` anew; also that of cell 2",
        cell=1,
        line=None,
        counts=(4, 2, 3),
        outputs=((1, "stream", "0"), (2, "stream", "1")),
    ),
    Example(("x = 1", "print(x)"), counts=(2, 3), outputs=((1, "stream", "1"),)),
    Example(("import math", "print(math.pi)"), counts=(3, 2), outputs=((1, "stream", "3.14"),)),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each cell that was run again, at the first cell whose output is older, with the others named."""
    stale: dict[int, dict[int, str]] = {}
    for edge in case.graph.edges:
        user, provider, name = edge.user.cell, edge.provider.cell, edge.location.key
        if edge.location.kind == "name" and is_older(case, user, provider) and case.computes(edge.provider):
            stale.setdefault(provider, {}).setdefault(user, name)
    told: set[int] = set()
    for provider, users in stale.items():
        first, *others = [user for user in sorted(users) if user not in told] or [-1]
        told.update(users)
        if first >= 0:
            more = f"; also that of cell{'s' if len(others) > 1 else ''} {', '.join(map(str, others))}" if others else ""
            yield Finding(first, None, {"cell": provider, "name": users[first], "others": more})


def is_older(case: Case, user: int, provider: int) -> bool:
    """Whether a cell shows something and, by the counts, last ran before a cell above it that it needs."""
    cells = case.notebook.cells
    before, after = cells[user].execution_count, cells[provider].execution_count
    shown = any(output.kind != "error" for output in cells[user].outputs)
    return shown and provider < user and before is not None and after is not None and before < after
