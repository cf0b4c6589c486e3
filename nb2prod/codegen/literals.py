"""Plain data -> the Python source of it, with double quotes, over several lines where one is too long.

    {"region": ["010", None]}   ->   {"region": ["010", None]}

Reading the source back gives an equal value.
"""

from __future__ import annotations

import json
import math

WIDTH = 96
BRACKETS: dict[type, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")"), set: ("{", "}"), frozenset: ("frozenset({", "})")}


def literal(value: object, indent: str | None = "") -> str:
    """Source text whose value is `value`; lines after the first start with `indent` (None: all in one line). Sets come out sorted."""
    line = _flat(value)
    if indent is None or len(indent) + len(line) <= WIDTH or not _items(value):
        return line
    deeper = indent + "    "
    opening, closing = _brackets(value)
    if isinstance(value, dict):
        rows = [f"{deeper}{_flat(key)}: {literal(item, deeper)}," for key, item in value.items()]
    else:
        rows = [f"{deeper}{literal(item, deeper)}," for item in _items(value)]
    return "\n".join([opening, *rows, indent + closing])


def spelled(text: str) -> str:
    """Text with all spelled out that cannot be printed, but for its newlines: what a comment or a docstring may hold in any file."""
    return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)


def _flat(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(key)}: {_flat(item)}" for key, item in value.items()) + "}"
    if type(value) not in BRACKETS:
        return repr(value)
    if isinstance(value, (set, frozenset)) and not value:
        return repr(value)
    opening, closing = _brackets(value)
    comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
    return opening + ", ".join(map(_flat, _items(value))) + comma + closing


def _items(value: object) -> list[object]:
    """What a container holds, in an order that is the same in every run."""
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    return list(value) if isinstance(value, (list, tuple, dict)) else []


def _brackets(value: object) -> tuple[str, str]:
    return ("{", "}") if isinstance(value, dict) else BRACKETS[type(value)]


def _text(value: str) -> str:
    """A string with double quotes; Python's own spelling where JSON's would not be the same text."""
    if all(character.isprintable() or character in "\n\t\r" for character in value):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
