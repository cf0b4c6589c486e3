"""What every rule is given, the notebook as it was read, walked and judged, and what it gives: findings.

def check(case):
    for step in case.live_steps:
        if step.touches.asks:
            yield at(step)
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from nb2prod.analysis.rules.called import Called, calls_in
from nb2prod.analysis.rules.lineage import Lineage
from nb2prod.analysis.values import deep_objects
from nb2prod.analysis.walk import Step, Walk
from nb2prod.model.dataflow import DataflowGraph, Location, Result
from nb2prod.model.diagnostic import Severity
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.syntax import nodes_of


@dataclass(frozen=True)
class Case:
    """A notebook before its rules: what was read, what each statement did, which statements live and why, and what the results are."""

    notebook: Notebook
    walked: Walk
    live: Mapping[StatementId, str]
    graph: DataflowGraph = field(default_factory=lambda: DataflowGraph((), ()))
    results: tuple[Result, ...] = ()

    @cached_property
    def live_steps(self) -> tuple[Step, ...]:
        return tuple(step for step in self.walked.steps if step.id in self.live)

    @cached_property
    def rank(self) -> Mapping[StatementId, int]:
        return {step.id: rank for rank, step in enumerate(self.walked.steps)}

    @cached_property
    def calls(self) -> tuple[Called, ...]:
        """Every call in the order it was met."""
        return calls_in(self.walked.steps)

    @cached_property
    def lineage(self) -> Lineage:
        """Where the data came from."""
        return Lineage(tuple(self.walked.steps), self.calls)

    def calls_of(self, step: Step) -> tuple[Called, ...]:
        """The calls that a statement makes, those inside functions that it calls among them."""
        return self.calls_by_rank.get(self.rank[step.id], ())

    @cached_property
    def calls_by_rank(self) -> Mapping[int, tuple[Called, ...]]:
        return {rank: tuple(group) for rank, group in groupby(self.calls, key=lambda called: called.rank)}

    def touches(self, called: Called, kind: str) -> bool:
        """Whether a call is known to reach a kind of resource: "network", "shell"."""
        knowledge = self.walked.machine.knowledge
        rules = [knowledge.function(called.path)] if called.path else []
        rules += [knowledge.method(type, called.method) for type in (called.receiver.types or () if called.receiver else ())]
        return any(resource.kind == kind for rule in rules if rule for resource in (*rule.reads, *rule.writes))

    def computes(self, statement: StatementId) -> bool:
        """Whether a statement gives its name a value, and not just to a module, a function, a class or the variable of a loop."""
        return isinstance(self.walked.steps[self.rank[statement]].tree, (ast.Assign, ast.AnnAssign, ast.AugAssign))

    @cached_property
    def binders(self) -> Mapping[str, list[int]]:
        """The ranks of the statements that bind each name, in order."""
        return listed_by((name, rank) for rank, step in enumerate(self.walked.steps) for name in step.bound)

    @cached_property
    def unbinders(self) -> Mapping[str, list[int]]:
        """The ranks of the statements that delete each name, in order."""
        steps = enumerate(self.walked.steps)
        deleted = (
            (rank, target)
            for rank, step in steps
            for node in nodes_of(step.tree)
            if isinstance(node, ast.Delete)
            for target in node.targets
        )
        return listed_by((target.id, rank) for rank, target in deleted if isinstance(target, ast.Name))

    def mention(self, step: Step, name: str) -> ast.AST | None:
        """Where a statement mentions a name."""
        return next((node for node in nodes_of(step.tree) if isinstance(node, ast.Name) and node.id == name), None)

    def reached_results(self, statement: StatementId) -> tuple[str, ...]:
        """The names of the results that depend on a statement."""
        reached = self.dependents(statement)
        bound = {name for step in self.walked.steps if step.id in reached for name in step.bound}
        changed = {place for step in self.walked.steps if step.id in reached for place in step.effects.updates}
        names = self.walked.names
        return tuple(
            result.name
            for result in self.results
            if (result.statement in reached if result.kind != "variable" else result.name in bound)
            or (result.name in names and any(Location("object", object) in changed for object in deep_objects(names[result.name])))
        )

    def dependents(self, statement: StatementId) -> frozenset[StatementId]:
        """The statement and all that depend on it."""
        reached, waiting = {statement}, [statement]
        while waiting:
            for edge in self.users.get(waiting.pop(), ()):
                if edge not in reached:
                    reached.add(edge)
                    waiting.append(edge)
        return frozenset(reached)

    @cached_property
    def users(self) -> Mapping[StatementId, list[StatementId]]:
        found: dict[StatementId, list[StatementId]] = {}
        for edge in self.graph.edges:
            found.setdefault(edge.provider, []).append(edge.user)
        return found


def listed_by(pairs: Iterable[tuple[str, int]]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, rank in pairs:
        found.setdefault(name, []).append(rank)
    return found


class Finding(NamedTuple):
    """Where a rule found something, and the words that fill its message; `severity` where it is not the rule's own."""

    cell: int | None
    line: int | None
    words: Mapping[str, object]
    severity: Severity | None = None


def at(place: Step | StatementId, node: ast.AST | None = None, severity: Severity | None = None, **words: object) -> Finding:
    """A finding at a node of a statement, or at its first line."""
    id = place if isinstance(place, StatementId) else place.id
    line = getattr(node, "lineno", None) or (None if isinstance(place, StatementId) else place.tree.lineno)
    return Finding(id.cell, line, words, severity)


def short(node: ast.AST, width: int = 40) -> str:
    """Code as it is quoted in a message."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= width else text[: width - 3] + "..."
