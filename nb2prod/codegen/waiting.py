"""Stages and what their statements do -> the earlier stages each has to wait for; those that wait for none of each other may run side by side.

load() -> df      clean(df) -> X      holidays() -> days      ->   {"load": (), "clean": ("load",), "holidays": ()}

And what each shares with earlier ones beside values that are handed over: files, random numbers, settings, code that nothing is known of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nb2prod.model.dataflow import Analysis, Effects, Location
from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Plan, Stage

ANY = frozenset({"?", "*"})
UNKNOWN = Location("ambient", "unknown code")  # what code that is not understood may share with other such code


@dataclass(frozen=True)
class _Touched:
    """What a stage looks at and what it changes, its own variables left out; `unclear` that there may be more."""

    used: frozenset[Location]
    changed: frozenset[Location]
    unclear: bool


def stages_before(plan: Plan, analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """For each stage the earlier ones that must be done before it: they give it a value, or one of both changes what the other touches."""
    effects = {one.statement: one for one in analysis.graph.effects}
    touched = {stage.name: _touched(stage, effects) for stage in plan.stages}
    found: dict[str, tuple[str, ...]] = {}
    for rank, stage in enumerate(plan.stages):
        givers = {output.name: earlier.name for earlier in plan.stages[:rank] for output in earlier.outputs}
        given = {givers[variable.name] for variable in stage.inputs if variable.name in givers}
        earlier_names = (earlier.name for earlier in plan.stages[:rank])
        found[stage.name] = tuple(name for name in earlier_names if name in given or _meet(touched[name], touched[stage.name]))
    return found


def stages_sharing(plan: Plan, analysis: Analysis) -> dict[str, dict[str, tuple[Location, ...]]]:
    """For each stage what it shares with earlier ones, one of both changing it, beside the values that are handed over."""
    effects = {one.statement: one for one in analysis.graph.effects}
    made = {"any", *(f"{id.cell}.{id.index}" for stage in plan.stages if not stage.as_module for id in stage.statements)}
    touched = {stage.name: _touched(stage, effects) for stage in plan.stages}
    found: dict[str, dict[str, tuple[Location, ...]]] = {}
    for rank, stage in enumerate(plan.stages):
        shared = {earlier.name: _shared(touched[earlier.name], touched[stage.name], made) for earlier in plan.stages[:rank]}
        found[stage.name] = {name: tuple(sorted(locations)) for name, locations in shared.items() if locations}
    return found


def _shared(one: _Touched, other: _Touched, made: Collection[str]) -> set[Location]:
    """What two stages share; objects that a statement of a stage made (`made`) are values."""
    pairs = ((one.changed, other.used | other.changed), (other.changed, one.used))
    met = {a if b.key in ANY else b for first, second in pairs for a in first for b in second if _overlap(a, b)}
    if one.unclear and other.unclear:
        met.add(UNKNOWN)
    if one.unclear != other.unclear:
        clear = other if one.unclear else one
        met |= {location for location in clear.used | clear.changed if location.kind == "ambient"}
    return {location for location in met if location.kind != "object" or location.key.partition(":")[0] not in made}


def _touched(stage: Stage, effects: Mapping[StatementId, Effects]) -> _Touched:
    known = [effects[id] for id in stage.statements if id in effects]
    unclear = stage.as_module or len(known) < len(stage.statements) or any(one.opaque or "unknown" in one.marks for one in known)
    used = _outside(location for one in known for location in one.uses)
    changed = _outside(location for one in known for location in (*one.defines, *one.updates, *one.writes_out, *one.observed))
    return _Touched(used, changed, unclear)


def _outside(locations: Iterable[Location]) -> frozenset[Location]:
    return frozenset(location for location in locations if location.kind != "name")


def _meet(one: _Touched, other: _Touched) -> bool:
    """Whether two stages must keep their order."""
    pairs = ((one.changed, other.used | other.changed), (other.changed, one.used))
    return one.unclear or other.unclear or any(_overlap(a, b) for first, second in pairs for a in first for b in second)


def _overlap(one: Location, other: Location) -> bool:
    return one.kind == other.kind and (one.key == other.key or bool({one.key, other.key} & ANY))
