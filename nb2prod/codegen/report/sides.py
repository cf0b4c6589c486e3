"""Comparisons as the page shows them: notebook and package side by side, with what differs marked.

Comparison("late", "different", ..., views=(table, table))
    ->   ShownPair(comparison, (Side("table", rows=((Mark("FR", False), Mark("0.31", True)),)), Side("table", ...)))
"""

from __future__ import annotations

from itertools import zip_longest
from typing import NamedTuple

from nb2prod.model.verdict import Comparison, View

MOST_IMAGES = 60  # of one page


class Mark(NamedTuple):
    """A piece of a value, and whether the other run has something else in its place."""

    text: str
    differs: bool


class Side(NamedTuple):
    """One run's value: an image, rows of marks (the first is the head), or lines of marks."""

    kind: str
    image: str
    rows: tuple[tuple[Mark, ...], ...]


class ShownPair(NamedTuple):
    """A comparison to look at."""

    comparison: Comparison
    sides: tuple[Side, Side] | None


def pairs_of(comparisons: tuple[Comparison, ...]) -> tuple[ShownPair, ...]:
    """All comparisons, those that are not the same first."""
    ordered = sorted(comparisons, key=lambda one: ORDER.index(one.outcome))
    images, pairs = 0, []
    for one in ordered:
        views = one.views
        images += views is not None and views[0].kind == "image"
        fits = views is not None and (views[0].kind != "image" or images <= MOST_IMAGES)
        pairs.append(ShownPair(one, sides(*views) if views is not None and fits else None))
    return tuple(pairs)


ORDER = ("different", "unknown", "nondeterministic", "same")


def sides(left: View, right: View) -> tuple[Side, Side]:
    """Two views with the cells or lines that differ marked in both."""
    if left.kind == "image":
        return Side("image", left.image, ()), Side("image", right.image, ())
    rows = [view.rows if left.kind == "table" else tuple((line,) for line in view.text.splitlines()) for view in (left, right)]
    return Side(left.kind, "", _marked(rows[0], rows[1])), Side(left.kind, "", _marked(rows[1], rows[0]))


def _marked(rows: tuple[tuple[str, ...], ...], other: tuple[tuple[str, ...], ...]) -> tuple[tuple[Mark, ...], ...]:
    paired = zip_longest(rows, other[: len(rows)], fillvalue=())
    return tuple(tuple(Mark(cell, at >= len(twin) or twin[at] != cell) for at, cell in enumerate(row)) for row, twin in paired)
