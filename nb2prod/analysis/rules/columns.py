"""Which columns of which frame an expression holds, where every step of the way is known.

X = df.drop(columns="price"); a, b = train_test_split(X); b        Selection(frame=<of df>, dropped={"price"})
X = df[names].rename(...)                                          None: it cannot be told
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nb2prod.analysis.rules.called import path_of
from nb2prod.analysis.rules.lineage import SPLITS
from nb2prod.analysis.values import ANYTHING
from nb2prod.analysis.walk import Step
from nb2prod.model.dataflow import DataflowGraph, Location

SAME_COLUMNS = frozenset({"copy", "fillna", "astype", "reset_index", "dropna", "sort_values", "sort_index", "head", "sample", "to_numpy"})
DEPTH = 20


@dataclass(frozen=True)
class Selection:
    """Columns of a frame (its objects): one `column`, or all but the `dropped` ones of those that were `kept` (None: all)."""

    frame: frozenset[str]
    column: str = ""
    kept: frozenset[str] | None = None
    dropped: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        return not self.column and name not in self.dropped and (self.kept is None or name in self.kept)


class Selections:
    """Follows expressions back through the assignments that gave them their values."""

    def __init__(self, steps: Iterable[Step], graph: DataflowGraph) -> None:
        self.steps = {step.id: step for step in steps}
        self.binders: dict[tuple[Any, str], list[Step]] = {}
        for edge in graph.edges:
            if edge.location.kind == "name" and edge.provider in self.steps:
                self.binders.setdefault((edge.user, edge.location.key), []).append(self.steps[edge.provider])

    def of(self, node: ast.expr, step: Step, depth: int = 0) -> Selection | None:
        """The columns an expression in a step holds; None where that cannot be told."""
        if depth > DEPTH:
            return None
        if isinstance(node, ast.Name):
            return self.named(node, step, depth)
        if isinstance(node, ast.Subscript):
            base = self.of(node.value, step, depth + 1)
            return None if base is None or base.column else selected(base, constant(node.slice))
        if isinstance(node, ast.Attribute):
            base = self.of(node.value, step, depth + 1)
            if base is None or node.attr == "values":
                return base
            known = step.touches.values.get(node, ANYTHING).types == {"pandas.Series"}
            return (
                replace(base, column=node.attr)
                if known and not base.column and node.attr not in ("T", "str", "dt", "index", "columns")
                else None
            )
        return self.called(node, step, depth) if isinstance(node, ast.Call) else None

    def named(self, node: ast.Name, step: Step, depth: int) -> Selection | None:
        """What the one assignment that gave a name its value put into it."""
        binders = self.binders.get((step.id, node.id), [])
        if len(binders) != 1 or binders[0] is step or not isinstance(binders[0].tree, ast.Assign):
            return None
        tree, binder = binders[0].tree, binders[0]
        source = source_of(tree, node.id, binder)
        if source is None:
            return None
        value = step.touches.values.get(node, ANYTHING)
        found = self.of(source, binder, depth + 1)
        if found is None and value.types == {"pandas.DataFrame"} and self.made_here(binder, source):
            found = Selection(value.objects)
        return found if found is not None and self.settled(found.frame) else None

    def made_here(self, binder: Step, source: ast.expr) -> bool:
        """Whether an expression makes a whole frame of its own, such as reading a file."""
        return isinstance(source, ast.Call) and path_of(source, binder.touches.values).startswith(("pandas.read_", "pandas.DataFrame"))

    def settled(self, frame: frozenset[str]) -> bool:
        """Whether no statement changes which columns the frame has, but by setting some."""
        changing = (step for object in frame for step in self.changing.get(Location("object", object), ()))
        return all(sets_columns(step) or makes(step, frame) for step in changing)

    @cached_property
    def changing(self) -> dict[Location, list[Step]]:
        """The steps that change each place."""
        found: dict[Location, list[Step]] = {}
        for step in self.steps.values():
            for location in step.effects.updates:
                found.setdefault(location, []).append(step)
        return found

    def called(self, node: ast.Call, step: Step, depth: int) -> Selection | None:
        if not isinstance(node.func, ast.Attribute):
            return None
        base = self.of(node.func.value, step, depth + 1)
        if base is None or any(keyword.arg == "inplace" for keyword in node.keywords):
            return None
        if node.func.attr in SAME_COLUMNS:
            return base
        return without(base, node) if node.func.attr == "drop" and not base.column else None


def selected(base: Selection, key: Any) -> Selection | None:
    """`base[key]` for a name or a list of names."""
    if isinstance(key, str):
        return replace(base, column=key)
    names = isinstance(key, list) and all(isinstance(name, str) for name in key)
    return replace(base, kept=frozenset(key)) if names else None


def without(base: Selection, node: ast.Call) -> Selection | None:
    """`base.drop("a", axis=1)` or `base.drop(columns=["a"])`."""
    given = {keyword.arg: constant(keyword.value) for keyword in node.keywords}
    columns = given.get("columns")
    if columns is None and (given.get("axis") in (1, "columns") or (len(node.args) == 2 and constant(node.args[1]) in (1, "columns"))):
        columns = given.get("labels") if "labels" in given else constant(node.args[0]) if node.args else None
    columns = [columns] if isinstance(columns, str) else columns
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        return None
    return replace(base, dropped=base.dropped | frozenset(columns))


def constant(node: ast.expr) -> Any:
    """A text, number or list of them that is written out; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [constant(element) for element in node.elts]
    return None


def source_of(tree: ast.Assign, name: str, step: Step) -> ast.expr | None:
    """The expression that an assignment gives to a name: its value, or the argument of a split of which the name is a part."""
    if len(tree.targets) != 1:
        return None
    target, value = tree.targets[0], tree.value
    if isinstance(target, ast.Name):
        return value
    if not isinstance(target, (ast.Tuple, ast.List)):
        return None
    position = next((rank for rank, part in enumerate(target.elts) if isinstance(part, ast.Name) and part.id == name), None)
    if position is None:
        return None
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
        return value.elts[position]
    split = isinstance(value, ast.Call) and path_of(value, step.touches.values) in SPLITS
    return value.args[position // 2] if split and isinstance(value, ast.Call) and position // 2 < len(value.args) else None


def sets_columns(step: Step) -> bool:
    """Whether a statement only sets columns: `df["a"] = ...`."""
    targets = step.tree.targets if isinstance(step.tree, ast.Assign) else []
    return bool(targets) and all(isinstance(target, ast.Subscript) for target in targets)


def makes(step: Step, frame: frozenset[str]) -> bool:
    """Whether a statement made the frame."""
    place = f"{step.id.cell}.{step.id.index}:"
    return all(object.startswith(place) for object in frame)
