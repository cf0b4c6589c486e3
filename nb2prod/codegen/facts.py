"""A recorded picture -> the few facts a generated test asserts about it.

    {"kind": "frame", "columns": ..., "data": [...]}   ->   {"kind": "frame", "shape": [200, 2], "columns": ["a", "b"], "sums": {"0": 12.5}}

Facts hold on any machine and need no library to read. A picture of a kind not known here gives {"kind": "anything"}: nothing is asserted.
"""

from __future__ import annotations

import base64
import math
import sys
from array import array
from collections.abc import Callable, Mapping
from typing import Any

Picture = Mapping[str, Any]
Fact = dict[str, Any]

ANYTHING: Fact = {"kind": "anything"}
CODES = {"f8": "d", "f4": "f", "i8": "q", "i4": "i", "i2": "h", "i1": "b", "u8": "Q", "u4": "I", "u2": "H", "u1": "B", "b1": "b"}
LONGEST_TEXT = 20_000
MOST_ITEMS = 50
MOST_SUMS = 12


def fact_of(picture: Picture) -> Fact:
    """What to assert about the value behind a picture."""
    return FACTS.get(str(picture.get("kind")), lambda picture: ANYTHING)(picture)


def loosened(fact: Fact) -> Fact:
    """The same fact without values: kind, shape and columns only, for results that differ from run to run."""
    keep = {key: value for key, value in fact.items() if key not in ("value", "sum", "sums", "items", "pairs")}
    return ANYTHING if fact["kind"] == "value" else keep


def _number(picture: Picture) -> Fact:
    value = picture.get("value")
    if isinstance(value, str) and value not in ("nan", "inf", "-inf", "-0.0"):  # an integer too long for JSON
        return ANYTHING
    exact = isinstance(value, int) and abs(value) > 2**53
    return {"kind": "value" if exact else "number", "value": value}


def _scalar(picture: Picture) -> Fact:
    value = picture.get("value")
    return fact_of(value) if isinstance(value, Mapping) else ANYTHING


def _text(picture: Picture) -> Fact:
    value = picture.get("value")
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or " at 0x" in value:  # an object's address differs every time
        return {"kind": "text"}
    return {"kind": "text", "value": value}


def _items(picture: Picture) -> Fact:
    items = picture.get("items")
    if items is None:
        shape = picture.get("packed", {}).get("shape")
        return {"kind": "items", "length": shape[0]} if shape else ANYTHING
    if any(item.get("kind") == "opaque" for item in items):  # may stand for all that follow
        return ANYTHING
    short = {"items": [fact_of(item) for item in items]} if len(items) <= MOST_ITEMS else {}
    return {"kind": "items", "length": len(items), **short}


def _dict(picture: Picture) -> Fact:
    pairs = picture.get("pairs", [])
    if any(key.get("kind") != "str" or "value" not in key for key, _ in pairs):
        return ANYTHING
    short = {"pairs": {key["value"]: fact_of(value) for key, value in pairs}} if len(pairs) <= MOST_ITEMS else {}
    return {"kind": "pairs", "length": len(pairs), **short}


def _array(picture: Picture) -> Fact:
    if picture.get("type", "numpy.ndarray") != "numpy.ndarray":
        return {"kind": "array", "shape": list(picture["shape"])}
    total = _total(picture)
    return {"kind": "array", "shape": list(picture["shape"]), **({} if total is None else {"sum": total})}


def _series(picture: Picture) -> Fact:
    total = _total(picture["values"])
    return {"kind": "array", "shape": [picture["index"]["length"]], **({} if total is None else {"sum": total})}


def _frame(picture: Picture) -> Fact:
    data = picture["data"]
    totals = [(position, _total(column)) for position, column in enumerate(data)]
    sums = {str(position): total for position, total in totals if total is not None}
    labels = _labels(picture["columns"])
    fact: Fact = {"kind": "frame", "shape": [picture["index"]["length"], len(data)], "sums": dict(list(sums.items())[:MOST_SUMS])}
    return fact if labels is None else {**fact, "columns": labels}


def _object(picture: Picture) -> Fact:
    return {"kind": "object", "class": str(picture["type"]).rpartition(".")[2]} if picture.get("type") else ANYTHING


FACTS: dict[str, Callable[[Picture], Fact]] = {
    "int": _number,
    "float": _number,
    "scalar": _scalar,
    "bool": lambda picture: {"kind": "value", "value": picture["value"]},
    "none": lambda picture: {"kind": "value", "value": None},
    "str": _text,
    "list": _items,
    "tuple": _items,
    "dict": _dict,
    "array": _array,
    "series": _series,
    "frame": _frame,
    "sparse": lambda picture: {"kind": "array", "shape": list(picture["shape"])},
    "figure": lambda picture: {"kind": "figure"},
    "object": _object,
}


def _labels(index: Picture) -> list[str] | None:
    """The texts of a column index, where they are plain texts or numbers."""
    if "range" in index:
        return [str(number) for number in range(*index["range"])]
    levels = index.get("levels") or []
    if len(levels) != 1:
        return None
    level = levels[0]
    for told in (level.get("values"), *level.get("parts", ())):
        values = told.get("values") if isinstance(told, Mapping) and told.get("kind") == "strings" else None
        if values is not None and all(isinstance(value, str) for value in values):
            return list(values)
    return None


def _total(picture: Picture) -> float | None:
    """The sum of the finite numbers of an array, where all its numbers are in the picture."""
    dtype = str(picture.get("dtype", ""))
    code = CODES.get(dtype[1:])
    if picture.get("kind") != "array" or code is None or "data" not in picture or dtype[0] not in "<|":
        return None
    numbers = array(code)
    numbers.frombytes(base64.b64decode(picture["data"]))
    if sys.byteorder == "big":
        numbers.byteswap()
    return math.fsum(number for number in numbers if math.isfinite(number))
