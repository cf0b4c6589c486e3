"""The code of a function -> the ranges it asks of the columns of its tables: those that it keeps rows by, and those that it cuts values to.

    df = df[(df["age"] > 0) & (df.age < 90)]     ->   ("df", "age", "gt", 0.0), ("df", "age", "lt", 90.0)
    df["age"] = df["age"].clip(lower=18)         ->   ("df", "age", "ge", 18.0)

Only where the table itself is what comes out: rows that are picked to look at ask nothing of the others.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from typing import NamedTuple

SIGNS: dict[type[ast.cmpop], str] = {ast.Gt: "gt", ast.GtE: "ge", ast.Lt: "lt", ast.LtE: "le"}
TURNED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


class Range(NamedTuple):
    """A bound that the values of a column are held to, in pandera's words for it (`gt`, `ge`, `lt`, `le`)."""

    table: str
    column: str
    sign: str
    bound: float


def ranges_of(source: str, function: str) -> tuple[Range, ...]:
    """What a top-level function of a module asks of columns, each once."""
    try:
        tops = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == function]
    except SyntaxError:
        return ()
    assigned = [node for top in tops for node in ast.walk(top) if isinstance(node, ast.Assign) and len(node.targets) == 1]
    return tuple(dict.fromkeys(told for node in assigned for told in (*_picked(node), *_clipped(node))))


def _picked(node: ast.Assign) -> Iterator[Range]:
    """Rows of a table that it becomes itself."""
    table = node.targets[0]
    if not isinstance(table, ast.Name):
        return
    for inner in ast.walk(node.value):
        if isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Name) and inner.value.id == table.id:
            yield from _compared(inner.slice, table.id)


def _compared(condition: ast.expr, table: str) -> Iterator[Range]:
    if isinstance(condition, ast.BinOp) and isinstance(condition.op, ast.BitAnd):
        yield from _compared(condition.left, table)
        yield from _compared(condition.right, table)
    elif isinstance(condition, ast.Compare) and len(condition.ops) == 1 and type(condition.ops[0]) in SIGNS:
        sign, other = SIGNS[type(condition.ops[0])], condition.comparators[0]
        for column, bound, told in ((condition.left, other, sign), (other, condition.left, TURNED[sign])):
            name, number = _column(column, table), _number(bound)
            if name and number is not None:
                yield Range(table, name, told, number)


def _clipped(node: ast.Assign) -> Iterator[Range]:
    """A column that becomes itself, cut at bounds."""
    target, call = node.targets[0], node.value
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        return
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "clip":
        table = target.value.id
        name = _column(target, table)
        given = {**dict(zip(("lower", "upper"), call.args, strict=False)), **{one.arg: one.value for one in call.keywords if one.arg}}
        for word, sign in (("lower", "ge"), ("upper", "le")):
            number = _number(given[word]) if word in given else None
            if name and name == _column(call.func.value, table) and number is not None:
                yield Range(table, name, sign, number)


def _column(node: ast.expr, table: str) -> str:
    """The name of a column of the table."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value if isinstance(node.value, ast.Name) and node.value.id == table else ""
    return node.attr if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == table else ""


def _number(node: ast.expr) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return float(node.value) if math.isfinite(node.value) and abs(node.value) < 1e300 else None
    return None
