"""The process in which the work is done: requests as JSON in, events as JSON lines out. `analyst` and `jobs` start it.

    {"task": "analysis", "path": ..., "content": {...}}      ->   {"result": {"cells": [...], ...}}
    {"task": "convert", "path": ..., "folder": ...}           ->   {"step": "reading"} ... {"result": {"verdict": {...}, ...}}
    a notebook that cannot be read                            ->   {"error": {"kind": "ReadError", "message": ..., "hint": ...}}

With `serve` it answers line by line until its input ends; with the name of a file it does the one request in it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from nb2prod.errors import Nb2ProdError, NotebookError
from nb2prod.server.tasks import TASKS
from nb2prod.wire import to_data

Tell = Callable[[str, Any], None]
ADDRESSES = 8 << 30  # bytes: what nothing but a notebook made to break us would need for an analysis


def main(words: Sequence[str]) -> None:
    """Serve, or do one request."""
    out = _own_output()

    def tell(name: str, data: Any) -> None:
        out.write(json.dumps({name: data}, ensure_ascii=True) + "\n")
        out.flush()

    if words[0] != "serve":
        with open(words[0], encoding="utf-8") as file:
            answer(json.load(file), tell)
        return
    _bound_memory()
    TASKS["warm"]({}, lambda name, data: None)
    gc.freeze()  # what is loaded stays; looking at it again with every collection costs a third of an analysis
    tell("ready", True)
    for line in sys.stdin:
        gc.disable()
        answer(json.loads(line), tell)
        gc.enable()


def answer(request: dict[str, Any], tell: Tell) -> None:
    """Do one request; whatever happens, the last event says how it ended."""
    try:
        tell("result", TASKS[request.pop("task")](request, tell))
    except Nb2ProdError as error:
        tell("error", told(error))
    except (RecursionError, MemoryError):
        tell("error", {"kind": "ReadError", "message": "the notebook is too large or nested too deeply", "hint": "take it apart"})
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(last.filename)} line {last.lineno}"
        print(traceback.format_exc(), file=sys.stderr)
        tell("error", {"kind": "Bug", "message": f"nb2prod has a bug: {type(error).__name__} in {where}", "hint": "please report it"})


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
