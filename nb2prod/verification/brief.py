"""A picture -> a few words for people.

{"kind": "frame", "columns": ..., "index": ...}   ->   "DataFrame, 100 rows x 3 columns"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nb2prod.model.recording import Picture

WIDTH = 120


def brief(picture: Picture) -> str:
    """The value in short."""
    kind = str(picture.get("kind"))
    text = BRIEFS[kind](picture) if kind in BRIEFS else str(picture.get("name") or picture.get("type") or kind)
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."


def _value(picture: Picture) -> str:
    value = picture.get("value", picture.get("text"))
    return brief(value) if isinstance(value, Mapping) else str(value)


def _text(picture: Picture) -> str:
    return repr(picture["value"][: WIDTH * 2]) if "value" in picture else f"a text of {picture.get('length')} characters"


def _shaped(picture: Picture) -> str:
    shape = " x ".join(str(side) for side in picture["shape"])
    return f"array of {picture['dtype'].lstrip('<|>=')}, {shape or 'no dimensions'}"


def _items(picture: Picture) -> str:
    if "packed" in picture:
        return f"{picture['kind']} of {picture['packed'].get('shape', [len(picture['packed'].get('values', ()))])[0]}"
    inside = ", ".join(brief(item) for item in picture["items"][:5]) + (", ..." if len(picture["items"]) > 5 else "")
    return {"list": f"[{inside}]", "tuple": f"({inside})"}.get(str(picture["kind"]), f"{{{inside}}}")


def _pairs(picture: Picture) -> str:
    inside = ", ".join(f"{brief(key)}: {brief(value)}" for key, value in picture["pairs"][:4])
    return f"{{{inside}{', ...' if len(picture['pairs']) > 4 else ''}}}"


def _figure(picture: Picture) -> str:
    return f"figure, {len(picture['axes'])} axes, {sum(_drawn(axes) for axes in picture['axes'])} things drawn"


def _drawn(axes: Mapping[str, Any]) -> int:
    return sum(len(axes.get(name, ())) for name in ("lines", "patches", "collections", "images", "texts", "tables"))


BRIEFS: Mapping[str, Callable[[Picture], str]] = {
    "none": lambda picture: "None",
    **dict.fromkeys(("bool", "int", "float", "complex", "scalar", "range", "text", "path"), _value),
    "str": _text,
    "array": _shaped,
    **dict.fromkeys(("list", "tuple", "set", "frozenset"), _items),
    "dict": _pairs,
    "frame": lambda picture: f"DataFrame, {picture['index']['length']} rows x {len(picture['data'])} columns",
    "series": lambda picture: f"Series, {picture['index']['length']} rows",
    "index": lambda picture: f"{picture['type']}, {picture['length']} entries",
    "figure": _figure,
    "opaque": lambda picture: f"a {picture['type']} ({picture['why']})",
    "bytes": lambda picture: "bytes",
    "strings": lambda picture: f"{picture.get('length', len(picture.get('values', ())))} texts",
    "enum": lambda picture: f"{picture['type']}.{picture['name']}",
    "deleted": lambda picture: "deleted",
    "cycle": lambda picture: "itself",
}
