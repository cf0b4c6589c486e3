"""Two packed arrays of equal dtype and shape -> the first element that differs, or nothing.

[1.0, 2.0] and [1.0, 2.5]   ->   Spot("different", "row 1", "2.0 in the notebook, 2.5 in the package")
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from nb2prod.model.recording import Picture
from nb2prod.verification.brief import brief
from nb2prod.verification.columns import texts
from nb2prod.verification.numbers import close, decode, is_float, per_element


class Spot(NamedTuple):
    """Where two arrays part, or why nobody can tell."""

    kind: Literal["different", "unknown"]
    place: str
    text: str


def difference(expected: Picture, actual: Picture) -> Spot | None:
    """The first difference between two packed arrays whose type, dtype and shape agree; None when there is none."""
    if expected.get("data") == actual.get("data") and expected.get("sha256") == actual.get("sha256"):
        return None
    if ("data" in expected) != ("data" in actual):
        return Spot("unknown", "", "too big to keep whole on one side")
    sampled = "sha256" in expected
    key = "sample" if sampled else "data"
    dtype = str(expected["dtype"])
    found = _first(decode(dtype, expected[key]), decode(dtype, actual[key]), is_float(dtype))
    if found is None:
        return Spot("unknown", "", "too big to keep whole: a sample agrees, the digest of all its bytes does not") if sampled else None
    number, left, right = found
    place = "a sampled element" if sampled else _where(number // per_element(dtype), expected["shape"])
    return Spot("different", place, f"{_told(dtype, left)} in the notebook, {_told(dtype, right)} in the package")


def _told(dtype: str, element: Any) -> str:
    """A number as it is; a date, which comes as a count, as a date."""
    if dtype[1:2] not in ("M", "m"):
        return repr(element)
    data = base64.b64encode(struct.pack("<q", element)).decode("ascii")
    return texts({"kind": "array", "dtype": "<" + dtype[1:], "data": data})[0]


def _first(expected: Sequence[Any], actual: Sequence[Any], tolerant: bool) -> tuple[int, Any, Any] | None:
    for number, (left, right) in enumerate(zip(expected, actual, strict=True)):
        if left != right and not (tolerant and close(left, right)):
            return number, left, right
    return None


def _where(number: int, shape: Sequence[int]) -> str:
    """An element's rank as its place: `row 3` in one dimension, `element (3, 0)` in more."""
    if len(shape) == 1:
        return f"row {number}"
    if not shape:
        return ""
    place: list[int] = []
    for side in reversed(shape):
        place.insert(0, number % side)
        number //= side
    return f"element {tuple(place)}"


def spelled_out(index: Picture) -> Picture:
    """An index without its kind; a range as the array of its numbers."""
    plain = {key: value for key, value in index.items() if key not in ("range", "type")}
    if "range" not in index:
        return plain
    numbers = range(*index["range"])
    data = base64.b64encode(struct.pack(f"<{len(numbers)}q", *numbers)).decode("ascii")
    return {**plain, "levels": [{"kind": "array", "type": "numpy.ndarray", "dtype": "<i8", "shape": [len(numbers)], "data": data}]}


def labels(index: Picture) -> list[str]:
    """The labels of an index as text, as far as its picture tells them."""
    told = index.get("levels") or spelled_out(index).get("levels") or []
    return _texts(told[0]) if len(told) == 1 else [f"({', '.join(parts)})" for parts in zip(*map(_texts, told), strict=False)]


def _texts(column: Picture) -> list[str]:
    if column.get("kind") == "extension":
        return _texts(column["parts"][0])
    if column.get("kind") == "array" and "data" in column:
        return [repr(number) for number in decode(column["dtype"], column["data"])]
    if column.get("kind") == "array" and "values" in column:
        return _texts(column["values"])
    items = column.get("values", column.get("items", []))
    return [repr(item) if isinstance(item, str) else brief(item) for item in items]
