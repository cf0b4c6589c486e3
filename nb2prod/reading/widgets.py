"""`interact(f, ...)` calls its function at once, with the values its widgets start at -> that call.

interact(draw, n=(0, 10), kind=["a", "b"], data=fixed(df))   ->   draw(n=5, kind='a', data=df)

A widget starts at the default of the function's own argument where there is one, else in the middle of a range or at the first of a choice.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

Function = ast.FunctionDef | ast.Lambda


def first_call(node: ast.Call, functions: Mapping[str, ast.FunctionDef]) -> str | None:
    """The Python of the call that `interact(...)` makes; None where a widget's first value cannot be told."""
    if len(node.args) != 1 or any(keyword.arg is None for keyword in node.keywords):
        return None
    asked = node.args[0]
    function = functions.get(asked.id) if isinstance(asked, ast.Name) else asked
    if not isinstance(function, (ast.FunctionDef, ast.Lambda)):
        return None
    defaults = own_defaults(function)
    values = []
    for keyword in node.keywords:
        fixed = _fixed(keyword.value)
        value = fixed or (None if keyword.arg in defaults else first_value(keyword.value))
        if value is None and keyword.arg not in defaults:
            return None
        if value is not None:
            values.append(f"{keyword.arg}={value}")
    called = ast.unparse(asked)
    return f"({called})({', '.join(values)})" if isinstance(asked, ast.Lambda) else f"{called}({', '.join(values)})"


def own_defaults(function: Function) -> set[str]:
    """The arguments of a function that have defaults."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    named = [one for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is not None]
    return {one.arg for one in (*plain[len(plain) - len(arguments.defaults) :], *named)}


def first_value(node: ast.expr) -> str | None:
    """The Python of the value that a widget made of this starts at."""
    if isinstance(node, ast.Call):
        return next((ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "value"), None)
    try:
        told = ast.literal_eval(node)
    except (ValueError, TypeError):
        return None
    if isinstance(told, tuple):
        numbers = all(type(part) in (int, float) for part in told) and len(told) in (2, 3)
        return repr(_middle(*told)) if numbers else None
    if isinstance(told, dict):
        told = list(told.values())
    if isinstance(told, list):
        return repr(told[0]) if told and not isinstance(told[0], tuple) else None
    return repr(told) if isinstance(told, (bool, int, float, str)) else None


def _fixed(node: ast.expr) -> str | None:
    """The value in `fixed(value)`."""
    called = node.func if isinstance(node, ast.Call) else None
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return ast.unparse(node.args[0]) if name == "fixed" and isinstance(node, ast.Call) and len(node.args) == 1 else None


def _middle(low: float, high: float, step: float | None = None) -> float:
    """Where a slider starts, as ipywidgets counts it."""
    span = high - low
    value = low + (span // 2 if isinstance(span, int) else span / 2)
    return low + int((value - low) / step) * step if step else value
