"""NB212: a function changes the default value of its own argument.

The default is made once, when the function is defined: what one call puts into it the next call finds there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity
from nb2prod.model.syntax import nodes_of

CODE = "NB212"
SEVERITY = Severity.warning
MESSAGE = "`{function}` changes the default of its argument `{argument}`, which every call shares"
HINT = "make the default None, and a new value in the function where it is None"
CHANGING = frozenset(
    "append extend insert add update setdefault pop popitem remove discard clear sort reverse difference_update intersection_update".split()
)
MAKERS = frozenset({"list", "dict", "set", "defaultdict", "deque"})
EXAMPLES = (
    Example(
        ("def add(x, to=[]):\n    to.append(x)\n    return to\nprint(add(1))",), "`add` changes the default of its argument `to`", line=2
    ),
    Example(("def count(x, seen={}):\n    seen[x] = 1\n    return len(seen)\nprint(count(1))",), "of its argument `seen`", line=2),
    Example(("def add(x, to=None):\n    to = to or []\n    to.append(x)\n    return to\nprint(add(1))",)),
    Example(("def add(x, to=[]):\n    to = list(to)\n    to.append(x)\n    return to\nprint(add(1))",)),
    Example(("def total(rows=[1, 2]):\n    return sum(rows)\nprint(total())",)),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each argument of a live function."""
    for step in case.live_steps:
        for function in nodes_of(step.tree):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for argument in mutable_arguments(function.args):
                    change = first_change(function, argument)
                    if change is not None:
                        yield at(step, change, function=function.name, argument=argument)


def mutable_arguments(arguments: ast.arguments) -> list[str]:
    """The arguments whose default is a list, dict or set that is made there."""
    placed = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(placed), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return [argument.arg for argument, default in pairs if default is not None and is_mutable(default)]


def is_mutable(node: ast.expr) -> bool:
    made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS
    return made or isinstance(node, (ast.List, ast.Dict, ast.Set))


def first_change(function: ast.FunctionDef | ast.AsyncFunctionDef, argument: str) -> ast.AST | None:
    """The first thing in the body that changes the argument; None when the body gives its name to something else."""
    nodes = [node for statement in function.body for node in nodes_of(statement)]
    if any(isinstance(node, ast.Name) and node.id == argument and isinstance(node.ctx, ast.Store) for node in nodes):
        return None
    return next((node for node in nodes if changes(node, argument)), None)


def changes(node: ast.AST, argument: str) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in CHANGING and is_named(node.func.value, argument)
    return isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)) and is_named(node.value, argument)


def is_named(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
