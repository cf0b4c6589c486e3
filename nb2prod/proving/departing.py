"""Departing: two recorded runs of the same statements -> where they part, and what has no other cause there than chance.

first run   3: x = f()  -> digest a     4: y = x + 1 -> digest b
second run  3: x = f()  -> digest c     4: y = x + 1 -> digest d      ->   Departure(statement 3, "value", of=("x",), names={})
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import StatementId
from nb2prod.model.recording import Observation, Recording, Shown, unlike
from nb2prod.model.restoration import Departure
from nb2prod.verification.compare import compare
from nb2prod.verification.texts import same_text

Aspect = tuple[StatementId, str]  # a statement and what of it: a name, or one of "raised", "shown", "printed"
NOTHING: Observation = Observation(StatementId(-1, 0))


@dataclass
class History:
    """What every name held before and after each statement of one run, as digests."""

    before: dict[StatementId, dict[str, str]] = field(default_factory=dict)
    after: dict[StatementId, dict[str, str]] = field(default_factory=dict)


def history_of(recording: Recording) -> History:
    """The digests of a run, statement by statement."""
    history, now = History(), dict[str, str]()
    for seen in recording.observations:
        history.before[seen.statement] = dict(now)
        now.update(seen.contents)
        for name in seen.deleted:
            now.pop(name, None)
        history.after[seen.statement] = dict(now)
    return history


def differing(first: Recording, second: Recording, order: Iterable[StatementId]) -> Iterator[Aspect]:
    """Everything in which statements came out otherwise, in the order of the run."""
    histories = history_of(first), history_of(second)
    seen = [{one.statement: one for one in recording.observations} for recording in (first, second)]
    shown = [by_statement(recording.shown) for recording in (first, second)]
    failed = [{failure.statement: failure.error for failure in recording.failures} for recording in (first, second)]
    for id in order:
        if failed[0].get(id) != failed[1].get(id):
            yield id, "raised"
        after = [history.after.get(id, {}) for history in histories]
        told = {name for one in seen for name in one.get(id, NOTHING).contents}
        yield from ((id, name) for name in sorted(told) if unlike(after[0].get(name), after[1].get(name)))
        if not same_shown(shown[0].get(id, []), shown[1].get(id, [])):
            yield id, "shown"
        if not same_text(first.stdout.get(id, ""), second.stdout.get(id, "")):
            yield id, "printed"


def by_statement(shown: Iterable[Shown]) -> dict[StatementId, list[Shown]]:
    found: dict[StatementId, list[Shown]] = {}
    for one in shown:
        found.setdefault(one.statement, []).append(one)
    return found


def same_shown(first: list[Shown], second: list[Shown]) -> bool:
    """Whether two lists of shown values are the same, as far as they can be compared."""
    pairs = zip(first, second, strict=False)
    return len(first) == len(second) and all(compare(a.picture, b.picture).outcome != "different" for a, b in pairs)


def first_departure(
    first: Recording, second: Recording, analysis: Analysis, order: Collection[StatementId], chance: Collection[Aspect] = ()
) -> Departure | None:
    """The first statement of `order` that came out otherwise; None where all did alike, `chance` apart."""
    uses = used_names(analysis)
    histories = history_of(first), history_of(second)
    for id, what in differing(first, second, order):
        if (id, what) not in chance:
            before = [history.before.get(id, {}) for history in histories]
            names = {name for name in uses.get(id, ()) if unlike(before[0].get(name), before[1].get(name))}
            plain = what in ("raised", "shown", "printed")
            return Departure(id, what if plain else "value", () if plain else (what,), frozenset(names))
    return None


def used_names(analysis: Analysis) -> Mapping[StatementId, set[str]]:
    """The variables each statement reads, those that functions it calls read among them."""
    found: dict[StatementId, set[str]] = {}
    for reference in analysis.references:
        if reference.context in ("load", "text"):
            found.setdefault(reference.statement, set()).add(reference.name)
    for effects in analysis.graph.effects:
        used = {location.key for location in effects.uses | effects.updates if location.kind == "name"}
        found.setdefault(effects.statement, set()).update(used)
    return found
