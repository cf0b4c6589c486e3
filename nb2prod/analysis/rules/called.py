"""The calls of a notebook, with what they are known to call and what they came to.

scaler.fit_transform(X)     Called(path="", method="fit_transform", receiver=<made by sklearn.preprocessing.StandardScaler>, result=<an array>)
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nb2prod.analysis.values import ANYTHING, Value, deep_objects
from nb2prod.analysis.walk import Step
from nb2prod.model.notebook import StatementId
from nb2prod.model.syntax import children_of, nodes_of


@dataclass(frozen=True)
class Called:
    """One call, met in a step, the one at `rank` in the run, perhaps inside a function that the step called.

    `path` is the dotted path of a library function ("" where it is none), `method` the last name of what is called; `home` is the statement
    that holds the code, `place` the call's place among all.
    """

    step: Step
    rank: int
    place: int
    home: StatementId
    node: ast.Call
    receiver: Value | None

    @property
    def path(self) -> str:
        return path_of(self.node, self.step.touches.values)

    @property
    def method(self) -> str:
        return name_of(self.node.func)

    @property
    def result(self) -> Value:
        return self.step.touches.values[self.node]

    @property
    def made(self) -> frozenset[str]:
        """The objects that the call made, and did not just hand on; `Maker().give(x)` makes one that goes by the name of its maker."""
        parts = [*self.node.args, *self.node.keywords] if self.receiver is not None else children_of(self.node)
        taken = [objects_at(part, self.step) for part in parts]
        made = deep_objects(self.result).difference(*taken)
        inline = isinstance(self.node.func, ast.Attribute) and isinstance(self.node.func.value, ast.Call)
        return made if self.receiver is None or inline else made - self.receiver.objects


def calls_in(steps: Iterable[Step]) -> tuple[Called, ...]:
    """Every call in the order it was met."""
    steps = tuple(steps)
    homes = {node: step.id for step in steps for node in nodes_of(step.tree) if isinstance(node, ast.Call)}
    found: list[Called] = []
    for rank, step in enumerate(steps):
        values = step.touches.values
        for node in values:
            if isinstance(node, ast.Call):
                receiver = values.get(node.func.value) if isinstance(node.func, ast.Attribute) else None
                found.append(Called(step, rank, len(found), homes.get(node, step.id), node, receiver))
    return tuple(found)


def makers_of(calls: Iterable[Called]) -> Mapping[str, str]:
    """The library path of the call that made each object: "sklearn.preprocessing.StandardScaler"."""
    found: dict[str, str] = {}
    for called in calls:
        if called.path:
            for object in called.made:
                found.setdefault(object, called.path)
    return found


def argument_of(node: ast.Call, position: int | None, *keywords: str) -> ast.expr | None:
    """An argument of a call by its position or one of its keywords; None where it is not given or hidden behind a star."""
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        return None
    placed = node.args[position] if position is not None and position < len(node.args) else None
    return placed or next((keyword.value for keyword in node.keywords if keyword.arg in keywords), None)


def objects_at(node: ast.AST, step: Step) -> frozenset[str]:
    """The objects that an expression, or a part of a call, may be."""
    values = step.touches.values
    return frozenset().union(*(deep_objects(values[part]) for part in parts_of(node) if part in values))


def parts_of(node: ast.AST) -> tuple[ast.expr, ...]:
    """The expressions directly in a part of a call: a keyword's value, the receiver of a method, the expression itself."""
    if isinstance(node, (ast.keyword, ast.Starred)):
        return (node.value,)
    if isinstance(node, ast.Attribute):
        return (node, node.value)
    return (node,) if isinstance(node, ast.expr) else ()


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def path_of(node: ast.Call, values: Mapping[ast.expr, Value]) -> str:
    """The dotted path of the library function a call means, "" where it means none or several."""
    if isinstance(node.func, ast.Attribute):
        owner = values.get(node.func.value, ANYTHING).path
        path = f"{owner}.{node.func.attr}" if owner else ""
    elif isinstance(node.func, ast.Name) and node.func not in values:  # what the analysis itself knows how to call
        path = f"builtins.{node.func.id}" if hasattr(builtins, node.func.id) else node.func.id
    else:
        path = values.get(node.func, ANYTHING).path
    return "" if "|" in path or path == "?" else path
