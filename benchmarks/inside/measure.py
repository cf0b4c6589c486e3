"""Runs the programs of one yardstick measurement, in the notebook's own interpreter.

    measure(orders)   the whole notebook twice, what nb2prod keeps once, then that program again and again without one more statement

Nothing is run in this process itself: each program runs in a fork of it, so all begin alike. The program under the knife leaves a sleeping
fork before each of its statements; deciding about a statement wakes the one that stands before it, whose own fork runs what follows without
that statement. The answer goes to `orders["answer"]`, one line for each step on the way to `orders["progress"]`.

It is copied beside nb2prod's probe and shares its pictures of values; like the probe it must run on Python 3.8.
"""

from __future__ import annotations

import json
import os
import sys
import time
import types
from typing import Any, Dict, Sequence

from inside.forks import Forked, Sleeper, safe_to_fork
from inside.playing import Folder, Player, Program, compiled


def measure(orders: Dict[str, Any]) -> None:
    """Writes {"reason", "raised", "not_run", "unstable", "differences", "lost", "deleted", "changed", "needed", "untested"}."""
    answer = Measure(orders).answer()
    with open(orders["answer"] + ".part", "w", encoding="utf-8") as file:
        json.dump(answer, file)
    os.replace(orders["answer"] + ".part", orders["answer"])


class Measure:
    """One notebook's measurement."""

    def __init__(self, orders: Dict[str, Any]) -> None:
        self.orders = orders
        self.deadline = time.monotonic() + orders["seconds"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        self.program = Program(orders, compiled(orders["statements"]), Folder(orders["root"], orders["private"]))
        self.everything = list(range(len(orders["statements"])))

    def answer(self) -> Dict[str, Any]:
        self.tell("running the whole notebook", 0, 0)
        first = self.whole()
        if "results" not in first:
            return {"reason": first["reason"]}
        self.program.expect(first)
        self.tell("running it again", 0, 0)
        second = self.whole()
        if "results" not in second:
            return {"reason": "the second run of the notebook: %s" % second["reason"]}
        self.program.unstable = sorted(
            key for key in {*first["results"], *second["results"]} if not self.program.same(key, second["results"].get(key))
        )
        told = {"reason": "", "unstable": self.program.unstable, "not_run": first["not_run"], "raised": first["raised"], "lost": []}
        kept = [index for index in self.everything if self.orders["statements"][index]["kept"] and index not in first["not_run"]]
        told.update(self.carve(kept))
        if "differences" not in told:
            return {"reason": "what is kept: %s" % told["reason"]}
        if told["differences"]:
            again = self.carve([index for index in self.everything if index not in first["not_run"]])
            told.update(again, differences=told["differences"] + again["differences"])
            gone = set(self.everything) - set(kept) - set(first["not_run"])
            told["lost"] = sorted(gone - set(again["deleted"]) - set(again["untested"]))
        return told

    def whole(self) -> Dict[str, Any]:
        """One run of the whole notebook."""

        def run() -> Dict[str, Any]:
            player = Player(self.program)
            player.begin()
            for index in self.everything:
                player.play(index)
            return {"results": player.results(), "raised": player.raised, "not_run": player.not_run}

        return Forked(run, self.orders["private"]).answer(self.left())

    def carve(self, program: Sequence[int]) -> Dict[str, Any]:
        """Runs a program, compares its results, and if they are right takes out every statement it can do without, from the last to the first."""
        return Forked(lambda: Carving(self, program).run(), self.orders["private"]).answer(self.left() + 60)

    def left(self) -> float:
        return max(self.deadline - time.monotonic(), 1.0)

    def tell(self, phase: str, done: int, total: int) -> None:
        with open(self.orders["progress"], "a", encoding="utf-8") as file:
            file.write(json.dumps([phase, done, total]) + "\n")


class Carving:
    """The backward pass over one program."""

    def __init__(self, measure: Measure, program: Sequence[int]) -> None:
        self.measure = measure
        self.orders = measure.orders
        self.kept = list(program)
        self.sleepers: Dict[int, Sleeper] = {}
        self.player = Player(measure.program)
        self.limit = 0.0

    def run(self) -> Dict[str, Any]:
        started = time.monotonic()
        self.measure.tell("running what is kept", 0, len(self.kept))
        difference = self.forward()
        self.limit = 20 + 3 * (time.monotonic() - started)
        told: Dict[str, Any] = {
            "differences": [difference] if difference else [],
            "deleted": [],
            "changed": {},
            "needed": {},
            "untested": [],
        }
        try:
            if not difference:
                self.backward(told)
        finally:
            for sleeper in self.sleepers.values():
                sleeper.end()
        return told

    def forward(self) -> str:
        """Runs the program, leaving sleepers behind; what differs, or nothing."""
        self.player.begin()
        for index in self.kept:
            if not self.sleepers or safe_to_fork(self.orders["root"], len(self.sleepers)):
                self.sleepers[index] = Sleeper(self.serve, self.player.files.keep(), self.orders["private"])
            difference = self.player.checked(index)
            if difference:
                return difference
        return self.player.final()

    def backward(self, told: Dict[str, Any]) -> None:
        if not self.orders["greedy"] and len(self.kept) < len(self.measure.everything):
            return
        candidates = [index for index in self.kept if not self.is_a_result(self.orders["statements"][index])]
        for done, index in enumerate(reversed(candidates)):
            self.measure.tell("taking out one by one", done, len(candidates))
            if time.monotonic() > self.measure.deadline:
                told["untested"] = sorted(candidates[: len(candidates) - done])
                return
            self.decide(index, told)
        told["deleted"].sort()

    def is_a_result(self, statement: Dict[str, Any]) -> bool:
        """Whether the notebook's run showed a result at this statement, or sent something away."""
        shown = (self.measure.program.expected.get(key) for key in statement["shows"])
        return statement["protected"] or any(picture not in (None, {"kind": "str", "value": ""}) for picture in shown)

    def decide(self, index: int, told: Dict[str, Any]) -> None:
        """Whether the program gives the same results without one more statement."""
        base = max(start for start in self.sleepers if start <= index)
        for start in [start for start in self.sleepers if start > index]:
            self.sleepers.pop(start).end()
        rest = [other for other in self.kept if base <= other != index]
        reply = self.sleepers[base].ask({"run": rest}, self.limit)
        if reply.get("reason"):
            told["untested"].append(index)
        elif reply["difference"]:
            told["needed"][str(index)] = reply["difference"]
        else:
            self.kept.remove(index)
            told["deleted"].append(index)
            before = [other for other in self.kept if base <= other < index]
            look = {"run": before, "look": index, "names": self.orders["statements"][index]["names"]}
            told["changed"][str(index)] = self.sleepers[base].ask(look, self.limit).get("changed", [])

    def serve(self, question: Dict[str, Any], snapshot: int) -> Dict[str, Any]:
        """What the fork of a sleeper does: finish the program from where it stands, or look at what one statement changes."""
        self.player.files.restore(snapshot)
        if "look" in question:
            return {"changed": self.player.changes(question["run"], question["look"], question["names"])}
        for index in question["run"]:
            difference = self.player.checked(index)
            if difference:
                return {"difference": difference}
        return {"difference": self.player.final()}
