"""NB105: the saved execution counts have gaps.

The counts go up by one with every run of a cell. Where numbers are missing, cells were run that are not here any more, or were run again: the saved
outputs may come from code that nobody can see.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB105"
SEVERITY = Severity.note
MESSAGE = "the saved execution counts leave out {missing} of {last}: cells were run again, or were run and are not here any more"
HINT = "restart the kernel and run all cells, to see whether the saved outputs come from this code"
EXAMPLES = (
    Example(("x = 1", "y = x + 1"), "leave out 5 of 7", cell=1, line=None, counts=(1, 7)),
    Example(("x = 1", "y = x + 1"), counts=(1, 2)),
    Example(("x = 1", "", "y = x + 1"), counts=(1, None, 2)),
    Example(("x = 1", "y = x + 1")),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding a notebook, at the cell after the widest gap."""
    counts = sorted((cell.execution_count, cell.index) for cell in case.notebook.code_cells if cell.execution_count)
    if counts:
        last = counts[-1][0]
        missing = last - len({count for count, _ in counts})
        gaps = [(count - before, -cell) for (before, _), (count, cell) in zip([(0, 0), *counts], counts, strict=False)]
        if missing > 0:
            yield Finding(-max(gaps)[1], None, {"missing": missing, "last": last})
