"""The examples of a rule, which are its tests and stand on its page.

BAD = Example(("import random\nx = random.random()\nprint(x)",), "draws random numbers", line=2)
LEFT_ALONE = Example(("import random\nrandom.seed(1)\nx = random.random()\nprint(x)",))
"""

from __future__ import annotations

from typing import NamedTuple


class Example(NamedTuple):
    """Code cells, and what the rule says of them: some words of its message at a cell and line, or nothing at all.

    `counts` are saved execution counts, `outputs` saved outputs as (cell, kind, text), where an error's kind is its name and its text the
    line that raised it.
    """

    cells: tuple[str, ...]
    says: str = ""
    cell: int = 0
    line: int | None = 1
    counts: tuple[int | None, ...] = ()
    outputs: tuple[tuple[int, str, str], ...] = ()
