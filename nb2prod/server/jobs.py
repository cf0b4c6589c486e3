"""Long work asked for over HTTP -> processes with limits, whose events can be heard live and again.

    job = jobs.start({"task": "convert", "path": ...}, {"kind": "convert", "path": "churn.ipynb"})    ->   queued, then running
    async for event in job.after(0): ...                                         ->   step, step, line, result, end
    jobs.cancel(job)                                                             ->   every process of it is killed; the project is as it was

Each job runs below a keeper (`recording.process`), so it ends with all it started when it is cancelled, when it passes a limit, and also when
this server is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import time
import uuid
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nb2prod.recording.process import GRACE, Bounds, kept, lifeline, reason_of, why_ended
from nb2prod.server.analyst import LINE
from nb2prod.server.limits import Limits
from nb2prod.server.process import WORKER, module_command, worker_environment

State = Literal["queued", "running", "done", "failed", "cancelled"]
OVER = ("done", "failed", "cancelled")


class TooMany(Exception):
    """No more jobs can wait."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a job; numbers count from 1 and never repeat."""

    number: int
    name: str
    data: Any


@dataclass
class Job:
    """One piece of work and all that is known of it; `asked` is what it is about in contents paths, `request` what its process is told."""

    id: str
    kind: str
    title: str
    asked: dict[str, Any]
    request: dict[str, Any]
    state: State = "queued"
    events: deque[Event] = field(default_factory=deque)
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    begun: float = field(default_factory=time.time)
    ended: float | None = None
    last: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    stop: Callable[[], None] | None = None

    def told(self) -> dict[str, Any]:
        """The job as data."""
        shown = ("id", "kind", "title", "asked", "state", "result", "error", "begun", "ended", "last")
        return {name: getattr(self, name) for name in shown}

    async def say(self, name: str, data: Any) -> None:
        """Add an event and wake who listens."""
        async with self.news:
            self.last += 1
            self.events.append(Event(self.last, name, data))
            self.news.notify_all()

    def since(self, number: int) -> list[Event]:
        """The events after that one, as far as there are any."""
        return [event for event in self.events if event.number > number]

    async def after(self, number: int, pause: float) -> AsyncIterator[Event | None]:
        """All events after that one, as they come, until the job is over; None where nothing came for a while."""
        while self.ended is None or number < self.last:
            for event in self.since(number):
                number = event.number
                yield event
                if event.name == "end":
                    return
            try:
                await asyncio.wait_for(self._news_after(number), pause)
            except asyncio.TimeoutError:
                yield None

    async def _news_after(self, number: int) -> None:
        async with self.news:
            await self.news.wait_for(lambda: self.last > number)


class Jobs:
    """All jobs of this server; so many run at once, so many wait, so many are remembered."""

    def __init__(self, place: Path, limits: Limits) -> None:
        self.place = place
        self.limits = limits
        self.known: dict[str, Job] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.seats = asyncio.Semaphore(limits.running)

    def start(self, request: dict[str, Any], asked: dict[str, Any]) -> Job:
        """Queue a job. Raises `TooMany`."""
        waiting = sum(job.state == "queued" for job in self.known.values())
        running = sum(job.state == "running" for job in self.known.values())
        if waiting + running >= self.limits.running + self.limits.waiting:
            raise TooMany
        title = f"{request['task']} {asked.get('path') or asked['folder']}"
        job = Job(uuid.uuid4().hex, request["task"], title, asked, request, events=deque(maxlen=self.limits.events))
        self.known[job.id] = job
        self.tasks[job.id] = asyncio.get_running_loop().create_task(self._live(job))
        self._forget()
        return job

    async def cancel(self, job: Job) -> None:
        """End a job, now or before it begins; one that is over stays as it ended."""
        if job.state not in OVER:
            self.tasks[job.id].cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.tasks[job.id]

    def kill(self) -> None:
        """End all jobs at once, when the server stops."""
        for job in self.known.values():
            if job.stop:
                job.stop()

    def _forget(self) -> None:
        over = [job.id for job in self.known.values() if job.state in OVER]
        for id in over[: max(0, len(over) - self.limits.kept)]:
            del self.known[id]
            self.tasks.pop(id, None)

    async def _live(self, job: Job) -> None:
        """A job from its first event to its last."""
        place = self.place / job.id
        try:
            await job.say("state", "queued")
            async with self.seats:
                job.state = "running"
                await job.say("state", "running")
                await asyncio.wait_for(self._run(job, place), self.limits.job_seconds)
            job.state = "done" if job.result is not None else "failed"
        except asyncio.TimeoutError:
            job.error = _stopped(f"the job was stopped after {self.limits.job_seconds:g} seconds", "raise c.Limits.job_seconds")
            job.state = "failed"
        except asyncio.CancelledError:
            job.state = "cancelled"
        except OSError as error:
            job.error, job.state = _stopped(f"the job cannot run: {error.strerror or error}", "look at the server's log"), "failed"
        finally:
            shutil.rmtree(place, ignore_errors=True)
            job.ended, job.stop = time.time(), None
            await job.say("end", job.state)

    async def _run(self, job: Job, place: Path) -> None:
        (place / "tmp").mkdir(parents=True)
        (place / "request.json").write_text(json.dumps(job.request), encoding="utf-8")
        bounds = Bounds(self.limits.job_seconds, self.limits.memory)
        errors = place / "errors.txt"
        command = kept(module_command(WORKER, str(place / "request.json")), place, bounds, [errors])
        with lifeline() as (reading, writing), open(errors, "wb") as err:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=reading if os.name == "posix" else DEVNULL,
                stdout=PIPE,
                stderr=err,
                cwd=place,
                env=worker_environment(str(place / "tmp")),
                limit=LINE,
                start_new_session=True,
            )
            job.stop = writing.close
            try:
                await self._listen(job, process)
            finally:
                writing.close()
                await _ended(process)
        if job.result is None and job.error is None:
            why = why_ended(place)
            job.error = _stopped(reason_of(why, bounds) if why else "the job's process ended unexpectedly", "try again with less data")

    async def _listen(self, job: Job, process: Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            for name, data in json.loads(line).items():
                if name in ("result", "error"):
                    setattr(job, name, data)
                else:
                    await job.say(name, data)


async def _ended(process: Process) -> None:
    """Wait for the keeper to clear up; one that does not is killed."""
    try:
        await asyncio.shield(asyncio.wait_for(process.wait(), GRACE))
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()


def _stopped(message: str, hint: str) -> dict[str, Any]:
    return {"kind": "Limit", "message": message, "hint": hint, "diagnostics": []}
