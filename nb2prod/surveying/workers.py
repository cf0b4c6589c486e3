"""Notebooks, one at a time, in processes that may hang or die: each is given so many seconds and so much memory, then replaced.

surveyed([Path("a.ipynb")], jobs=2, seconds=60, memory=4 << 30, Choices())   ->   (Path("a.ipynb"), Survey("a.ipynb", "analysed", ...))
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from nb2prod.model.choices import Choices
from nb2prod.model.survey import STOPPED, Survey

STARTING = 60.0  # seconds a process has to start, on a machine that is busy with others


@dataclass
class _Worker:
    """A process, and what it is at."""

    process: BaseProcess
    pipe: Connection
    path: Path | None = None
    until: float = 0.0


def surveyed(paths: Sequence[Path], jobs: int, seconds: float, memory: int, choices: Choices) -> Iterator[tuple[Path, Survey]]:
    """Every notebook with what came of it, in the order in which they are done."""
    left, workers = deque(paths), [_start(memory, choices) for _ in range(jobs if paths else 0)]
    try:
        while left or any(worker.path for worker in workers):
            for worker in workers:
                if worker.path is None and left:
                    _give(worker, left.popleft(), seconds)
            yield from _answers(workers, seconds)
            for number, worker in enumerate(workers):
                if not worker.process.is_alive() and worker.path is None and left:
                    workers[number] = _start(memory, choices)
    finally:
        for worker in workers:
            _end(worker)


def _answers(workers: list[_Worker], seconds: float) -> Iterator[tuple[Path, Survey]]:
    """What has come, or is over time; waits until there is something."""
    busy = {worker.pipe: worker for worker in workers if worker.path is not None}
    soonest = min(worker.until for worker in busy.values())
    ready = wait(list(busy), timeout=max(0.0, soonest - time.monotonic()))
    for pipe, worker in busy.items():
        path = worker.path
        assert path is not None
        if pipe in ready:
            yield path, _answer(worker, path)
            worker.path = None
        elif time.monotonic() >= worker.until:
            _end(worker)
            yield path, Survey(str(path), STOPPED, f"{path}: no answer within {seconds:g} seconds", "give it more with --seconds", seconds)
            worker.path = None


def _answer(worker: _Worker, path: Path) -> Survey:
    try:
        return Survey(**worker.pipe.recv())
    except (EOFError, OSError):
        worker.process.join(5)
        code = worker.process.exitcode
        _end(worker)
        died = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        return Survey(str(path), STOPPED, f"{path}: the process that looked at it {died}", f"try it alone: nb2prod analyze {path}")


def _give(worker: _Worker, path: Path, seconds: float) -> None:
    worker.path, worker.until = path, time.monotonic() + seconds + (0.0 if worker.until else STARTING)
    with suppress(OSError):  # a process that is gone is found out when its answer is read
        worker.pipe.send(path)


def _start(memory: int, choices: Choices) -> _Worker:
    context = multiprocessing.get_context("spawn")  # nothing of this process is inherited: no threads, no handlers, no open files
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, memory, choices), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join(5)
    worker.pipe.close()


def _work(pipe: Connection, memory: int, choices: Choices) -> None:
    """What a process does: look at whatever comes until nothing comes any more."""
    from nb2prod.surveying.looking import look

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked ends it
    _bound(memory)
    while True:
        try:
            path: Any = pipe.recv()
        except (EOFError, OSError):
            return
        gc.disable()  # to look for cycles among the many objects of a large notebook is a third of an analysis
        found = look(path, choices)
        gc.enable()
        pipe.send({**vars(found), "told": dict(found.told)})


def _bound(memory: int) -> None:
    """Bytes of addresses this process may have; where the system cannot say, there is no bound."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
