"""What was dropped and must come back, because without it the package does not give what the notebook gave.

cell 4 line 2  scaler.partial(X)      Restoration(statements={4.1}, told=("cell 4 line 2 `scaler.partial(X)` changed `X`: nothing said that ...",))
"""

from __future__ import annotations

from dataclasses import dataclass

from nb2prod.model.notebook import StatementId


@dataclass(frozen=True)
class Departure:
    """Where two runs of a notebook part: the first statement that came out otherwise, and the names it uses that were different before it.

    `how` says what of it differs: `raised`, `value`, `shown` or `printed`; `of` are the names whose values these are.
    """

    statement: StatementId
    how: str
    of: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Restoration:
    """Statements to keep although the analysis drops them, whether all is to be one function, and why: a sentence each."""

    statements: frozenset[StatementId]
    whole: bool = False
    told: tuple[str, ...] = ()
