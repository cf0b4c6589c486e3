"""Stages and what their statements do -> the earlier stages each has to wait for; those that wait for none of each other may run side by side.

load() -> df      clean(df) -> X      holidays() -> days      ->   {"load": (), "clean": ("load",), "holidays": ()}

And what each shares with earlier ones beside values that are handed over: files, random numbers, settings, code that nothing is known of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def all(self) -> frozenset[Location]:
        return self.used | self.changed

    @cached_property
    def wild(self) -> bool:
        """Whether something of it may be anything of its kind."""
        return any(location.key in ANY for location in self.all)


def stages_before(plan: Plan, analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """For each stage the earlier ones that must be done before it: they give it a value, or one of both changes what the other touches."""
    found: dict[str, tuple[str, ...]] = {}
    rank: dict[str, int] = {}
    givers: dict[str, str] = {}
    for stage, one, near in _with_near(plan, analysis):
        waits = {givers[variable.name] for variable in stage.inputs if variable.name in givers}
        waits |= {name for name, other in near.items() if _meet(other, one)}
        found[stage.name] = tuple(sorted(waits, key=rank.__getitem__))
        rank[stage.name] = len(rank)
        givers |= {output.name: stage.name for output in stage.outputs}
    return found


def stages_sharing(plan: Plan, analysis: Analysis) -> dict[str, dict[str, tuple[Location, ...]]]:
    """For each stage what it shares with earlier ones, one of both changing it, beside the values that are handed over."""
    made = {"any", *(f"{id.cell}.{id.index}" for stage in plan.stages if not stage.as_module for id in stage.statements)}
    found: dict[str, dict[str, tuple[Location, ...]]] = {}
    for stage, one, near in _with_near(plan, analysis):
        shared = {name: _shared(other, one, made) for name, other in near.items()}
        found[stage.name] = {name: tuple(sorted(locations)) for name, locations in shared.items() if locations}
    return found


def _with_near(plan: Plan, analysis: Analysis) -> Iterator[tuple[Stage, _Touched, dict[str, _Touched]]]:
    """Every stage with what it touches, and with the earlier ones that may touch the same, in order: by an index, for most have nothing to do
    with one another."""
    effects = {one.statement: one for one in analysis.graph.effects}
    earlier: list[tuple[str, _Touched]] = []
    at: dict[Location, list[int]] = {}
    everywhere: list[int] = []
    for rank, stage in enumerate(plan.stages):
        one = _touched(stage, effects)
        everything = one.unclear or one.wild
        near = range(rank) if everything else sorted({*everywhere, *(other for place in one.all for other in at.get(place, ()))})
        yield stage, one, {earlier[other][0]: earlier[other][1] for other in near}
        earlier.append((stage.name, one))
        everywhere += [rank] if everything else []
        for place in one.all:
            at.setdefault(place, []).append(rank)


def _shared(one: _Touched, other: _Touched, made: Collection[str]) -> set[Location]:
    """What two stages share; objects that a statement of a stage made (`made`) are values."""
    met = {location for first, second in _pairs(one, other) for location in _common(first, second)}
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
    return one.unclear or other.unclear or any(True for first, second in _pairs(one, other) for _ in _common(first, second))


def _pairs(one: _Touched, other: _Touched) -> tuple[tuple[frozenset[Location], frozenset[Location]], ...]:
    """What one of two stages changes, with what the other has to do with."""
    return (one.changed, other.all), (other.changed, one.used)


def _common(first: frozenset[Location], second: frozenset[Location]) -> Iterator[Location]:
    """What may be the same in both, by the more exact of its names."""
    yield from first & second
    yield from (b for a in first if a.key in ANY for b in second if a.kind == b.kind and b.key not in ANY)
    yield from (a for b in second if b.key in ANY for a in first if a.kind == b.kind)
