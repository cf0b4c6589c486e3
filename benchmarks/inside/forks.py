"""Forks: a function's answer from a fork of this process, and sleeping forks that keep a state of the program for later.

Forked(run, folder).answer(60.0)              {"results": ...}, or {"reason": "took longer than 60 seconds"}
sleeper = Sleeper(serve, snapshot)            stands still here; each question is answered by a fork of its own
sleeper.ask({"run": [4, 5]}, 60.0)
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
import tempfile
import time
import traceback
from typing import Any, Callable, Dict

LEAST_MEMORY = 3 << 20  # kB that must stay available
MOST = 200
DIE_WITH_PARENT = 1
Answer = Dict[str, Any]


def fork() -> int:
    """os.fork, but the child dies with its parent, and the random module's generator goes on in it as in the parent."""
    random = sys.modules.get("random")
    state = random.getstate() if random is not None else None
    for stream in (sys.__stdout__, sys.__stderr__):
        stream.flush()  # type: ignore[union-attr]
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        if random is not None:
            random.setstate(state)
    return child


class Forked:
    """A function run in a fork of this process, in a session of its own so that nothing of it is left behind."""

    def __init__(self, run: Callable[[], Answer], folder: str) -> None:
        handle, self._path = tempfile.mkstemp(dir=folder, suffix=".json")
        os.close(handle)
        self._child = fork()
        if self._child == 0:
            self._work(run)

    def _work(self, run: Callable[[], Answer]) -> None:
        try:
            os.setsid()
            answer = run()
        except BaseException:
            answer = {"reason": "the measurement itself failed: %s" % traceback.format_exc()[-2000:]}
        try:
            with open(self._path, "w", encoding="utf-8") as file:
                json.dump(answer, file)
        finally:
            os._exit(0)

    def answer(self, seconds: float) -> Answer:
        """What the function gave, or a dict with only the reason why it gave nothing."""
        deadline, pause = time.monotonic() + seconds, 0.001
        while os.waitpid(self._child, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                self._kill()
                os.waitpid(self._child, 0)
                return {"reason": "took longer than %.0f seconds" % seconds}
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
        self._kill()
        try:
            with open(self._path, encoding="utf-8") as file:
                text = file.read()
            return dict(json.loads(text)) if text else {"reason": "the process died"}
        finally:
            os.unlink(self._path)

    def _kill(self) -> None:
        try:
            os.killpg(self._child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


class Sleeper:
    """A fork that stands still at this point of the program until it is asked, and stays as it is by answering from a fork of its own."""

    def __init__(self, serve: Callable[[Answer, int], Answer], snapshot: int, folder: str) -> None:
        listen, self._tell = os.pipe()
        self._hear, reply = os.pipe()
        self._pid = fork()
        if self._pid:
            os.close(listen)
            os.close(reply)
            return
        os.close(self._hear)
        with os.fdopen(listen, encoding="utf-8") as questions, os.fdopen(reply, "w", encoding="utf-8") as answers:
            for line in questions:
                question = json.loads(line)
                forked = Forked(lambda question=question: serve(question, snapshot), folder)  # type: ignore[misc]
                answers.write(json.dumps(forked.answer(question["seconds"])) + "\n")
                answers.flush()
        os._exit(0)

    def ask(self, question: Answer, seconds: float) -> Answer:
        """The answer, or a dict with only the reason why there is none."""
        line = json.dumps(dict(question, seconds=seconds)) + "\n"
        try:
            os.write(self._tell, line.encode("utf-8"))
            return self._reply(seconds + 30)
        except OSError as error:
            return {"reason": "the checkpoint is gone: %s" % error}

    def _reply(self, seconds: float) -> Answer:
        deadline, text = time.monotonic() + seconds, b""
        while not text.endswith(b"\n"):
            if not select.select([self._hear], [], [], max(deadline - time.monotonic(), 0))[0]:
                return {"reason": "the checkpoint does not answer"}
            block = os.read(self._hear, 1 << 16)
            if not block:
                return {"reason": "the checkpoint is gone"}
            text += block
        return dict(json.loads(text))

    def end(self) -> None:
        """Kills the sleeping fork."""
        os.close(self._tell)
        os.close(self._hear)
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def safe_to_fork(root: str, sleeping: int) -> bool:
    """Whether another state may be kept: there is memory, and no file of the folder is open (forks share its position)."""
    if sleeping >= MOST or available() < LEAST_MEMORY:
        return False
    for number in os.listdir("/proc/self/fd"):
        try:
            if os.readlink("/proc/self/fd/%s" % number).startswith(root + "/"):
                return False
        except OSError:
            continue
    return True


def available() -> int:
    """kB of memory that can still be had."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("MemAvailable"))
