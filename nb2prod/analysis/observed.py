"""What a run showed and the analysis had not seen: changes and shared objects become effects, and a note says which knowledge is missing.

    helper.scale(df)      the analysis: only uses df        the run: `df` changed        ->   updates df's object, certainty "observed"; NB108

Observed effects are only ever added; what changes only inside a library's objects is left to what is known of the library, for that it counts or
remembers something is no effect. That something did not change in one run takes no effect away: other data may take another branch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nb2prod.analysis.machine import Machine
from nb2prod.analysis.values import deep_objects
from nb2prod.model.dataflow import DataflowGraph, Decision, Edge, Location
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.recording import Observation, Recording
from nb2prod.model.syntax import nodes_of

CODE = "NB108"
HINT = "results are safe, for nb2prod keeps what the run showed; knowledge of what is called would let it know without a run (docs/knowledge.md)"
if TYPE_CHECKING:
    from nb2prod.analysis.walk import Step

AMBIENT = ("rng:", "cwd", "numpy.", "pandas.")  # the other states move by themselves when a library is first used
Observed = Mapping[StatementId, Observation]
NOTHING: Observed = MappingProxyType({})


def observed_in(recording: Recording | None) -> Observed:
    """What was observed of each statement; of one that ran twice the last."""
    return {seen.statement: seen for seen in recording.observations} if recording is not None else NOTHING


def add_observed(machine: Machine, tree: ast.stmt, seen: Observation | None) -> None:
    """Add to the statement at hand what the run showed of it; `touches.observed` tells what the analysis had missed."""
    if seen is None or machine.touches.opaque:
        return
    for name in seen.changed:
        if name in machine.names and name not in machine.bound and name not in seen.inside:
            _changed(machine, name)
    for group in seen.shared:
        _shared(machine, [name for name in group if name in machine.names])
    if not isinstance(tree, (ast.Import, ast.ImportFrom)):
        for key in seen.ambient:
            location = Location("ambient", key)
            if key.startswith(AMBIENT) and location not in machine.touches.updates | machine.touches.defines:
                machine.update_ambient(key)
                machine.touches.observed[location] = f"moved {key}"


def _changed(machine: Machine, name: str) -> None:
    """The content of a name changed: its objects are updated, unless the analysis knows that some of what it holds is."""
    value = machine.names[name]
    touched = {location.key for location in machine.touches.updates | machine.touches.defines if location.kind == "object"}
    if not touched.isdisjoint(machine.heap.reach(deep_objects(value))):
        return
    if not deep_objects(value):  # it was taken for something that cannot change
        value = machine.names[name] = value.sharing({f"{name}:observed"})
    machine.use(value)
    machine.update(value)
    machine.touches.observed.update({Location("object", object): f"changed `{name}`" for object in deep_objects(value)})


def _shared(machine: Machine, group: list[str]) -> None:
    """Names hold a common object: from now on each may be what the others are."""
    values = [machine.names[name] for name in group if not machine.immutable(machine.names[name].types)]
    reached = [machine.heap.reach(deep_objects(value)) for value in values]
    if len(values) < 2 or frozenset.intersection(*reached):
        return
    objects = frozenset().union(*(value.objects for value in values))
    for name in group:
        if machine.names[name] in values:
            machine.names[name] = machine.names[name].sharing(objects)
    machine.touches.observed[Location("name", group[0])] = "made " + " and ".join(f"`{name}`" for name in group) + " share an object"


def missing_knowledge(notebook: Notebook, steps: Sequence[Step]) -> tuple[Diagnostic, ...]:
    """A note for each statement of which the run showed more than the analysis saw, naming what it calls."""
    found = []
    for step in steps:
        if step.touches.observed:
            did = "; ".join(dict.fromkeys(step.touches.observed.values()))
            called = ", ".join(f"`{name}`" for name in _called(step)) or "this statement"
            line = notebook.statement(step.id).span.start_line
            message = f"the run {did}, which the analysis does not see in {called}"
            found.append(Diagnostic(CODE, Severity.note, message, HINT, step.id.cell, line))
    return tuple(found)


def _called(step: Step) -> list[str]:
    """What a statement calls, by its library path where that is known."""
    names: dict[str, None] = {}
    for node in nodes_of(step.tree):
        if isinstance(node, ast.Call):
            value = step.touches.values.get(node.func)
            names[value.path if value is not None and value.path else ast.unparse(node.func)[:60]] = None
    return list(names)[:3]


def as_observed(decisions: Iterable[Decision], graph: DataflowGraph, chain: Iterable[Edge]) -> Iterator[Decision]:
    """The decisions, with those marked that stand on an observed effect: nothing but what the run showed keeps such a statement."""
    observed = {effects.statement: effects.observed for effects in graph.effects if effects.observed}
    reached = {edge.provider: edge.location for edge in chain}
    for decision in decisions:
        known = observed.get(decision.statement, frozenset())
        stands = decision.live and known and reached.get(decision.statement, next(iter(known), None)) in known
        yield replace(decision, certainty="observed") if stands else decision
