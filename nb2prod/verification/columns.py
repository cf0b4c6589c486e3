"""One column, index or array as its picture tells it -> its elements as people read them.

{"kind": "array", "dtype": "<M8[ns]", "data": ...}                       ->   ["2024-01-01", "2024-02-01"]
{"kind": "extension", "dtype": "category", "parts": [labels, codes]}     ->   ["north", "south", "north"]
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from nb2prod.model.recording import Picture
from nb2prod.verification.brief import brief
from nb2prod.verification.numbers import decode, per_element

EPOCH = datetime.datetime(1970, 1, 1)
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
SECONDS = {"m": 60, "h": 3600, "D": 86400, "W": 604800}
NOT_A_TIME = -(2**63)


def texts(picture: Picture) -> list[str]:
    """The elements as texts, as far as the picture holds them; a two-dimensional array row after row."""
    kind = picture.get("kind")
    if kind == "index":
        return _labels(picture)
    if kind == "extension":
        return _extension(picture)
    if kind == "array" and "data" in picture:
        return _numbers(str(picture["dtype"]), decode(picture["dtype"], picture["data"]))
    if kind == "array" and "values" in picture:
        return texts(picture["values"])
    return [item if isinstance(item, str) else text(item) for item in picture.get("values", picture.get("items", []))]


def text(picture: Picture) -> str:
    """One value in short, a text without quotes."""
    return str(picture["value"]) if picture.get("kind") == "str" and "value" in picture else brief(picture)


def _labels(picture: Picture) -> list[str]:
    if "range" in picture:
        return [str(number) for number in range(*picture["range"])]
    levels = [texts(level) for level in picture.get("levels", ())]
    return [", ".join(parts) for parts in zip(*levels, strict=False)]


def _extension(picture: Picture) -> list[str]:
    dtype, parts = str(picture["dtype"]), picture["parts"]
    if dtype == "category":
        labels, codes = texts(parts[0]), decode(parts[1]["dtype"], parts[1]["data"]) if "data" in parts[1] else ()
        return [labels[code] if code >= 0 else "nan" for code in codes]
    if dtype.startswith("datetime64[") and "data" in parts[0]:
        unit = dtype[len("datetime64[") :].split(",")[0]
        return [_instant(value, unit) for value in decode(parts[0]["dtype"], parts[0]["data"])]
    if dtype.startswith("interval"):
        return [f"{left} to {right}" for left, right in zip(texts(parts[0]), texts(parts[1]), strict=False)]
    told = texts(parts[0])
    masked = texts(parts[1]) if len(parts) == 2 else []
    return ["<NA>" if gap == "True" else value for value, gap in zip(told, masked, strict=False)] if masked else told


def _numbers(dtype: str, numbers: Sequence[Any]) -> list[str]:
    if dtype[1:2] in ("M", "m"):
        unit = dtype.partition("[")[2].rstrip("]")
        return [_instant(value, unit) if dtype[1] == "M" else _duration(value, unit) for value in numbers]
    if per_element(dtype) == 2:
        return [str(complex(real, imaginary)) for real, imaginary in zip(numbers[::2], numbers[1::2], strict=True)]
    if dtype[1:3] in ("f2", "f4"):
        return [f"{number:.7g}" for number in numbers]
    return [repr(number) for number in numbers]


def _instant(value: int, unit: str) -> str:
    """A count of units since 1970 as a date, with the time of day where it has one; the count itself where no calendar holds it."""
    micro = _microseconds(value, unit)
    if value == NOT_A_TIME or micro is None:
        return "NaT" if value == NOT_A_TIME else f"{value} {unit}"
    try:
        moment = EPOCH + datetime.timedelta(microseconds=micro)
    except OverflowError:
        return f"{value} {unit}"
    return str(moment.date()) if moment.time() == datetime.time() else str(moment)


def _duration(value: int, unit: str) -> str:
    """A count of units as days, hours, minutes and seconds."""
    micro = _microseconds(value, unit)
    if value == NOT_A_TIME or micro is None:
        return "NaT" if value == NOT_A_TIME else f"{value} {unit}"
    return str(datetime.timedelta(microseconds=micro))


def _microseconds(value: int, unit: str) -> int | None:
    if unit in PER_SECOND:
        return value * 10**6 // PER_SECOND[unit]
    return value * SECONDS[unit] * 10**6 if unit in SECONDS else None
