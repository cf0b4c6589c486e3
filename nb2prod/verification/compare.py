"""Two pictures -> whether they show the same value, and if not where they first differ.

    {"kind": "float", "value": 0.84}, {"kind": "float", "value": 0.85}
        ->   Match("different", "0.84 in the notebook, 0.85 in the package")

Floats agree within a tolerance, everything else exactly: types, dtypes, shapes, order, labels, names. A part that could not be looked at
makes the whole unknown, unless another part differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple

from nb2prod.model.recording import Picture
from nb2prod.verification import arrays
from nb2prod.verification.brief import brief
from nb2prod.verification.numbers import close, plain_float
from nb2prod.verification.texts import first_difference, masked


class Match(NamedTuple):
    """The outcome of one comparison and its first difference, or the first part nobody could look at."""

    outcome: Literal["same", "different", "unknown"]
    difference: str = ""
    pixels_differ: bool = False


class Finding(NamedTuple):
    """Something found on the way: a difference, a part that is unknown, or pixels that differ where the data agree."""

    kind: Literal["different", "unknown", "pixels"]
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else self.text


Comparer = Callable[[Picture, Picture, str], Iterator[Finding]]


def compare(expected: Picture, actual: Picture) -> Match:
    """Holds the notebook's picture against the package's."""
    unknown = pixels = None
    for finding in findings(expected, actual, ""):
        if finding.kind == "different":
            return Match("different", str(finding))
        if finding.kind == "pixels":
            pixels = pixels or finding
        else:
            unknown = unknown or finding
    if unknown is not None:
        return Match("unknown", str(unknown))
    return Match("same", pixels_differ=pixels is not None)


def findings(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    """Everything that differs or is unknown between two pictures, in order."""
    left, right = expected.get("kind"), actual.get("kind")
    if "opaque" in (left, right):
        yield from _opaque(expected, actual, place)
    elif left == "function" and right == "partial":
        yield Finding("unknown", place, "the function carries its globals along in the package, so its code cannot be compared")
    elif left != right:
        yield _different(expected, actual, place)
    else:
        yield from COMPARERS.get(str(left), _parts)(expected, actual, place)


def _different(expected: Picture, actual: Picture, place: str) -> Finding:
    return Finding("different", place, f"{brief(expected)} in the notebook, {brief(actual)} in the package")


def _opaque(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    left, right = expected.get("type"), actual.get("type")
    both = expected.get("kind") == actual.get("kind") == "opaque"
    if both and left != right and not _own(str(left)) and not _own(str(right)):
        yield _different(expected, actual, place)
    else:
        told = expected if expected.get("kind") == "opaque" else actual
        yield Finding("unknown", place, f"{told.get('type')} cannot be compared ({told.get('why')})")


def _own(type_name: str) -> bool:
    """A class of the notebook's own lives in another module in the package."""
    return type_name.startswith("__main__.")


