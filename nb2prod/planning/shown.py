"""`_` and `Out[3]` mean a value that an earlier cell showed: it gets a name there, and the mention becomes that name.

df["x"].mean()          x_mean = df["x"].mean()
round(_, 2)        ->   round(x_mean, 2)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count

from nb2prod.model.dataflow import Reference, Result
from nb2prod.model.notebook import Place, StatementId
from nb2prod.model.plan import Rename
from nb2prod.model.recording import Picture, Recording
from nb2prod.planning.code import LiveCode


@dataclass(frozen=True)
class Captures:
    """Shown values that get a name where they are shown (results, and others that `_` means later), and the mentions that become names.

    `types` are the types the shown values had in the run, by the results' names; `changed` the names whose objects each statement changed in it.
    """

    results: tuple[Result, ...]
    renames: tuple[Rename, ...]
    types: Mapping[str, str]
    changed: Mapping[StatementId, frozenset[str]] | None = None

    def may_change(self, name: str, statements: Sequence[StatementId]) -> bool:
        """Whether the run saw one of the statements change the object of a name, or did not look."""
        return self.changed is None or any(name in self.changed.get(id, frozenset({name})) for id in statements)

    def shown_by(self, id: StatementId) -> Sequence[Result]:
        return self._by_statement.get(id, ())

    def gives(self, id: StatementId) -> frozenset[str]:
        return frozenset(result.name for result in self.shown_by(id))

    def needs(self, id: StatementId) -> frozenset[str]:
        return frozenset(self._needed.get(id, ()))

    @cached_property
    def _by_statement(self) -> dict[StatementId | None, list[Result]]:
        found: dict[StatementId | None, list[Result]] = {}
        for result in self.results:
            found.setdefault(result.statement, []).append(result)
        return found

    @cached_property
    def _needed(self) -> dict[StatementId, list[str]]:
        found: dict[StatementId, list[str]] = {}
        for rename in self.renames:
            found.setdefault(rename.statement, []).append(rename.name)
        return found


UNCHANGEABLE = frozenset("bool int float str bytes complex range numpy.int64 numpy.bool_".split())
PLAIN = UNCHANGEABLE | {"list", "tuple", "dict", "set", "frozenset"}
SCALARS = {"<f8": "float", "<i8": "numpy.int64", "|b1": "numpy.bool_"}  # numpy's float64 is a float


def plan_captures(code: LiveCode, results: tuple[Result, ...], recording: Recording | None) -> Captures:
    """Name every shown value that is a result or is mentioned later."""
    seen = [one for one in recording.shown if one.how != "figure"] if recording else []
    pictures: dict[tuple[StatementId | None, int], Picture] = {(one.statement, one.position): one.picture for one in seen}
    shown = [r for r in results if r.kind == "figure" or (r.kind == "text" and r.place is not None)]
    captured = [replace(r, copied=r.copied and type_of(pictures.get((r.statement, r.position), {})) not in UNCHANGEABLE) for r in shown]
    taken = {*code.stores, *(result.name for result in results)}
    renames = []
    for reference in code.references:
        provider = shown_by(reference, code)
        if provider is None:
            continue
        place = Place(provider.cell, code.notebook.cells[provider.cell].statements[provider.index].span)
        known = next((result for result in captured if result.place == place), None)
        if known is None:
            name = next(name for name in numbered("shown_value") if name not in taken)
            taken.add(name)
            known = Result(name, "text", "a later cell uses the value shown here", provider, place)
            captured.append(known)
        renames.append(Rename(reference.place, known.name, reference.statement))
    types = {r.name: type for r in captured if r.kind == "text" and (type := type_of(pictures.get((r.statement, r.position), {})))}
    changed = {one.statement: frozenset((*one.changed, *one.sampled)) for one in recording.observations} if recording else None
    return Captures(tuple(captured), tuple(renames), types, changed)


def numbered(name: str) -> Iterator[str]:
    """The name, and with a number where it is taken."""
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def type_of(picture: Picture) -> str:
    """The importable type of a pictured value; empty where the picture does not tell."""
    kind, told = str(picture.get("kind")), str(picture.get("type", ""))
    if kind in PLAIN:
        return kind
    if kind == "scalar":
        return SCALARS.get(str(picture.get("dtype")), "")
    if kind == "index":
        return "pandas.Index"
    return told if "." in told else ""


def shown_by(reference: Reference, code: LiveCode) -> StatementId | None:
    """The statement whose shown value a mention of `_` means."""
    if reference.name != "_" or reference.context != "load" or "_" in code.stores:
        return None
    return next((edge.provider for edge in code.analysis.graph.providers(reference.statement) if edge.location == ("name", "_")), None)
