"""Whether the package gives the notebook's results.

Verdict("same", comparisons=(Comparison("accuracy", "same", how="float, relative tolerance 1e-9", notebook="0.84", package="0.84"),))
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["same", "different", "unknown"]


@dataclass(frozen=True)
class View:
    """A value to look at: an image (PNG in base64), the first rows of a table (its head first), or a text."""

    kind: Literal["image", "table", "text"]
    image: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Comparison:
    """One result held against its twin: the outcome, how they were compared, both values in short, and where the first difference is.

    The outcome `nondeterministic` means the notebook itself gave two different values in two runs, so only kind and shape were compared.
    `views` are both values to look at, the notebook's first; they are for people and take no part in equality.
    """

    name: str
    outcome: Literal["same", "different", "unknown", "nondeterministic"]
    how: str
    notebook: str = ""
    package: str = ""
    difference: str = ""
    views: tuple[View, View] | None = field(default=None, compare=False, repr=False)

    def facts(self) -> dict[str, str]:
        """What is written down of it: everything but the views."""
        return {name: value for name, value in vars(self).items() if name != "views"}


@dataclass(frozen=True)
class Trial:
    """One parameter with another value: whether the package run with it gives what the notebook gives with that value written into it.

    `told` says what differed, why it could not be told, or that both raise the same error.
    """

    parameter: str
    value: object
    outcome: Outcome
    told: str = ""


@dataclass(frozen=True)
class Verdict:
    """The outcome over all results. `unknown` (with its reason) is never success; `restored` names what had to be brought back to get here.

    `trials` are parameters tried with other values; they take no part in the outcome, which is that of the notebook's own values.
    """

    outcome: Outcome
    reason: str = ""
    comparisons: tuple[Comparison, ...] = ()
    restored: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()
