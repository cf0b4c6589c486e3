"""Two runs of a notebook and one of its package -> where the package departs from what both runs of the notebook agree on.

{"score": 0.9, "seconds": 1.2}, {"score": 0.9, "seconds": 1.4} and {"score": 0.8, "seconds": 1.3}
    ->   "key 'score': 0.9 in the notebook, 0.8 in the package"
"""

from __future__ import annotations

import re

from nb2prod.model.recording import Picture
from nb2prod.verification.compare import findings
from nb2prod.verification.texts import first_difference, same_text

NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def steady_difference(expected: Picture, second: Picture, actual: Picture) -> str:
    """The first place where the notebook's two runs agree and the package does not; empty when there is none."""
    if expected.get("kind") == second.get("kind") == actual.get("kind") == "str":
        return _steady_line(*(str(picture.get("value", "")).splitlines() for picture in (expected, second, actual)))
    moved = {finding.place for finding in findings(expected, second, "") if finding.kind == "different"}
    for finding in findings(expected, actual, ""):
        if finding.kind == "different" and not finding.small and not any(_within(finding.place, place) for place in moved):
            return str(finding)
    return ""


def _within(place: str, moved: str) -> bool:
    """Whether a place is one that moved, or a part of it, or holds it."""
    return place == moved or place.startswith(moved + ", ") or moved.startswith(place + ", ") or not moved or not place


def _steady_line(before: list[str], after: list[str], package: list[str]) -> str:
    """Of texts with as many lines, the lines that are the same in both runs of the notebook must be the same in the package.

    A number that moved in one of several lines that are alike but for their numbers (`fold 3: loss 0.25, 0.07 sec`) may move in all of them.
    """
    if not len(before) == len(after) == len(package):
        return ""
    moving = _moving(before, after)
    for number, (one, other, told) in enumerate(zip(before, after, package, strict=True), 1):
        if not same_text(one, told) and _departs(one, other, told, moving):
            return f"line {number}: {first_difference(one, told).split(': ', 1)[-1]}"
    return ""


def _moving(before: list[str], after: list[str]) -> dict[str, set[int]]:
    """For lines alike but for their numbers, which of the numbers moved between two runs in any of them."""
    found: dict[str, set[int]] = {}
    for one, other in zip(before, after, strict=True):
        alike, numbers = NUMBER.sub("#", one), (NUMBER.findall(one), NUMBER.findall(other))
        if one != other and alike == NUMBER.sub("#", other):
            found.setdefault(alike, set()).update(rank for rank, (a, b) in enumerate(zip(*numbers, strict=True)) if a != b)
    return found


def _departs(one: str, other: str, told: str, moving: dict[str, set[int]]) -> bool:
    """Whether a line of the package differs from the notebook's in more than what moves there."""
    alike = NUMBER.sub("#", one)
    if alike != NUMBER.sub("#", told):
        return same_text(one, other)
    pairs = enumerate(zip(NUMBER.findall(one), NUMBER.findall(told), strict=True))
    departing = any(a != b and rank not in moving.get(alike, ()) for rank, (a, b) in pairs)
    return departing and (same_text(one, other) or alike == NUMBER.sub("#", other))
