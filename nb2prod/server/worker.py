"""The process in which the work is done: requests as JSON in, events as JSON lines out. `analyst` and `jobs` start it.

    {"task": "analysis", "path": ..., "content": {...}}      ->   {"result": {"cells": [...], ...}}
    {"task": "convert", "path": ..., "folder": ...}           ->   {"step": "reading"} ... {"result": {"verdict": {...}, ...}}
    a notebook that cannot be read                            ->   {"error": {"kind": "ReadError", "message": ..., "hint": ...}}

With `serve` it answers line by line until its input ends, and gives up the question it is at when it is sent `OUTDATED`; with the name of a file
it does the one request in it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from nb2prod.errors import Nb2ProdError, NotebookError
from nb2prod.server.process import OUTDATED
from nb2prod.server.tasks import TASKS
from nb2prod.wire import to_data

Tell = Callable[[str, Any], None]
ADDRESSES = 8 << 30  # bytes: what nothing but a notebook made to break us would need for an analysis


class Outdated(BaseException):
    """Nobody waits for the answer any more."""


class Work:
    """One request at a time, which can be given up until it is done."""

    def __init__(self) -> None:
        self.under_way = False

    def give_up(self, *told: object) -> None:
        """End the request that is under way; between two there is none to end."""
        if self.under_way:
            self.under_way = False
            raise Outdated

    def outcome(self, request: dict[str, Any], tell: Tell) -> tuple[str, Any]:
        """Do one request, whatever happens: the event that says how it ended."""
        try:
            self.under_way = True
            found = TASKS[request.pop("task")](request, tell)
            self.under_way = False
            return "result", found
        except Outdated:
            return "error", {"kind": "Outdated", "message": "another question took its place", "hint": "", "diagnostics": []}
        except Nb2ProdError as error:
            return "error", told(error)
        except (RecursionError, MemoryError):
            return "error", {"kind": "ReadError", "message": "the notebook is too large or nested too deeply", "hint": "take it apart"}
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{os.path.basename(last.filename)} line {last.lineno}"
            print(traceback.format_exc(), file=sys.stderr)
            return "error", {"kind": "Bug", "message": f"nb2prod has a bug: {type(error).__name__} in {where}", "hint": "please report it"}
        finally:
            self.under_way = False


def main(words: Sequence[str]) -> None:
    """Serve, or do one request."""
    out = _own_output()

    def tell(name: str, data: Any) -> None:
        out.write(json.dumps({name: data}, ensure_ascii=True) + "\n")
        out.flush()

    work = Work()
    if words[0] != "serve":
        with open(words[0], encoding="utf-8") as file:
            tell(*work.outcome(json.load(file), tell))
        return
    if OUTDATED:
        signal.signal(OUTDATED, work.give_up)
    _bound_memory()
    TASKS["warm"]({}, lambda name, data: None)
    gc.freeze()  # what is loaded stays; looking at it again with every collection costs a third of an analysis
    tell("ready", True)
    for line in sys.stdin:
        gc.disable()
        begun = time.perf_counter()
        outcome = work.outcome(json.loads(line), tell)
        tell("spent", time.perf_counter() - begun)
        tell(*outcome)
        gc.enable()


def told(error: Nb2ProdError) -> dict[str, Any]:
    """An expected failure as data: what, what to do next, and a notebook's findings."""
    found = error.diagnostics if isinstance(error, NotebookError) else ()
    return {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
        "diagnostics": [to_data(finding) for finding in found],
    }


def _bound_memory() -> None:
    """A question about a notebook cannot take the machine's memory."""
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))


def _own_output() -> TextIO:
    """Standard output as it was; from here on, what anything prints goes to standard error instead."""
    ours = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return ours


if __name__ == "__main__":
    main(sys.argv[1:])
