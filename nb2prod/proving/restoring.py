"""Restoring: a package that differs from its notebook -> the dropped statements to bring back, the likeliest first, and what was not known.

The kept statements alone are run in the notebook's own kernel, recorded like the notebook itself. Where they first come out otherwise, a
dropped statement is missing: the ones that were seen to change what differs there come back first, then those of which least is known.

4: scaler.partial(X)   dropped       ->   Restoration({4}, told=("cell 4 line 1 `scaler.partial(X)` changed `X`: nothing said that
5: score = rate(X)     comes out otherwise, X was already         `mylib.Scaler.partial` updates its first argument",))

Each try costs a run, so there are at most `Choices.attempts` of them, and none begins after `Choices.timeout` seconds of searching. What is
left to try then, or when the kept statements alone do all the notebook did, is one function with the names in it as the notebook had them.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis, Effects
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.recording import Observation, Recording
from nb2prod.model.restoration import Departure, Restoration
from nb2prod.proving.departing import Aspect, differing, first_departure
from nb2prod.proving.missed import tell
from nb2prod.recording import Runner

Statements = frozenset[StatementId]
EVERYTHING = "every statement that ran came back: which of the dropped ones is missed could not be told from what the runs showed"
ONE_FUNCTION = "all of it became one function with the names in it as the notebook had them: the kept statements alone gave the results, apart they did not"
WHOLE = "the whole notebook became one function: neither the kept statements nor all of them in parts gave the results"


@dataclass
class Search:
    """One search for what is missing. `analyzed` gives the analysis with some statements restored; `runner` runs with the seed of the proof."""

    notebook: Notebook
    recording: Recording
    choices: Choices
    runner: Runner
    analyzed: Callable[[Statements], Analysis]
    tries: int = 0
    started: float = field(default_factory=time.monotonic)
    chance: frozenset[Aspect] = frozenset()

    def restorations(self) -> Iterator[Restoration]:
        """What to try, one after another and as long as there is time: each is to be made and proved, until one gives the notebook's results."""
        return itertools.takewhile(lambda restoration: self.in_time(), self.candidates())

    def candidates(self) -> Iterator[Restoration]:
        """What was found to be missing, everything that was dropped, and one function."""
        first = self.analyzed(frozenset())
        every = frozenset(dropped_before(None, first, self.recording))
        found, done = self.missing(first) if self.choices.attempts > 0 else (frozenset(), False)
        if found:
            told = tuple(tell(self.notebook, self.recording, first, id) for id in sorted(found))
            yield Restoration(found, told=told)
        if every and every != found and not (done and not found):
            yield Restoration(every, told=(EVERYTHING,))
        if done and not found:
            yield Restoration(frozenset(), whole=True, told=(ONE_FUNCTION,))
        yield Restoration(every, whole=True, told=(WHOLE,))

    def missing(self, first: Analysis) -> tuple[Statements, bool]:
        """The statements without which kept ones come out otherwise; and whether with them all came out as in the notebook."""
        again = self.runner.record(self.notebook, first.order, again=True)
        self.chance = frozenset(differing(self.recording, again, first.order)) if again.ok else frozenset()
        found: Statements = frozenset()
        parted, tier = None, 0
        while self.may_try():
            analysis = self.analyzed(found)
            departure = self.departure(analysis)
            if departure is None:
                return self.fewer(found, first), True
            tier = tier + 1 if parted == departure.statement else 0
            parted = departure.statement
            tiers = suspects(departure, analysis, self.recording)
            while tier < len(tiers) and not tiers[tier]:
                tier += 1
            if tier >= len(tiers):
                break
            found |= frozenset().union(*tiers[: tier + 1])
        return found, False

    def may_try(self) -> bool:
        return self.tries < self.choices.attempts and self.in_time()

    def in_time(self) -> bool:
        return time.monotonic() - self.started < self.choices.timeout

    def departure(self, analysis: Analysis) -> Departure | None:
        """Where the kept statements, run alone, first come out otherwise than in the notebook."""
        self.tries += 1
        alone = self.runner.record(self.notebook, analysis.live)
        return first_departure(self.recording, alone, analysis, analysis.live, self.chance)

    def fewer(self, found: Statements, first: Analysis) -> Statements:
        """As few of them as tries allow: halves that nothing misses go again. What was seen to change something stays."""
        doubtful = sorted(id for id in found if not changed_by(id, self.recording))
        size = len(doubtful)
        while size > 1 or (size == 1 and len(found) > 1):
            size = (size + 1) // 2
            for start in range(0, len(doubtful), size):
                part = frozenset(doubtful[start : start + size])
                if part and self.may_try() and self.departure(self.analyzed(found - part)) is None:
                    found -= part
            doubtful = [id for id in doubtful if id in found]
            if size == 1:
                break
        return found


def suspects(departure: Departure, analysis: Analysis, recording: Recording) -> tuple[Statements, ...]:
    """The dropped statements that can be missed where runs part, in ever larger groups: those that were seen to change what differed there, to
    change anything outside the names, those of which least is known, those that share something with it, all."""
    dropped = dropped_before(departure.statement, analysis, recording)
    seen = {one.statement: one for one in recording.observations}
    effects = {one.statement: one for one in analysis.graph.effects}
    reached = reach(departure.statement, analysis, effects)
    changing = frozenset(id for id in dropped if id in seen and touched_names(seen[id]) & departure.names)
    outside = frozenset(id for id in dropped if id in seen and (seen[id].ambient or any(use.how != "read" for use in seen[id].files)))
    sharing = frozenset(id for id in dropped if id in effects and locations(effects[id]) & reached)
    unknown = frozenset(id for id in sharing if effects[id].opaque or "unknown" in effects[id].marks)
    return changing, outside, unknown, sharing, frozenset(dropped)


def dropped_before(end: StatementId | None, analysis: Analysis, recording: Recording) -> list[StatementId]:
    """The dropped statements that ran, before a statement in the order of the run (None: all)."""
    lost = {failure.statement.cell: failure.statement.index for failure in recording.failures}
    live = set(analysis.live)
    before = analysis.order[: analysis.order.index(end)] if end is not None else analysis.order
    return [id for id in before if id not in live and id.index < lost.get(id.cell, 1 << 30)]


def touched_names(seen: Observation) -> set[str]:
    return {*seen.bound, *seen.changed, *seen.deleted}


def changed_by(id: StatementId, recording: Recording) -> bool:
    """Whether a statement was seen to change what a name holds."""
    return any(one.statement == id and one.changed for one in recording.observations)


def locations(effects: Effects) -> frozenset[object]:
    return effects.defines | effects.updates | effects.uses


def reach(statement: StatementId, analysis: Analysis, effects: dict[StatementId, Effects]) -> set[object]:
    """Every location that a statement, or what it depends on, has to do with."""
    providers: dict[StatementId, set[StatementId]] = {}
    for edge in analysis.graph.edges:
        providers.setdefault(edge.user, set()).add(edge.provider)
    waiting, seen = [statement], {statement}
    while waiting:
        for provider in providers.get(waiting.pop(), set()) - seen:
            seen.add(provider)
            waiting.append(provider)
    return {location for id in seen if id in effects for location in locations(effects[id])}
