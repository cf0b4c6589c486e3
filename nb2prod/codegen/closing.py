"""Where the notebook closed its figures after every cell -> the closings that a function does without.

fig, ax = plt.subplots()                fig, ax = plt.subplots()
ax.plot(x)                              ax.plot(x)
plt.close("all")                        ax.legend()
ax.legend()                    ->       plt.close("all")
plt.close("all")

Only code that asks pyplot for its current figure can tell an open figure from a closed one. Between two closings that work on axes and figures
by their names alone, the first is needless.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from nb2prod.model.notebook import StatementId

OPENING = frozenset({"subplots", "figure", "subplot_mosaic"})
PLAIN = frozenset("range len enumerate zip int float str list sorted round min max sum".split())
TELLING = frozenset("show number pyplot canvas".split())  # what a figure is asked for that may be another one when it is closed


def needless_closes(
    statements: Sequence[tuple[StatementId, str]], closes: Collection[StatementId], captured: Collection[StatementId]
) -> frozenset[StatementId]:
    """The statements after which figures need not be closed, because nothing before the next closing could tell.

    `statements` are a stage's with their source, `closes` those after which it closes its figures, `captured` those at which it holds on to figures.
    """
    found: set[StatementId] = set()
    drawn: set[str] = set()
    last: StatementId | None = None  # the last closing, as long as nothing has asked pyplot since
    for id, source in statements:
        tree = ast.parse(source)
        by_name = id not in captured and _works_by_name(tree, drawn)
        last = last if by_name else None
        drawn |= _opened(tree)
        if id in closes:
            found.update([last] if last is not None else [])
            last = id
    return frozenset(found)


def _opened(tree: ast.Module) -> set[str]:
    """The names that a statement gives to figures and axes it opens."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and getattr(node.value.func, "attr", "") in OPENING:
            names |= {target.id for one in node.targets for target in ast.walk(one) if isinstance(target, ast.Name)}
    return names


def _works_by_name(tree: ast.Module, drawn: Collection[str]) -> bool:
    """Whether a statement calls nothing but plain functions and methods of these names, and binds none of them anew."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node.id in drawn:
            return False
        if isinstance(node, ast.Attribute) and node.attr in TELLING:
            return False
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in PLAIN or _root(node.func) in drawn):
            return False
    return not any(isinstance(node, (ast.Import, ast.ImportFrom, ast.With, ast.FunctionDef, ast.ClassDef)) for node in ast.walk(tree))


def _root(node: ast.expr) -> str:
    """The name behind attributes and places: `axes` for `axes[0].plot`; empty for what is called on the way."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
