"""Three versions of a sequence -> one: what either side changed, and where both changed the same place, both.

base  a b c d      hand  a B c d      new  a b c D      ->   a B c D
base  a b          hand  a X          new  a Y          ->   a, conflict(b | X | Y)

The algorithm is diff3 (Khanna, Kunal and Pierce, "A Formal Investigation of Diff3", 2007): runs that all three share separate the sequence into
chunks, and each chunk is taken from the side that changed it. Changes that touch without a shared item between them are a conflict.
"""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Chunk(NamedTuple):
    """One stretch of the merge: the ranges of it in base, hand and new, and which side to take ("both" is a conflict)."""

    take: str
    base: slice
    hand: slice
    new: slice


def chunks(base: Sequence[Item], hand: Sequence[Item], new: Sequence[Item]) -> Iterator[Chunk]:
    """The merge as stretches in order: `same`, `hand` or `new` says whose to take, `both` that they cannot be told apart."""
    at = (0, 0, 0)
    for start, length in (*_shared(base, hand, new), ((len(base), len(hand), len(new)), 0)):
        ranges = tuple(slice(before, after) for before, after in zip(at, start, strict=True))
        if any(part.stop > part.start for part in ranges):
            yield Chunk(_whose(base[ranges[0]], hand[ranges[1]], new[ranges[2]]), *ranges)
        at = (start[0] + length, start[1] + length, start[2] + length)
        if length:
            yield Chunk("same", *(slice(before, after) for before, after in zip(start, at, strict=True)))


def merged(base: Sequence[Item], hand: Sequence[Item], new: Sequence[Item]) -> list[Item] | None:
    """The merge, or None where there is a conflict."""
    found: list[Item] = []
    for chunk in chunks(base, hand, new):
        if chunk.take == "both":
            return None
        found += new[chunk.new] if chunk.take == "new" else hand[chunk.hand]
    return found


def split_lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one, as in files."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _whose(base: Sequence[Item], hand: Sequence[Item], new: Sequence[Item]) -> str:
    base, hand, new = list(base), list(hand), list(new)
    if hand == new:
        return "same"
    if base == hand:
        return "new"
    return "hand" if base == new else "both"


def _shared(base: Sequence[Item], hand: Sequence[Item], new: Sequence[Item]) -> Iterator[tuple[tuple[int, int, int], int]]:
    """The runs that all three share, in order: where each begins, and its length."""
    ours, theirs = ([block for block in _blocks(base, other) if block.size] for other in (hand, new))
    i = j = 0
    while i < len(ours) and j < len(theirs):
        start = max(ours[i].a, theirs[j].a)
        end = min(ours[i].a + ours[i].size, theirs[j].a + theirs[j].size)
        if start < end:
            yield (start, ours[i].b + start - ours[i].a, theirs[j].b + start - theirs[j].a), end - start
        if ours[i].a + ours[i].size < theirs[j].a + theirs[j].size:
            i += 1
        else:
            j += 1


def _blocks(base: Sequence[Item], other: Sequence[Item]) -> list[difflib.Match]:
    return difflib.SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
