"""Two pictures -> whether they show the same value, and if not where they first differ.

    {"kind": "float", "value": 0.84}, {"kind": "float", "value": 0.85}
        ->   Match("different", "0.84 in the notebook, 0.85 in the package")

Floats agree within a tolerance, everything else exactly: types, dtypes, shapes, order, labels, names. A part that could not be looked at
makes the whole unknown, unless another part differs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from nb2prod.model.recording import Picture
from nb2prod.verification import arrays
from nb2prod.verification.brief import brief
from nb2prod.verification.columns import texts
from nb2prod.verification.numbers import close, plain_float
from nb2prod.verification.texts import first_difference, masked


class Match(NamedTuple):
    """The outcome of one comparison and its first difference, or the first part nobody could look at."""

    outcome: Literal["same", "different", "unknown"]
    difference: str = ""


class Finding(NamedTuple):
    """Something found on the way: a difference or a part that is unknown. `spot` is where inside the array or text at `place`."""

    kind: Literal["different", "unknown"]
    place: str
    text: str
    spot: str = ""
    small: bool = False  # a value that may well come up twice by chance

    def __str__(self) -> str:
        where = _join(self.place, self.spot)
        return f"{where}: {self.text}" if where else self.text


Comparer = Callable[[Picture, Picture, str], Iterator[Finding]]


def compare(expected: Picture, actual: Picture) -> Match:
    """Holds the notebook's picture against the package's."""
    unknown = None
    for finding in findings(expected, actual, ""):
        if finding.kind == "different":
            return Match("different", str(finding))
        unknown = unknown or finding
    return Match("unknown", str(unknown)) if unknown is not None else Match("same")


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
    """Both values in short; where that is the same text, their kinds and types as well."""
    left, right = brief(expected), brief(actual)
    if left == right:
        left, right = (f"{told} (a {_kind(picture)})" for told, picture in ((left, expected), (right, actual)))
    return Finding("different", place, f"{left} in the notebook, {right} in the package", small=_is_small(expected) and _is_small(actual))


def _is_small(picture: Picture) -> bool:
    value = picture.get("value")
    return picture.get("kind") in ("bool", "none", "int") and (not isinstance(value, int) or abs(value) < SMALL)


SMALL = 1000  # a whole number below it, like yes or no, may well come up twice by chance


def _kind(picture: Picture) -> str:
    """What kind of value a picture shows: `float`, `numpy f8`, `pandas.Series`."""
    if picture.get("kind") == "scalar":
        return f"numpy {str(picture.get('dtype')).lstrip('<|>=')}"
    return str(picture.get("type") or picture.get("kind"))


def _opaque(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    left, right = _type(expected), _type(actual)
    if left and right and left != right and not _own(left) and not _own(right):
        yield _different(expected, actual, place)
    else:
        told = expected if expected.get("kind") == "opaque" else actual
        yield Finding("unknown", place, f"{told.get('type')} cannot be compared ({told.get('why')})")


def _type(picture: Picture) -> str:
    """The type of the value shown, as far as its picture tells it; empty where it does not."""
    kind = str(picture.get("kind"))
    return str(picture.get("type") or ("NoneType" if kind == "none" else kind if kind in PLAIN else ""))


PLAIN = frozenset("bool int float complex str bytes bytearray list tuple set frozenset dict range slice".split())


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
            yield Finding(found.kind, place, found.text, found.place)
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
            yield Finding("different", place, f"{_cell(one)} in the notebook, {_cell(other)} in the package", f"{step}row {row}")
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
    """Keys by name and then by order: what runs over a dict sees its order."""
    left, right = ({_sign(key): (key, value) for key, value in picture["pairs"]} for picture in (expected, actual))
    if len(left) != len(expected["pairs"]) or len(right) != len(actual["pairs"]):  # keys that cannot be told apart
        yield from _part(expected["pairs"], actual["pairs"], place)
        return
    for sign, (key, value) in left.items():
        if sign in right:
            yield from findings(value, right[sign][1], _join(place, f"key {brief(key)}"))
        else:
            yield Finding("different", place, f"only the notebook has the key {brief(key)}")
    for sign in right.keys() - left.keys():
        yield Finding("different", place, f"only the package has the key {brief(right[sign][0])}")
    if left.keys() == right.keys() and list(left) != list(right):
        one, other = next(pair for pair in zip(left, right, strict=True) if pair[0] != pair[1])
        told = f"key {brief(left[one][0])} in the notebook, key {brief(right[other][0])} in the package"
        yield Finding("different", place, f"the same keys in another order: {told}")


def _sign(key: Picture) -> str:
    return json.dumps(key, sort_keys=True)


def _frame(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    yield from _typed(expected, actual, place)
    labels, others = (arrays.labels(picture["columns"]) for picture in (expected, actual))
    for side, only in (("notebook", Counter(labels) - Counter(others)), ("package", Counter(others) - Counter(labels))):
        for label in only:
            yield Finding("different", _join(place, f"column {label}"), f"only the {side} has it")
    if len(expected["data"]) != len(actual["data"]):
        yield _different(expected, actual, place)
        return
    yield from findings(expected["columns"], actual["columns"], _join(place, "the column labels"))
    yield from findings(expected["index"], actual["index"], _join(place, "the index"))
    yield from _part(expected.get("more"), actual.get("more"), place)
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
    left, right = (range(*picture["range"]) if "range" in picture else None for picture in (expected, actual))
    if left is not None and right is not None and left != right:
        row = next(row for row, (one, other) in enumerate(zip(left, right, strict=True)) if one != other)
        yield Finding("different", place, f"{left[row]} in the notebook, {right[row]} in the package", f"row {row}")
        return
    if (left is None) != (right is None):
        expected, actual = arrays.spelled_out(expected), arrays.spelled_out(actual)
    yield from _parts(expected, actual, place)


def _extension(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    """A column of pandas' own kinds: its dtype, then what lies beneath; of categories the labels."""
    if expected["dtype"] != "category" or actual["dtype"] != "category":
        yield from _parts(expected, actual, place)
        return
    (names, codes, ordered), (others, other_codes, other_ordered) = expected["parts"], actual["parts"]
    found = [*findings(names, others, _join(place, "the categories"))]
    yield from found or _labels(expected, actual, codes, other_codes, place)
    yield from findings(ordered, other_ordered, _join(place, "whether they are ordered"))


