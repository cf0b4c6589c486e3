"""Runs inside the interpreter of a project: collects its tests once, then forks for every mutant and runs the tests that reach it.

    {"folder": "churn", "package": "churn", "seconds": 60, "mutants": [{"module": "churn.data", "function": "load", "source": "..."}]}
      ->   one line of JSON for the tests as they are, and one for each mutant: {"mutant": 3, "fate": "killed", "by": "test_load"}

Needs the standard library and pytest. The tests of a mutant run in a child of their own, with a limit of time and memory; the quickest go first.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TextIO

import pytest

from nb2prod.mutation.forks import asking, forked, put_in

LEAST, SLACK = 5.0, 5.0  # a mutant may take that many seconds of the processor, and so many times what the tests take without it
BASELINE, LONGEST = 600.0, 120.0
PATIENCE = 8  # times as long by the clock: a busy machine is no fault that a test noticed


class Run:
    """One run of some tests in a child: which failed first, how long each took and which functions of the package each called."""

    def __init__(self, package: str) -> None:
        self.inside = "%s%s%s" % (os.sep, package, os.sep)
        self.called: set[tuple[str, str]] = set()
        self.failed = ""
        self.seconds = 0.0

    def watch(self, frame: Any, event: str, argument: object) -> None:
        """Hears of every call, and of nothing within it."""
        if self.inside in frame.f_code.co_filename:
            self.called.add((frame.f_globals.get("__name__", ""), frame.f_code.co_name))

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds += report.duration
        if report.failed and not self.failed:
            self.failed = report.nodeid


class Loop:
    """Takes the place of pytest's own loop over the tests."""

    def __init__(self, orders: dict[str, Any], told: TextIO) -> None:
        self.orders = orders
        self.told = told
        self.place = tempfile.mkdtemp(prefix="nb2prod-mutants-")

    def tell(self, **facts: Any) -> None:
        self.told.write(json.dumps(facts) + "\n")
        self.told.flush()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        try:
            self._all(session.items)
        finally:
            shutil.rmtree(self.place, ignore_errors=True)
        return True

    def _all(self, items: list[Any]) -> None:
        for name in self.orders["modules"]:
            importlib.import_module(name)
        facts = self._baseline(items)
        self.tell(tests=len(facts), failing=[fact["test"] for fact in facts if fact["failed"]])
        pipeline = [
            self.orders["package"] + ".pipeline",
            "run",
        ]  # where a function has tests of its own, those of everything are not needed
        deadline = time.monotonic() + self.orders["seconds"]
        whole = [(item, fact) for item, fact in zip(items, facts) if not fact["failed"]]
        for number, mutant in enumerate(self.orders["mutants"]):
            if time.monotonic() > deadline:
                break
            place = [mutant["module"], mutant["function"]]
            reaching = sorted(((i, f) for i, f in whole if place in f["called"]), key=lambda pair: pair[1]["seconds"])
            chosen = [(i, f) for i, f in reaching if pipeline not in f["called"]] or reaching
            if not chosen:
                self.tell(mutant=number, fate="not reached", by="")
                continue
            limit = LEAST + SLACK * sum(fact["seconds"] for _, fact in chosen)
            answer = self._within(partial(self._try, mutant, [item for item, _ in chosen]), limit)
            if answer is None:
                self.tell(mutant=number, fate="timeout", by="")
            elif not answer["failed"] and mutant["asking"] and self._holds_anyway(mutant, [item for item, _ in chosen], limit):
                self.tell(mutant=number, fate="equal", by="")
            else:
                self.tell(mutant=number, fate="killed" if answer["failed"] else "survived", by=answer["failed"])

    def _holds_anyway(self, mutant: dict[str, Any], items: list[Any], limit: float) -> bool:
        """Whether the argument that is dropped has its default's value in every call that the tests come to."""

        def work() -> dict[str, Any]:
            found = asking(mutant)
            self._try({**mutant, "source": mutant["asking"]}, items)
            return {"equal": bool(found) and all(found)}

        return bool((self._within(work, limit) or {}).get("equal"))

    def _within(self, work: Callable[[], dict[str, Any]], limit: float) -> dict[str, Any] | None:
        """What a child gives that may take so many seconds of the processor."""
        seconds = min(limit, LONGEST)
        return forked(work, PATIENCE * seconds, self.place, of_processor=seconds)

    def _baseline(self, items: list[Any]) -> list[dict[str, Any]]:
        """Every test as it is: whether it fails, and which functions of the package it calls, itself or through what it shares with others."""
        answer = forked(lambda: {"facts": [self._one(item, items, place) for place, item in enumerate(items)]}, BASELINE, self.place)
        facts: list[dict[str, Any]] = (
            answer["facts"] if answer else [{"test": i.nodeid, "failed": "ended", "called": [], "seconds": 0.0} for i in items]
        )
        shared: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for item, fact in zip(items, facts):
            for name in _fixtures(item):
                shared.setdefault((item.nodeid.partition("::")[0], name), []).append(fact)
        found = []
        for item, fact in zip(items, facts):
            others = [fact, *(one for name in _fixtures(item) for one in shared[(item.nodeid.partition("::")[0], name)])]
            called = [list(place) for place in sorted({tuple(place) for one in others for place in one["called"]})]
            found.append({**fact, "called": called, "seconds": max(one["seconds"] for one in others)})
        return found

    def _one(self, item: Any, items: list[Any], place: int) -> dict[str, Any]:
        run = Run(self.orders["package"])
        item.config.pluginmanager.register(run)
        sys.settrace(run.watch)
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=items[place + 1] if place + 1 < len(items) else None)
        finally:
            sys.settrace(None)
            item.config.pluginmanager.unregister(run)
        return {"test": item.nodeid, "failed": run.failed, "seconds": run.seconds, "called": sorted(run.called)}

    def _try(self, mutant: dict[str, Any], items: list[Any]) -> dict[str, Any]:
        """The first of the tests that fails with the mutant in place."""
        put_in(mutant)
        for place, item in enumerate(items):
            run = Run(self.orders["package"])
            item.config.pluginmanager.register(run)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=items[place + 1] if place + 1 < len(items) else None)
            item.config.pluginmanager.unregister(run)
            if run.failed:
                return {"failed": run.failed}
        return {"failed": ""}


def _fixtures(item: Any) -> list[str]:
    """The fixtures that a test shares with others of its module."""
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return sorted(name for name, found in definitions.items() if any(one.scope in ("module", "package") for one in found))


def main(orders: dict[str, Any]) -> int:
    """Tells what happens on standard output, a line of JSON for each event."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    errors = os.dup(2)
    os.dup2(quiet, 1)
    os.chdir(orders["folder"])
    # A long tale of a failure reads and parses the libraries' files, which takes five times as long as the test.
    words = ["-q", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "-s", *orders["words"]]
    ended = pytest.main(words, plugins=[Loop(orders, told)])
    os.dup2(errors, 2)
    return int(ended)
