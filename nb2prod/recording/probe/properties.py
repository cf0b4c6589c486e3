"""Looks which of the properties that the code of stages shows hold for the rows that were recorded, by the checks that the project's tests use.

    python -c "..." {"tests": "/copy/tests", "properties": [{"kind": "keeps_rows", "stage": "clean", ...}]}   ->   [0] : the first one held

It runs in a process of its own. A property holds that held for every draw of rows; a stage that touches files or the network, moves a generator,
or takes long, has none. What a stage does is never taken for an error here.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import sys
import time
from typing import Any, Dict, List, Sequence

IN_ANY_ORDER = ("any_order", "parts_add_up")  # checks that ask for all rows
OF_ONE = ("parts_add_up", "twice_is_once")  # checks that look at the results of one property only
DRAWS = 20  # as many as a test of the project makes, beside those that are not by chance
SLOWEST = 0.08  # seconds of a processor for one look, on the average: a test makes twenty
LEAST_TIMED = 5
TELLTALE = ("file ", "next random number")  # of an outcome: it leaves more behind than what it gives
UNFIT = ("made", "generator", "random", "random state")  # inputs
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND
OUTSIDE = ("socket.", "subprocess.", "os.system", "os.posix_spawn", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "shutil.")

Told = Dict[str, Any]


class Watch:
    """Hears whether files below the working folder are opened, others written, or the network or other programs used, while it is asked to."""

    def __init__(self) -> None:
        self.listening = False
        self.heard = False

    def hear(self, event: str, given: Any) -> None:
        if self.listening and (event.startswith(OUTSIDE) or (event == "open" and _touches(given))):
            self.heard = True


def _touches(given: Any) -> bool:
    path, mode, flags = given
    if not isinstance(path, (str, bytes)) or "__pycache__" in os.fsdecode(path):
        return False
    writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool((flags or 0) & WRITING)
    return (writes and os.fsdecode(path) != os.devnull) or os.path.abspath(os.fsdecode(path)).startswith(os.getcwd() + os.sep)


def main(orders: Told) -> None:
    """Writes the places of the properties that hold to the file that the orders name."""
    cases = importlib.import_module("snapshots.cases")
    checks = importlib.import_module("snapshots.properties")
    watch = Watch()
    sys.addaudithook(watch.hear)
    held: List[int] = []
    with cases.alone():
        for places in together(orders["properties"]):
            several = [orders["properties"][place] for place in places]
            if not _is_fit(cases, several[0]):
                continue
            if _holds(checks, cases, {**several[0], "results": [name for told in several for name in told["results"]]}, watch):
                held += places
            elif len(places) > 1:
                held += [place for place, told in zip(places, several) if _holds(checks, cases, told, watch)]  # noqa: B905 - may be older
    with open(orders["held"], "w", encoding="utf-8") as file:
        json.dump(sorted(held), file)


def together(asked: Sequence[Told]) -> List[List[int]]:
    """The places of properties that can be looked at in one go: the same of several results of a stage."""
    found: Dict[Any, List[int]] = {}
    for place, told in enumerate(asked):
        one = (told["kind"], told["stage"], told["table"], *(told["results"] if told["kind"] in OF_ONE else ()))
        found.setdefault(one, []).append(place)
    return list(found.values())


def _is_fit(cases: Any, told: Told) -> bool:
    """Whether the stage has a case that can be run on other rows, again and again, without anything else being touched."""
    try:
        case = cases.read(told["stage"]).told
    except OSError:
        return False
    kinds = [value.get("kind") for value in case["inputs"].values() if isinstance(value, dict)]
    unsteady = [name for name, one in case["outcome"].items() if isinstance(one, dict) and one.get("kind") == "unsteady"]
    return not (case.get("after") or unsteady or set(kinds) & set(UNFIT) or any(name.startswith(TELLTALE) for name in case["outcome"]))


def _holds(checks: Any, cases: Any, told: Told, watch: Watch) -> bool:
    function = cases.read(told["stage"]).function
    check = getattr(checks, told["kind"])
    watch.heard = False
    watch.listening = True
    try:
        rows = checks.rows_of(told["stage"], told["table"])
        before, looks = time.process_time(), 0
        for places in draws(rows, told["kind"] in IN_ANY_ORDER):
            check(function, places, told["table"], told["results"])
            looks += 1
            if looks == 1:
                before = time.process_time()  # the first loads what is loaded late
            if watch.heard or (looks > LEAST_TIMED and time.process_time() - before > SLOWEST * looks):
                return False
        return looks > 0
    except Exception:  # an assertion, or whatever a stage raises that is given less than it needs
        return False
    finally:
        watch.listening = False


def draws(rows: int, every: bool) -> List[Sequence[int]]:
    """Places of rows: all of them, turned round, one by one, doubled, and by chance; where `every` one is asked for, only in other orders."""
    chance = random.Random(0)
    whole = list(range(rows))
    orders: List[Sequence[int]] = [whole, whole[::-1], *(chance.sample(whole, rows) for _ in range(DRAWS))]
    if rows < 2 or every:
        return [] if rows < 2 else orders
    single = [[at] for at in whole]  # what is odd about one row only shows when no other hides it
    some = [[chance.randrange(rows) for _ in range(chance.choice((1, 2, 3, rows // 2 + 1, rows + 6)))] for _ in range(DRAWS)]
    return [whole, whole[::-1], *single, [0, 0], whole[:1] * 3, [*whole, *whole[:6]], *some]