def _float(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    if not close(plain_float(expected["value"]), plain_float(actual["value"])):
        yield _different(expected, actual, place)


def _complex(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    pairs = zip(expected["value"], actual["value"], strict=True)
    if not all(close(plain_float(left), plain_float(right)) for left, right in pairs):
        yield _different(expected, actual, place)


def _text(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    if "value" not in expected or "value" not in actual:
        if expected != actual:
            yield _different(expected, actual, place)
        return
    difference = first_difference(expected["value"], actual["value"])
    if difference:
        short = len(expected["value"]) < 200 and "\n" not in expected["value"]
        yield _different(expected, actual, place) if short else Finding("different", place, difference)


def _array(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    for name in ("type", "dtype", "shape"):
        if expected.get(name) != actual.get(name):
            told = f"{name} {_told(expected.get(name))} in the notebook, {_told(actual.get(name))} in the package"
            yield Finding("different", place, told)
            return
    if "data" in expected or "sha256" in expected:
        found = arrays.difference(expected, actual)
        if found is not None:
            yield Finding(found.kind, _join(place, found.place), found.text)
        return
    yield from _parts(expected, actual, place)


def _told(value: object) -> str:
    return str(tuple(value)) if isinstance(value, list) else str(value)


def _strings(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    """Texts in a table are data: they agree to the letter."""
    if expected == actual:
        return
    left, right = (picture.get("values", picture.get("sample", [])) for picture in (expected, actual))
    if len(left) != len(right) or expected.get("length") != actual.get("length"):
        yield Finding("different", place, f"{len(left)} elements in the notebook, {len(right)} in the package")
        return
    step = "sample " if "sample" in expected else ""
    for row, (one, other) in enumerate(zip(left, right, strict=True)):
        if one != other:
            yield Finding("different", _join(place, f"{step}row {row}"), f"{_cell(one)} in the notebook, {_cell(other)} in the package")
            return
    yield Finding("unknown", place, "too many texts to keep; their digests differ")


def _cell(value: Any) -> str:
    return brief(value) if isinstance(value, Mapping) else repr(value)


def _sequence(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    if ("packed" in expected) != ("packed" in actual):
        yield _different(expected, actual, place)
    elif "packed" in expected:
        yield from findings(expected["packed"], actual["packed"], place)
    else:
        yield from _each(expected["items"], actual["items"], place, "item")


def _each(expected: Sequence[Picture], actual: Sequence[Picture], place: str, word: str) -> Iterator[Finding]:
    for number, (left, right) in enumerate(zip(expected, actual, strict=False)):
        yield from findings(left, right, _join(place, f"{word} {number}"))
    if len(expected) != len(actual):
        yield Finding("different", place, f"{len(expected)} {word}s in the notebook, {len(actual)} in the package")


def _dict(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    left, right = expected["pairs"], actual["pairs"]
    for (key, value), (other_key, other_value) in zip(left, right, strict=False):
        yield from findings(key, other_key, _join(place, "a key"))
        yield from findings(value, other_value, _join(place, f"key {brief(key)}"))
    if len(left) != len(right):
        yield Finding("different", place, f"{len(left)} keys in the notebook, {len(right)} in the package")


def _frame(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    if len(expected["data"]) != len(actual["data"]):
        names = f"{brief(expected)} in the notebook, {brief(actual)} in the package"
        yield Finding("different", place, names)
        return
    yield from _typed(expected, actual, place)
    yield from findings(expected["columns"], actual["columns"], _join(place, "the column labels"))
    yield from findings(expected["index"], actual["index"], _join(place, "the index"))
    labels = arrays.labels(expected["columns"])
    for number, (left, right) in enumerate(zip(expected["data"], actual["data"], strict=True)):
        label = labels[number] if number < len(labels) else str(number)
        yield from findings(left, right, _join(place, f"column {label}"))


def _typed(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    if expected.get("type") != actual.get("type"):
        yield Finding("different", place, f"a {expected.get('type')} in the notebook, a {actual.get('type')} in the package")


def _index(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    """A range and the same numbers written out are the same index."""
    if expected["length"] != actual["length"]:
        yield Finding("different", place, f"{expected['length']} entries in the notebook, {actual['length']} in the package")
        return
    if ("range" in expected) != ("range" in actual):
        expected, actual = arrays.spelled_out(expected), arrays.spelled_out(actual)
    yield from _parts(expected, actual, place)


def _function(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    if expected["name"] != actual["name"]:
        yield _different(expected, actual, place)
    elif expected.get("digest") != actual.get("digest"):
        yield Finding("unknown", place, f"the code of {expected['name']} was rewritten, so it cannot be compared as a value")
    elif "carries" in expected:
        yield from _each(expected["carries"], actual["carries"], place, "carried value")


def _figure(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    """What was drawn decides; pixels alone depend on fonts and layout and only matter where something drawn could not be described."""
    drawn = [{**picture, "pixels": "", "png": ""} for picture in (expected, actual)]
    found = list(islice(_parts(drawn[0], drawn[1], place), 100))
    yield from found
    if not found and expected["pixels"] != actual["pixels"]:
        if any(axes.get("others") for axes in expected["axes"]):
            yield Finding("unknown", place, "the pixels differ, and the figure has parts that are not described")
        else:
            yield Finding("pixels", place, "only the pixels differ")


def _parts(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    """Any picture by its parts: pictures inside as pictures, numbers as numbers, the rest exactly."""
    if expected.keys() != actual.keys():
        yield _different(expected, actual, place)
        return
    for name in expected:
        yield from _part(expected[name], actual[name], _join(place, PLACES.get(name, str(name))))


def _part(expected: Any, actual: Any, place: str) -> Iterator[Finding]:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        yield from findings(expected, actual, place) if "kind" in expected else _parts(expected, actual, place)
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield Finding("different", place, f"{len(expected)} in the notebook, {len(actual)} in the package")
        for number, (left, right) in enumerate(zip(expected, actual, strict=False)):
            yield from _part(left, right, _join(place, str(number)) if len(expected) > 1 else place)
    elif isinstance(expected, float) and isinstance(actual, float):
        if not close(expected, actual):
            yield Finding("different", place, f"{expected!r} in the notebook, {actual!r} in the package")
    elif expected != actual and not (isinstance(expected, str) and isinstance(actual, str) and masked(expected) == masked(actual)):
        yield Finding("different", place, f"{_clip(expected)} in the notebook, {_clip(actual)} in the package")


def _clip(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _join(place: str, part: str) -> str:
    return f"{place}, {part}" if place and part else place or part


PLACES = dict.fromkeys(
    ("values", "value", "data", "parts", "levels", "state", "pairs", "drawn", "figure"), ""
)  # the rest by their own name

COMPARERS: Mapping[str, Comparer] = {
    "float": _float,
    "complex": _complex,
    "str": _text,
    "array": _array,
    "strings": _strings,
    "list": _sequence,
    "tuple": _sequence,
    "dict": _dict,
    "frame": _frame,
    "index": _index,
    "function": _function,
    "figure": _figure,
}
