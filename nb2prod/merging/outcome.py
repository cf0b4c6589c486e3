"""What a merge comes to: the text, and what could not be merged, with all sides of it.

Merge("def f(): ...", (Conflict("f", base="...", hand="...", new="...", told="edited by hand, and the notebook changed it too; yours stays"),))
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Conflict:
    """Something both sides changed: its name ("Parameters.seed"; empty: the whole file), its three texts (empty: not there), and what was done."""

    name: str
    base: str
    hand: str
    new: str
    told: str


@dataclass(frozen=True)
class Merge:
    """A merged text: nothing of the hand's is missing from it, and what is missing of the other side is in the conflicts."""

    text: str
    conflicts: tuple[Conflict, ...] = ()
