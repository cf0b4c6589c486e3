"""Are two sets of last values the same, and how much of a notebook's code is gone? Pure counting.

different({"n": {"number": "0.3"}}, {"n": {"number": "0.31"}})   ->   "n: 0.31 instead of 0.3"
share_gone(["x = 1", "y = 2"], "def f():\n    x = 1\n")          ->   0.5
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

TOLERANCE = 1e-6  # relative: threads may add in another order


def different(expected: Any, found: Any, where: str = "") -> str:
    """The first difference between two dumps, "" where there is none."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if "number" in expected and "number" in found:
            return "" if near(expected["number"], found["number"]) else f"{where}: {found['number']} instead of {expected['number']}"
        for key in dict.fromkeys([*expected, *found]):
            if key not in expected or key not in found:
                return f"{where or key}: {'missing' if key in expected else 'unexpected'}"
            told = different(expected[key], found[key], f"{where}.{key}" if where else str(key))
            if told:
                return told
        return ""
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return f"{where}: {len(found)} values instead of {len(expected)}"
        return next((told for a, b in zip(expected, found, strict=True) if (told := different(a, b, where))), "")
    return "" if type(expected) is type(found) and expected == found else f"{where}: {short(found)} instead of {short(expected)}"


def near(one: str, other: str) -> bool:
    """Two floats or complex numbers as their `repr`."""
    if one == other:
        return True
    a, b = complex(one), complex(other)
    return all(math.isclose(x, y, rel_tol=TOLERANCE, abs_tol=1e-12) for x, y in ((a.real, b.real), (a.imag, b.imag)))


def short(value: Any) -> str:
    text = value["number"] if isinstance(value, dict) and "number" in value else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def share_gone(cells: Iterable[str], written: str) -> float:
    """The share of the code lines of some cells whose statements do not stand in what was written, whatever the names are there.

    Names are not compared, for tools rename; what only IPython understands is not counted, for commenting it out is no insight.
    """
    there = Counter(_shape(node) for node in ast.walk(ast.parse(written)) if isinstance(node, ast.stmt))
    lines = gone = 0
    for statement in statements(cells):
        size = code_lines(statement)
        lines += size
        if there[_shape(statement)] > 0:
            there[_shape(statement)] -= 1
        else:
            gone += size
    return gone / lines if lines else 0.0


def statements(cells: Iterable[str]) -> list[ast.stmt]:
    """The top-level statements of all cells that are Python."""
    found: list[ast.stmt] = []
    for code in cells:
        try:
            found += [node for node in ast.parse(code).body if "get_ipython()" not in ast.unparse(node)]
        except SyntaxError:
            continue  # no tool can do anything with it
    return found


def code_lines(node: ast.stmt) -> int:
    """How many lines a statement has when it is written out plainly: layout and comments do not count."""
    return len(ast.unparse(node).splitlines())


def _shape(node: ast.stmt) -> str:
    copy = ast.parse(ast.unparse(node))
    for inner in ast.walk(copy):
        if isinstance(inner, ast.Name):
            inner.id = "_"
        elif isinstance(inner, ast.FunctionDef | ast.ClassDef):
            inner.name = "_"
    return ast.unparse(copy)
