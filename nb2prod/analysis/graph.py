"""Effects in order -> the graph of which statement feeds which, and who feeds a location at the end.

0: df = load()   defines name df         2 -> 0 (name df), 2 -> 1 (object of df)
1: df['x'] = 1   updates its object
2: df.mean()     uses both
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from nb2prod.analysis.resources import is_absolute, overlap
from nb2prod.model.dataflow import DataflowGraph, Edge, Effects, Location
from nb2prod.model.notebook import StatementId

RESOURCES = ("file", "database", "network", "shell")


@dataclass
class Places:
    """The resources that were written, so kept that those that may be the same as another are found without asking all of them."""

    ranks: dict[Location, int] = field(default_factory=dict)
    odd: list[Location] = field(default_factory=list)
    beneath: dict[str, list[Location]] = field(default_factory=dict)  # plain files by their own name and by each folder they lie in

    def add(self, location: Location) -> None:
        if location in self.ranks:
            return
        self.ranks[location] = len(self.ranks)
        if not is_plain(location):
            self.odd.append(location)
        else:
            for path in (location.key, *folders(location.key)):
                self.beneath.setdefault(path, []).append(location)

    def same(self, location: Location) -> list[Location]:
        """Those that may be the same, in the order in which they were first written."""
        if not is_plain(location):
            return [other for other in self.ranks if overlap(location, other)]
        above = (Location("file", folder) for folder in folders(location.key))
        near = {*self.odd, *self.beneath.get(location.key, ()), *(folder for folder in above if folder in self.ranks)}
        return sorted((other for other in near if overlap(location, other)), key=self.ranks.__getitem__)


def is_plain(location: Location) -> bool:
    """Whether a resource is a file that only itself, its folders and what is not plain can be."""
    key = location.key
    return location.kind == "file" and key not in ("?", ".") and not is_absolute(key) and not set("*?[") & set(key)


def folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


@dataclass
class Ledger:
    """Who last defined or updated each location, of a name everyone who may have bound it since; who did anything since the last opaque one."""

    writers: dict[Location, list[StatementId]] = field(default_factory=dict)
    places: Places = field(default_factory=Places)
    opaque: list[StatementId] = field(default_factory=list)
    active: list[StatementId] = field(default_factory=list)

    def providers(self, locations: Iterable[Location]) -> list[tuple[StatementId, Location]]:
        """The statements whose work these locations hold now; the last opaque one needs those before it, so only it is listed."""
        found: list[tuple[StatementId, Location]] = []
        for location in sorted(locations):
            same = self.places.same(location) if location.kind in RESOURCES else [location]
            found.extend((id, location) for other in same for id in self.writers.get(other, ()))
            found.extend((id, location) for id in self.opaque[-1:])
        return found

    def record(self, effects: Effects) -> None:
        """Enter what a statement defines (forgetting older writers) and updates.

        Whoever updates anything but a name needs the writers before it, so only the last updater is listed: who needs it needs them all.
        """
        if effects.opaque:
            self.opaque.append(effects.statement)
            self.active.clear()
        if effects.defines or effects.updates or effects.opaque:
            self.active.append(effects.statement)
        for location in sorted(location for location in effects.defines | effects.updates if location.kind in RESOURCES):
            self.places.add(location)
        for location in effects.defines:
            self.writers[location] = [effects.statement]
        for location in effects.updates:
            writers = self.writers.setdefault(location, []) if location.kind == "name" else []
            self.writers[location] = [*(id for id in writers if id != effects.statement), effects.statement]


def link(effects: Iterable[Effects]) -> tuple[DataflowGraph, Ledger]:
    """Connect each statement with those that feed it.

    An update needs what it changes, so a location's updates are also its uses; only a name that may be bound anew is not read by that, and
    whoever reads it later needs both who bound it before and who may have bound it since. An opaque statement needs everything done before
    it: directly what was done since the last opaque one, and that one, which needs the rest.
    """
    ledger = Ledger()
    edges: list[Edge] = []
    listed = tuple(effects)
    for one in listed:
        changed = {location for location in one.updates if location.kind != "name"}
        needed = dict.fromkeys(ledger.providers(one.uses | changed))
        if one.opaque:
            needed |= {(id, Location("name", "*")): None for id in ledger.active}
        edges.extend(Edge(one.statement, provider, location) for provider, location in needed if provider != one.statement)
        ledger.record(one)
    return DataflowGraph(listed, tuple(edges)), ledger
