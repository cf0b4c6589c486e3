"""A warm process that answers questions about live notebooks, one after another; one that hangs or dies is replaced.

await analyst.ask({"task": "analysis", "path": "/srv/a.ipynb", "content": {...}})   ->   Answer({"cells": [...], ...}, ...)
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any, NamedTuple

from nb2prod.server.limits import Limits
from nb2prod.server.process import OUTDATED, WORKER, module_command, worker_environment

LINE = 256 << 20  # bytes of one answer
TOO_LONG = (
    "take its longest cells apart, or raise c.Limits.analysis_seconds in jupyter_server_config.py; "
    "it can be converted all the same, which has a limit of its own"
)
START = 120.0  # seconds a worker may take to start, which a busy machine makes long
PATIENCE = 5.0  # seconds a worker has to give up a question
REMINDER = 0.05  # seconds until it is told again


class Trouble(Exception):
    """An expected failure of a request, as the worker told it."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["message"])
        self.told = told


class Answer(NamedTuple):
    """What the worker found, and the seconds it took: until it was there and free, until its answer was there, and in the worker itself."""

    found: dict[str, Any]
    waited: float
    exchanged: float
    worked: float


class Analyst:
    """The process, started when first needed."""

    def __init__(self, place: Path, limits: Limits) -> None:
        self.place = place
        self.limits = limits
        self.process: Process | None = None
        self.start: asyncio.Future[Process] | None = None
        self.turn = asyncio.Lock()

    async def ask(self, request: dict[str, Any]) -> Answer:
        """The worker's answer. Raises `Trouble` with what is wrong, also when it takes too long or the worker dies of it.

        Where it is cancelled the worker gives up the question, for nobody waits for the answer.
        """
        begun = time.perf_counter()
        async with self.turn:
            process = await self._running()
            started = time.perf_counter()
            exchange = asyncio.ensure_future(_exchange(process, request))
            try:
                found, worked = await asyncio.wait_for(asyncio.shield(exchange), self.limits.analysis_seconds)
            except asyncio.TimeoutError:
                self.kill()
                message = f"this notebook takes longer than {self.limits.analysis_seconds:g} seconds to look at, so nothing is shown of it"
                raise Trouble(_told("Limit", message, TOO_LONG)) from None
            except (ConnectionError, ValueError, asyncio.IncompleteReadError):
                self.kill()
                raise Trouble(_told("Limit", "the process that looks at notebooks ended unexpectedly", "try again")) from None
            except asyncio.CancelledError:
                await self._give_up(exchange)
                raise
            finally:
                exchange.cancel()
            return Answer(found, started - begun, time.perf_counter() - started, worked)

    async def _give_up(self, exchange: asyncio.Future[Any]) -> None:
        """Have the worker end the question; one that does not is ended itself, for its answer must not be taken for that of the next question.

        It is told more than once, since a worker that has not read the question yet has nothing to end.
        """
        limit = time.monotonic() + PATIENCE
        while self.process is not None and OUTDATED and time.monotonic() < limit:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(OUTDATED)
            done, _ = await asyncio.wait({exchange}, timeout=REMINDER)
            if done and (exchange.exception() is None or isinstance(exchange.exception(), Trouble)):
                return
            if done:
                break
        self.kill()

    def kill(self) -> None:
        """End the process; the next question starts another."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        self.process = None

    async def end(self) -> None:
        """End the process and wait until it is gone."""
        process = self.process
        self.kill()
        if process is not None:
            await process.wait()

    async def _running(self) -> Process:
        """The process, started where there is none; a start that nobody waits for any more goes on for the next question."""
        if self.start is None or (self.start.done() and (self.process is None or self.process.returncode is not None)):
            self.start = asyncio.ensure_future(self._started())
        try:
            return await asyncio.shield(self.start)
        except (ConnectionError, asyncio.TimeoutError, OSError) as error:
            self.kill()
            message = f"the process that looks at notebooks does not start: {type(error).__name__} {error}".rstrip()
            raise Trouble(_told("Limit", message, "the server's log says more; try again when the machine is less busy")) from None

    async def _started(self) -> Process:
        self.place.mkdir(parents=True, exist_ok=True)
        self.process = await asyncio.create_subprocess_exec(
            *module_command(WORKER, "serve"),
            stdin=PIPE,
            stdout=PIPE,
            cwd=self.place,
            env=worker_environment(str(self.place)),
            limit=LINE,
        )
        await asyncio.wait_for(_event(self.process), START)
        return self.process


async def _exchange(process: Process, request: dict[str, Any]) -> tuple[dict[str, Any], float]:
    assert process.stdin is not None
    process.stdin.write(json.dumps(request).encode() + b"\n")
    await process.stdin.drain()
    worked = 0.0
    while True:
        event = await _event(process)
        worked = event.get("spent", worked)
        if "error" in event:
            raise Trouble(event["error"])
        if "result" in event:
            return dict(event["result"]), worked


async def _event(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise ConnectionError
    return dict(json.loads(line))


def _told(kind: str, message: str, hint: str) -> dict[str, Any]:
    return {"kind": kind, "message": message, "hint": hint, "diagnostics": []}
