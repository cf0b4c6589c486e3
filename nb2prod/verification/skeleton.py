"""A picture -> its kind, type, shape and columns, which must agree even where values are a matter of chance.

{"kind": "frame", "columns": ["x"], "data": [floats], ...}   ->   ("frame", "pandas.DataFrame", ("x: <f8",), 100)
"""

from __future__ import annotations

from nb2prod.model.recording import Picture
from nb2prod.verification.arrays import labels


def skeleton(picture: Picture) -> tuple[object, ...]:
    """What of a value does not depend on its numbers."""
    return (*outline(picture), *_extent(picture))


def outline(picture: Picture) -> tuple[object, ...]:
    """Kind and type, and the columns of a table."""
    kind = picture.get("kind")
    if kind == "frame":
        columns = zip(labels(picture["columns"]), picture["data"], strict=False)
        return (kind, picture["type"], tuple(f"{label}: {column.get('dtype')}" for label, column in columns))
    if kind == "series":
        return (kind, picture["type"], picture["values"].get("dtype"))
    return (kind, picture.get("type"), picture.get("dtype"))


def _extent(picture: Picture) -> tuple[object, ...]:
    kind = picture.get("kind")
    if kind in ("frame", "series"):
        return (picture["index"]["length"],)
    if kind == "dict":
        return (len(picture["pairs"]),)
    if kind in ("list", "tuple"):
        return (len(picture.get("items", ())),)
    if kind == "figure":
        return (len(picture["axes"]),)
    return tuple(picture.get("shape", ()))
