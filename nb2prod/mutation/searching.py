"""Runs inside the interpreter of a project: mutants that survived -> further cases in which they do something else than the function itself.

    {"folder": "churn", "stages": [{"stage": "label", "mutants": [...]}], "seconds": 60, ...}
      ->   a line of JSON for each case: {"stage": "label", "name": "label-2", "text": "{...}", "kills": [0, 3]}

A case's inputs are those of the recorded one with something varied; what comes out is found out by running the function as it is, twice. Needs the
project's `tests/snapshots` and nothing of pytest.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from nb2prod.mutation.forks import forked, put_in
from nb2prod.mutation.varying import variations

MOST = 4  # further cases of a stage
SHARE = 0.4  # of a stage's time for the function as it is
LONGEST = 20.0  # seconds for one mutant
NOTE = "made by `nb2prod mutate --strengthen`: "
WIDEST = 200  # characters of a note

Told = dict[str, Any]


def main(orders: dict[str, Any]) -> int:
    """Tells the cases on standard output."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.chdir(orders["folder"])
    sys.path[:0] = [os.path.join(orders["folder"], orders["source_root"]), os.path.join(orders["folder"], "tests")]
    place = tempfile.mkdtemp(prefix="nb2prod-cases-")
    try:
        _search(orders, told, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0


def _search(orders: dict[str, Any], told: TextIO, place: str) -> None:
    """Each stage in turn, with an equal share of the time that is left."""
    ended, room = time.monotonic() + orders["seconds"], orders["room"]
    stages = orders["stages"]
    for number, stage in enumerate(stages):
        share = (ended - time.monotonic()) / (len(stages) - number)
        if share <= 0:
            return
        for case in _cases_of_stage(stage, share, min(orders["largest"], room), place):
            size = len(case["text"].encode("utf-8"))
            if size <= room:
                room -= size
                told.write(json.dumps(case) + "\n")
                told.flush()


def _cases_of_stage(stage: Told, seconds: float, largest: int, place: str) -> list[Told]:
    """The fewest cases that tell all the mutants which any variation tells."""
    started = time.monotonic()
    answer = forked(lambda: {"cases": _varied(stage, seconds * SHARE, largest)}, seconds * SHARE + LONGEST, place)
    cases = (answer or {}).get("cases", [])
    kills: dict[int, set[int]] = {at: set() for at in range(len(cases))}
    for number, mutant in enumerate(stage["mutants"]):
        left = seconds - (time.monotonic() - started)
        limit = min(LONGEST, max(left, 0) / (len(stage["mutants"]) - number))
        answer = forked(_seen_by(mutant, cases, limit), limit + LONGEST, place) if cases and limit > 0 else None
        for at in (answer or {}).get("cases", ()):
            kills[at].add(number)
    return _fewest(stage, cases, kills)


def _varied(stage: Told, seconds: float, largest: int) -> list[Told]:
    """Cases with other inputs, as far as the function can be run on them and does the same twice."""
    cases, values = importlib.import_module("snapshots.cases"), importlib.import_module("snapshots.values")
    base = cases.read(stage["stage"])
    importlib.import_module(base.told["module"].partition(".")[0] + ".pipeline")
    with cases.alone(base.told.get("folders", ())):
        given = cases.prepare(base)
    ended, found = time.monotonic() + seconds, []
    again: tuple[str, Told, Told] = ("run twice in one folder", {}, {"again": True})
    for why, changed, more in (again, *((why, changed, {}) for why, changed in variations(given, stage["named"]))):
        if time.monotonic() > ended:
            break
        try:
            inputs = {**base.told["inputs"], **{name: values.encode(value) for name, value in changed.items()}}
            told = {**base.told, **more, "note": (NOTE + why)[:WIDEST], "inputs": inputs}
            case = cases.Case(base.name, json.loads(json.dumps(told)))
            outcome = cases.outcome_of(case)
            told = {**case.told, "outcome": outcome}
            if len(json.dumps(told)) <= largest and cases.outcome_of(case) == outcome:
                found.append(told)
        except Exception:  # whatever a function makes of inputs it does not expect
            continue
    return found


def _seen_by(mutant: Told, told: Sequence[Told], seconds: float) -> Any:
    """Work that gives the numbers of the cases in which a mutant does something else."""

    def work() -> Told:
        cases, comparing = importlib.import_module("snapshots.cases"), importlib.import_module("snapshots.comparing")
        importlib.import_module(mutant["module"])
        put_in(mutant)
        ended = time.monotonic() + seconds
        return {"cases": [at for at, one in enumerate(told) if time.monotonic() < ended and _is_told_apart(one, cases, comparing)]}

    return work


def _is_told_apart(told: Told, cases: Any, comparing: Any) -> bool:
    try:
        now = cases.outcome_of(cases.Case("varied", told))
    except Exception:
        return True
    was = told["outcome"]
    return any(key not in was or key not in now or comparing.differences(key, was[key], now[key]) for key in {**was, **now})


def _fewest(stage: Told, told: Sequence[Told], kills: Mapping[int, set[int]]) -> list[Told]:
    """The case that tells the most mutants, then the one that tells the most of the rest, and so on."""
    cases = importlib.import_module("snapshots.cases")
    left = {one for seen in kills.values() for one in seen}
    found: list[Told] = []
    numbers = iter(number for number in range(2, 100) if not (cases.RECORDED / f"{stage['stage']}-{number}.json").exists())
    while left and len(found) < MOST:
        best = max(kills, key=lambda at: (len(kills[at] & left), -at))
        name = f"{stage['stage']}-{next(numbers)}"
        found.append({"stage": stage["stage"], "name": name, "text": cases.layout(told[best]) + "\n", "kills": sorted(kills[best] & left)})
        left -= kills[best]
    return found
