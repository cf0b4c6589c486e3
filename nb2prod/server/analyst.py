"""A warm process that answers questions about live notebooks, one after another; one that hangs or dies is replaced.

await analyst.ask({"task": "analysis", "path": "/srv/a.ipynb", "content": {...}})   ->   {"cells": [...], ...}
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from nb2prod.server.limits import Limits
from nb2prod.server.process import WORKER, module_command, worker_environment

LINE = 256 << 20  # bytes of one answer


class Trouble(Exception):
    """An expected failure of a request, as the worker told it."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["message"])
        self.told = told


class Analyst:
    """The process, started when first needed."""

    def __init__(self, place: Path, limits: Limits) -> None:
        self.place = place
        self.limits = limits
        self.process: Process | None = None
        self.turn = asyncio.Lock()

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The worker's answer. Raises `Trouble` with what is wrong, also when it takes too long or the worker dies of it."""
        async with self.turn:
            try:
                return await asyncio.wait_for(self._exchange(request), self.limits.analysis_seconds)
            except asyncio.TimeoutError:
                self.kill()
                hint = "raise c.Limits.analysis_seconds, or convert on the command line"
                raise Trouble(_told("Limit", f"no answer within {self.limits.analysis_seconds:g} seconds", hint)) from None
            except (ConnectionError, ValueError, asyncio.IncompleteReadError):
                self.kill()
                raise Trouble(_told("Limit", "the process that looks at notebooks ended unexpectedly", "try again")) from None
            except asyncio.CancelledError:  # the question is half asked: its answer must not be taken for that of the next one
                self.kill()
                raise

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

    async def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        process = await self._running()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        while True:
            event = await _event(process)
            if "error" in event:
                raise Trouble(event["error"])
            if "result" in event:
                return dict(event["result"])

    async def _running(self) -> Process:
        if self.process is None or self.process.returncode is not None:
            self.place.mkdir(parents=True, exist_ok=True)
            self.process = await asyncio.create_subprocess_exec(
                *module_command(WORKER, "serve"),
                stdin=PIPE,
                stdout=PIPE,
                cwd=self.place,
                env=worker_environment(str(self.place)),
                limit=LINE,
            )
            await _event(self.process)
        return self.process


async def _event(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise ConnectionError
    return dict(json.loads(line))


def _told(kind: str, message: str, hint: str) -> dict[str, Any]:
    return {"kind": kind, "message": message, "hint": hint, "diagnostics": []}
