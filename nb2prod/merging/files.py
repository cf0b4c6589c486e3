"""Three versions of one file -> one, in the way that fits its kind: Python by definitions, notebooks by cells, the rest by lines and by keys.

src/churn/data.py      definitions (`python`)       notebooks/churn.ipynb     cells (`notebook`)
pyproject.toml         lines, else keys (`data`)    README.md, Dockerfile     lines; of a conflict the hand's lines stay
tests/data/in.csv      whole: the hand's stays
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nb2prod.merging.data import merge_json, merge_toml
from nb2prod.merging.lines import chunks, split_lines
from nb2prod.merging.notebook import merge_notebook
from nb2prod.merging.outcome import Conflict, Merge
from nb2prod.merging.python import merge_python
from nb2prod.merging.texts import text_of
from nb2prod.merging.units import Unit

BOTH = "edited by hand, and nb2prod would write something else; yours stays"
NO_TEXT = "changed by hand, and nb2prod would write something else; it is no UTF-8 text, so yours stays as it is"
UNREADABLE = "edited by hand, and cannot be read as what it should be ({}); yours stays as it is"


@dataclass(frozen=True)
class FileMerge:
    """The merged bytes of one file and what could not be merged; `whole` says that the new version as a whole was left out."""

    content: bytes
    conflicts: tuple[Conflict, ...] = ()
    whole: bool = False


def merge_file(path: str, base: bytes, hand: bytes, new: bytes, offers: Sequence[Unit] = ()) -> FileMerge:
    """One file that all three have."""
    mine = text_of(hand)
    before, theirs = text_of(base), text_of(new)
    if hand == new or base == new:
        return FileMerge(hand)
    if base == hand:
        return FileMerge(new)
    if mine is None or before is None or theirs is None:
        return FileMerge(hand, (Conflict("", "", "", "", NO_TEXT),), whole=True)
    if before.text == mine.text:  # only its line ends are another's
        return FileMerge(mine.bytes(theirs.text))
    if theirs.text in (before.text, mine.text):
        return FileMerge(hand)
    try:
        made = _merge(path, before.text, mine.text, theirs.text, offers)
    except ValueError as error:
        told = UNREADABLE.format(error)
        return FileMerge(hand, (Conflict("", before.text, mine.text, theirs.text, told),), whole=True)
    return FileMerge(hand if made.text == mine.text else mine.bytes(made.text), made.conflicts)


def merge_lines(base: str, hand: str, new: str) -> Merge:
    """Any text line by line; where both changed the same lines the hand's stay."""
    sides = [split_lines(text) for text in (base, hand, new)]
    found: list[str] = []
    conflicts: list[Conflict] = []
    for chunk in chunks(*sides):
        texts = ["".join(side[part]) for side, part in zip(sides, chunk[1:], strict=True)]
        found.append(texts[2] if chunk.take == "new" else texts[1])
        if chunk.take == "both":
            line = sum(text.count("\n") for text in found[:-1]) + 1
            conflicts.append(Conflict(f"line {line}", texts[0], texts[1], texts[2], BOTH))
    return Merge("".join(found), tuple(conflicts))


def _merge(path: str, base: str, hand: str, new: str, offers: Sequence[Unit]) -> Merge:
    if path.endswith(".py"):
        return merge_python(base, hand, new, offers)
    if path.endswith(".ipynb"):
        return merge_notebook(base, hand, new)
    made = merge_lines(base, hand, new)
    by_keys = KEYED.get(path.rpartition(".")[2])
    if by_keys is None:
        return made
    read, merge = by_keys
    if not made.conflicts and _reads(made.text, read):
        return made
    return merge(base, hand, new)


def _reads(text: str, read: Callable[[str], object]) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _toml(text: str) -> object:
    import tomlkit  # late: few projects need it

    return tomlkit.parse(text)


KEYED: dict[str, tuple[Callable[[str], object], Callable[[str, str, str], Merge]]] = {
    "json": (json.loads, merge_json),
    "toml": (_toml, merge_toml),
}
