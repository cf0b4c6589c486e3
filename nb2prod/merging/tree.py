"""Three versions of a whole project -> one: file by file, with definitions that moved from one module to another brought to one place first.

base  data.py: load      hand  data.py: load (edited)      new  loading.py: load      ->   loading.py: load (edited)

Files a person added are left alone, files a person deleted stay away, and what both changed in ways that do not go together is the hand's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nb2prod.merging.ancestor import digest
from nb2prod.merging.files import FileMerge, merge_file
from nb2prod.merging.outcome import Conflict
from nb2prod.merging.python import BOTH_ADDED, DELETED, GONE
from nb2prod.merging.texts import text_of
from nb2prod.merging.units import Unit, split

UNKNOWN = b"\0unknown"  # the base of a file of which only the digest is kept
Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Trouble:
    """A conflict in a file. `left_out` is the new version of the whole file, where that was not put into the project."""

    path: str
    conflict: Conflict
    left_out: bytes | None = None


@dataclass
class Tree:
    """The merged files, the conflicts, and the files that a person had deleted and that stay so."""

    files: dict[str, bytes] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


def merge_trees(base: Files, digests: Mapping[str, str], hand: Files, new: Files, offers: Mapping[str, tuple[Unit, ...]]) -> Tree:
    """The files of the merged project. Of files that are not in `base` the `digests` tell what was written last. `hand` has all that lies in the
    folder; what is the person's own alone is not among the merged files."""
    tree = Tree()
    for path in sorted({*base, *digests, *new}):
        before = _base(path, base, digests, hand.get(path), new.get(path))
        _merge_one(tree, path, before, hand.get(path), new.get(path), offers.get(path, ()))
    return tree


def _base(path: str, base: Files, digests: Mapping[str, str], hand: bytes | None, new: bytes | None) -> bytes | None:
    """What was written last; of a file that was not kept whole, the version that still has its digest."""
    if path in base or path not in digests:
        return base.get(path)
    return next((one for one in (hand, new) if one is not None and digest(one) == digests[path]), UNKNOWN)


def _merge_one(tree: Tree, path: str, base: bytes | None, hand: bytes | None, new: bytes | None, offers: Iterable[Unit]) -> None:
    if hand is not None and new is not None:
        made = merge_file(path, base, hand, new, tuple(offers)) if base is not None else _both_added(hand, new)
        tree.files[path] = made.content
        tree.troubles += [Trouble(path, conflict, new if made.whole else None) for conflict in made.conflicts]
    elif hand is None and new is not None:
        if base is None:
            tree.files[path] = new
            return
        tree.deleted.append(path)
        if base != new and not _is_bare(path, new):
            tree.troubles.append(Trouble(path, Conflict("", _text(base), "", _text(new), DELETED), new))
    elif hand is not None and base is not None and not _adds_nothing(base, hand):
        tree.files[path] = hand
        tree.troubles.append(Trouble(path, Conflict("", _text(base), _text(hand), "", GONE)))


def _both_added(hand: bytes, new: bytes) -> FileMerge:
    if hand == new:
        return FileMerge(hand)
    return FileMerge(hand, (Conflict("", "", _text(hand), _text(new), BOTH_ADDED),), whole=True)


def _is_bare(path: str, content: bytes) -> bool:
    """Whether a module has nothing left but its docstring and imports, because its definitions moved away."""
    try:
        return path.endswith(".py") and all(unit.kind in ("doc", "import", "if", "note") for unit in split(_text(content)))
    except ValueError:
        return False


def _adds_nothing(base: bytes, hand: bytes) -> bool:
    """Whether every line of the hand's file is one that nb2prod wrote."""
    return base == hand or (b"\0" not in hand and set(_text(hand).split("\n")) <= set(_text(base).split("\n")))


def _text(content: bytes | None) -> str:
    """The text of a file to be shown; empty for what is none."""
    read = text_of(content) if content is not None else None
    return read.text if read is not None else ""
