"""Runs a notebook's cells in a Jupyter kernel, watched from inside, and gives the reason when the run did not come to its end.

play(engine, workspace, turns, attach, env, bounds)   ->   ""    or    "the kernel died in cell 4"
"""

from __future__ import annotations

import contextlib
import os
import queue
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from nb2prod.errors import RunError
from nb2prod.recording.interpreters import HINT, Engine
from nb2prod.recording.process import OUTPUT, Bounds, clear_up, kept, lifeline, reason_of, why_ended
from nb2prod.recording.sandbox import closed
from nb2prod.recording.workspace import Workspace

START_SECONDS = 90
NAME = "nb2prod"
LONGEST_SOCKET = 100  # characters of a path that can be a socket, with its number
BARE = ("python", "python3")  # Jupyter takes these for the interpreter it runs in itself, but only as the first word


class _Stopped(Exception):
    """The run cannot go on; says why."""


class _OneSpec(KernelSpecManager):
    """Knows a single kernel, made up on the spot, so that nothing has to be installed where Jupyter looks."""

    engine: Engine
    command: list[str]

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(argv=self.command, display_name=NAME, language="python", env=dict(self.engine.env))


def play(  # noqa: PLR0913 - what runs, where, what, and within which bounds
    engine: Engine, workspace: Workspace, turns: Sequence[dict[str, Any]], attach: str, env: Mapping[str, str], bounds: Bounds
) -> str:
    """Runs all turns within their bounds; empty when the end was reached. Raises `RunError` when the kernel does not start."""
    deadline = time.monotonic() + bounds.seconds
    where = "before the first cell"
    with _kernel(engine, workspace, env, bounds) as (manager, client):
        talk = _Talk(manager, client, deadline, bounds)
        try:
            talk.execute(attach, silent=True)
            for turn in turns:
                where = f"in cell {turn['index']}"
                talk.execute(f"__nb2prod__.arm({turn['index']}, {turn['ranks']})", silent=True)
                talk.execute(turn["code"])
            where = "after the last cell"
            talk.execute("__nb2prod__.finish()", silent=True)
        except _Stopped as stopped:
            why = str(stopped)
            if why in ("time", "stop", "output"):
                return reason_of(why, bounds, where)
            if why:
                return f"the run cannot be watched {where}: {why}"
        else:
            return ""
    limit = why_ended(workspace.place)  # told when the keeper has cleared up
    return reason_of(limit, bounds, where) if limit else f"the kernel died {where}"


@contextlib.contextmanager
def _kernel(
    engine: Engine, workspace: Workspace, env: Mapping[str, str], bounds: Bounds
) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """A started kernel and a client of it; kernel and all its children are gone afterwards, also after Ctrl-C."""
    errors = workspace.private / "kernel.err"
    specs = _OneSpec()
    specs.engine = engine
    argv = [engine.python if engine.argv[0] in BARE else engine.argv[0], *engine.argv[1:]]
    specs.command = kept(closed(argv, engine, workspace), workspace.place, bounds, [errors])
    manager = KernelManager(kernel_name=NAME, kernel_spec_manager=specs, connection_file=str(workspace.private / "kernel.json"))
    sockets = str(workspace.private / "k")
    if os.name == "posix" and (workspace.sandbox or len(sockets) < LONGEST_SOCKET):
        manager.transport, manager.ip = "ipc", sockets  # ports may be taken by others before the kernel has them; a sandbox has its own
    client = None
    with lifeline() as (reading, writing):
        try:
            with open(errors, "wb") as sink:
                manager.start_kernel(cwd=str(workspace.folder), env=dict(env), stdin=reading, stdout=sink, stderr=sink)
            client = manager.client()
            client.start_channels()
            client.wait_for_ready(timeout=min(START_SECONDS, bounds.seconds))
            yield manager, client
        except (RuntimeError, OSError) as error:
            said = errors.read_text(encoding="utf-8", errors="replace").strip()[-500:] if errors.exists() else ""
            raise RunError(f"the kernel `{' '.join(engine.argv[:3])}` does not start: {said or error}", HINT) from error
        finally:
            writing.close()
            if client is not None:
                client.stop_channels()
            process = getattr(manager.provisioner, "process", None)
            if process is not None:
                clear_up(process)
            with contextlib.suppress(Exception):
                manager.shutdown_kernel(now=True)
            manager.cleanup_resources()


class _Talk:
    """What is said to a running kernel, until its end or the end of our patience."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient, deadline: float, bounds: Bounds) -> None:
        self._manager = manager
        self._client = client
        self._deadline = deadline
        self._bounds = bounds
        self._output = 0

    def execute(self, code: str, silent: bool = False) -> None:
        """Runs code and waits for its end; raises `_Stopped` with the limit that was passed, our own code's failure, or "" for a death."""
        asked = self._client.execute(code, silent=silent, store_history=not silent, allow_stdin=False, stop_on_error=False)
        while True:
            if self._bounds.stop.is_set():
                raise _Stopped("stop")
            if time.monotonic() >= self._deadline:
                raise _Stopped("time")
            self._drain()
            try:
                reply = self._client.get_shell_msg(timeout=0.5)
            except queue.Empty:
                if not self._manager.is_alive():
                    raise _Stopped from None
                continue
            if reply["parent_header"].get("msg_id") == asked:
                content = reply["content"]
                if silent and content["status"] == "error":
                    raise _Stopped(f"{content.get('ename')}: {content.get('evalue')}")
                return

    def _drain(self) -> None:
        """Output is gathered inside the kernel; what it publishes is counted and thrown away, so that it does not pile up."""
        until = time.monotonic() + 1.0
        while self._client.iopub_channel.msg_ready() and time.monotonic() < until:
            content = self._client.get_iopub_msg(timeout=0)["content"]
            self._output += len(content.get("text", ""))
            if self._output > OUTPUT:
                raise _Stopped("output")
