"""A pair of pictures -> a Comparison people can read, and what a second run of the notebook says about a difference.

Pair("score", 0.84, 0.85)                                  ->   Comparison("score", "different", ...)
... and a second run of the notebook gives 0.83            ->   Comparison("score", "nondeterministic", ...)
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import replace

from nb2prod.model.recording import Picture
from nb2prod.model.verdict import Comparison
from nb2prod.verification.brief import brief
from nb2prod.verification.compare import Match, compare
from nb2prod.verification.delimited import DELIMITERS, first_cell
from nb2prod.verification.numbers import TOLERANCE
from nb2prod.verification.pairs import Pair
from nb2prod.verification.skeleton import outline, skeleton
from nb2prod.verification.steady import steady_difference
from nb2prod.verification.texts import uncut
from nb2prod.verification.views import views_of


def judge(pair: Pair) -> Comparison:
    """How one result came out, without asking whether chance plays a part."""
    match = _match(pair)
    notebook, package = (brief(picture) if picture is not None else "" for picture in (pair.expected, pair.actual))
    views = views_of(pair.expected, pair.actual)
    return Comparison(pair.name, match.outcome, _how(pair), notebook, package, match.difference, views)


def _match(pair: Pair) -> Match:
    if pair.expected is None and pair.actual is None:
        return Match("unknown", pair.missing)
    if pair.expected is None or pair.actual is None:
        return Match("different", pair.missing)
    if pair.bytes_equal:
        return Match("same")
    if pair.file:
        return _file_match(pair.name, pair.expected, pair.actual)
    return _cut(pair.expected, pair.actual) or compare(pair.expected, pair.actual)


def _file_match(name: str, expected: Picture, actual: Picture) -> Match:
    """Files of text to the line ends, which a terminal may change but a file keeps; a difference in a table by row and column."""
    match = compare(expected, actual)
    texts = [picture.get("value") if picture.get("kind") == "str" else None for picture in (expected, actual)]
    if texts[0] is None or texts[1] is None:
        return match
    left, right = (str(text) for text in texts)
    if match.outcome == "same" and left.count("\r\n") != right.count("\r\n"):
        return Match("different", "the lines end in another way")
    delimiter = DELIMITERS.get(posixpath.splitext(name)[1].lower())
    if match.outcome == "different" and delimiter:
        return Match("different", first_cell(left, right, delimiter) or match.difference)
    return match


def _cut(expected: Picture, actual: Picture) -> Match | None:
    """A text of which only the beginning was kept can at best be unknown."""
    if expected.get("kind") != "str" or "value" not in expected:
        return None
    kept, was_cut = uncut(expected["value"])
    if not was_cut:
        return None
    if actual.get("kind") == "str" and str(actual.get("value", "")).startswith(kept[:1000]):
        return Match("unknown", "the notebook printed too much to keep")
    return Match("different", "the printed text differs in its first lines")


def _how(pair: Pair) -> str:
    """How they were compared, for the report."""
    if pair.bytes_equal:
        return "file, byte for byte"
    picture = pair.expected or pair.actual
    if picture is None or pair.expected is None or pair.actual is None:
        return "by presence"
    if pair.unreadable:
        return "file, byte for byte (content of this format is not known)"
    kind = str(picture.get("kind"))
    kind = "file under a name of its own in every run" if pair.renamed else kind
    return f"{NAMES.get(kind, kind)}, {'exactly' if kind in EXACT else TOLERANCE}"


NAMES: Mapping[str, str] = {"str": "text", "scalar": "number", "text": "value", "figure": "what was drawn"}
EXACT = frozenset("none bool int bytes range enum path text missing class module dtype function builtin".split())


def judge_chance(pair: Pair, first: Comparison, other: Pair | None) -> Comparison:
    """The comparison again, knowing the same result from a second run of the notebook.

    Where the notebook does not agree with itself, the parts on which its runs do agree must be the same in the package; of the others only
    kind, type, shape and columns can be asked for, as far as its own runs agree on them.
    """
    if first.outcome != "different" or not _by_chance(pair, other):
        return first
    seen = [picture for picture in (pair.expected, other.expected if other is not None else None) if picture is not None]
    if pair.actual is None and (pair.file or len(seen) == 2):
        return first  # both runs of the notebook have it, or something in its place
    excused = replace(first, outcome="nondeterministic", how=CHANCE)
    if pair.actual is None:
        return excused
    if len(seen) == 2:
        steady = steady_difference(seen[0], seen[1], pair.actual)
        if steady:
            return replace(first, how=CHANCE, difference=steady)
    asked = next((told for told in (skeleton, outline) if told(seen[0]) == told(seen[-1])), _kind)
    if asked(seen[0]) == asked(pair.actual):
        return excused
    return replace(first, how=CHANCE, difference=f"{brief(seen[0])} in the notebook, {brief(pair.actual)} in the package")


CHANCE = "nondeterministic: two runs of the notebook differ, so only what they agree on, kind and shape were compared"


def _by_chance(pair: Pair, other: Pair | None) -> bool:
    """Whether two runs of the notebook gave two different values."""
    before, after = pair.expected, other.expected if other is not None else None
    if before is None or after is None:
        return (before is None) != (after is None)
    return compare(before, after).outcome == "different"


def _kind(picture: Picture) -> tuple[object, ...]:
    return (picture.get("kind"),)