def _labels(expected: Picture, actual: Picture, codes: Picture, others: Picture, place: str) -> Iterator[Finding]:
    if codes == others:
        return
    for row, (left, right) in enumerate(zip(texts(expected), texts(actual), strict=False)):
        if left != right:
            yield Finding("different", place, f"{left!r} in the notebook, {right!r} in the package", f"row {row}")
            return
    yield from findings(codes, others, place)


def _function(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    if expected["name"] != actual["name"]:
        yield _different(expected, actual, place)
    elif expected.get("digest") != actual.get("digest"):
        yield Finding("unknown", place, f"the code of {expected['name']} was rewritten, so it cannot be compared as a value")
    elif "carries" in expected:
        yield from _each(expected["carries"], actual["carries"], place, "carried value")
        if expected["reads"].keys() == actual["reads"].keys():
            yield from _parts(expected["reads"], actual["reads"], _join(place, "reads"))
        else:
            yield Finding("unknown", place, f"{expected['name']} reads other globals in the package, so it cannot be compared as a value")


def _figure(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    """What was drawn decides; where it agrees, the pixels tell what its description leaves out."""
    drawn = [{**picture, "pixels": "", "png": ""} for picture in (expected, actual)]
    found = False
    for finding in _parts(drawn[0], drawn[1], place):
        found = True
        yield finding
    if not found and expected["pixels"] != actual["pixels"]:
        if expected["pixels"] and actual["pixels"]:
            yield Finding("different", place, "the same data are drawn in another way: the pixels differ")
        else:
            yield Finding("unknown", place, "the figure could be drawn on one side only")


def _parts(expected: Picture, actual: Picture, place: str) -> Iterator[Finding]:
    """Any picture by its parts: pictures inside as pictures, numbers as numbers, the rest exactly."""
    for name in [*expected, *(name for name in actual if name not in expected)]:
        within = _join(place, PLACES.get(name, str(name)))
        if name in expected and name in actual:
            yield from _part(expected[name], actual[name], within)
        else:
            side, told = ("notebook", expected) if name in expected else ("package", actual)
            yield Finding("different", _join(place, name), f"only the {side} has {_clip(told[name])}")


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


SILENT = ("values", "value", "data", "parts", "levels", "state", "pairs", "drawn", "figure")
PLACES = {**dict.fromkeys(SILENT, ""), "index": "the index"}  # the rest by their own name

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
    "extension": _extension,
    "function": _function,
    "figure": _figure,
}
