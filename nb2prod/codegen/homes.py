"""Who mentions whom among stages and definitions -> a plan whose modules never import each other in a circle.

data: def clean (uses show)     plots: def show (uses clean)     ->     definitions: def clean, def show
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace

from nb2prod.codegen.names import free_name
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Plan

SHARED = "definitions"


def without_cycles(plan: Plan, notebook: Notebook) -> Plan:
    """The plan, with the definitions of modules that would import each other moved to a module of their own."""
    homes = {definition.name: definition.module for definition in plan.definitions}
    uses: dict[str, set[str]] = {module: set() for module in [d.module for d in plan.definitions] + [s.module for s in plan.stages]}
    for definition in plan.definitions:
        uses[definition.module] |= {homes[name] for name in _mentioned(notebook, [definition.statement]) if name in homes}
    for stage in plan.stages:
        types = {variable.type.removeprefix("__main__.") for variable in (*stage.inputs, *stage.outputs)}
        uses[stage.module] |= {homes[name] for name in _mentioned(notebook, stage.statements) | types if name in homes}
    graph = {module: used - {module} for module, used in uses.items()}
    circular = {module for module in graph if module in _reached([module], graph)}
    shared = free_name(SHARED, graph)
    moved = [replace(d, module=shared) if d.module in circular else d for d in plan.definitions]
    return replace(plan, definitions=tuple(moved))


def drawn_by(plan: Plan, notebook: Notebook) -> set[str]:
    """The definitions that run, directly or through others, in statements whose figures are captured."""
    uses = {definition.name: _mentioned(notebook, [definition.statement]) for definition in plan.definitions}
    figures = [result.statement for stage in plan.stages for result in stage.results if result.kind == "figure" and result.statement]
    return _reached([""], {**uses, "": _mentioned(notebook, figures)}) & set(uses)


def _mentioned(notebook: Notebook, statements: Iterable[StatementId]) -> set[str]:
    trees = (ast.parse(notebook.statement(id).source) for id in statements)
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _reached(start: Iterable[str], graph: Mapping[str, set[str]]) -> set[str]:
    """All that can be reached from `start` by one step or more."""
    found: set[str] = set()
    waiting = [name for origin in start for name in graph[origin]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph.get(name, ()))
    return found
