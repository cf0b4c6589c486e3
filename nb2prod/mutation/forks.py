"""Runs inside the interpreter of a project: puts a mutant into a module, and does work in a child with limits of time and memory.

    put_in({"module": "churn.data", "function": "load", "source": "def load(): ..."})
    forked(lambda: {"fate": "killed"}, 5.0, "/tmp/place")   ->   {"fate": "killed"}, or None when the child did not come to its end

Needs the standard library alone. What a child does to the process is gone with it.
"""

from __future__ import annotations
import __future__

import inspect
import json
import math
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from types import FunctionType
from typing import Any

ASKED = "nb2prod_asks_about"  # as `mutants` writes it into a function
MEMORY = 3 << 30  # bytes more than there are now


def forked(work: Callable[[], dict[str, Any]], limit: float, folder: str, of_processor: float = 0.0) -> dict[str, Any] | None:
    """What `work` gives, done in a child; nothing when it does not come to its end, for whatever reason: `limit` seconds by the clock are over, or
    the child has had its seconds of the processor, where these are limited."""
    place = tempfile.mkdtemp(dir=folder)
    answer = os.path.join(place, "answer.json")
    child = os.fork()
    if not child:
        _as_child(work, place, answer, of_processor)
    ended, gone = time.monotonic() + limit, (0, 0)
    while gone == (0, 0) and time.monotonic() < ended:
        time.sleep(0.004)
        gone = os.waitpid(child, os.WNOHANG)
    if gone == (0, 0):
        _kill(child)
        os.waitpid(child, 0)
    try:
        with open(answer, encoding="utf-8") as file:
            found: dict[str, Any] = json.load(file)
    except (OSError, ValueError):
        return None
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return found


def _as_child(work: Any, place: str, answer: str, of_processor: float) -> None:
    """Does the work with limits and writes what came of it; never returns."""
    try:
        os.setpgid(0, 0)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = place
        quiet = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(quiet, number)
        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
        if of_processor:
            resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(of_processor), math.ceil(of_processor)))
    except OSError:
        pass
    try:
        found = work()
        with open(answer, "w", encoding="utf-8") as file:
            json.dump(found, file)
    finally:
        os._exit(0)


def _kill(child: int) -> None:
    """Ends a child and all that it started."""
    for kill in (os.killpg, os.kill):
        try:
            kill(child, signal.SIGKILL)
        except OSError:
            continue


def asking(mutant: dict[str, Any]) -> list[bool]:
    """Gives the mutant's module a function that is asked about a call's function and one of its arguments; in the list stands, for each call,
    whether that argument has the value it would have without being said."""
    found: list[bool] = []

    def asked(function: Any, word: str) -> Any:
        def called(*given: Any, **named: Any) -> Any:
            found.append(_is_default(function, word, named[word]))
            return function(*given, **named)

        return called

    setattr(sys.modules[mutant["module"]], ASKED, asked)
    return found


def _is_default(function: Any, word: str, value: Any) -> bool:
    try:
        default = inspect.signature(function).parameters[word].default
        return value is default or (type(value) is type(default) and bool(value == default))
    except Exception:  # no signature, no such argument, a value that cannot be compared
        return False


def put_in(mutant: dict[str, Any]) -> None:
    """Gives the function the mutant's code, wherever it was imported to."""
    module = sys.modules[mutant["module"]]
    text = mutant["source"]
    postponed = getattr(module, "annotations", None) is __future__.annotations
    code = compile(text, "<mutant>", "exec", __future__.annotations.compiler_flag if postponed else 0, dont_inherit=True)
    namespace = dict(vars(module))
    exec(code, namespace)  # noqa: S102 - the mutant is the project's own code with one change
    old, new = vars(module)[mutant["function"]], namespace[mutant["function"]]
    if isinstance(old, FunctionType) and isinstance(new, FunctionType):
        old.__code__, old.__defaults__, old.__kwdefaults__ = (
            new.__code__.replace(co_filename=old.__code__.co_filename),
            new.__defaults__,
            new.__kwdefaults__,
        )
        return
    for other in list(sys.modules.values()):
        for name, value in list(getattr(other, "__dict__", {}).items()):
            if value is old:
                setattr(other, name, new)
