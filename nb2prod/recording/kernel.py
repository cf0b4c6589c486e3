"""Runs a notebook's cells in a Jupyter kernel, watched from inside, and gives the reason when the run did not come to its end.

play(engine, workspace, turns, attach, deadline)   ->   ""    or    "the kernel died in cell 4"
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Iterator, Sequence
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from nb2prod.errors import RunError
from nb2prod.recording.interpreters import HINT, Engine
from nb2prod.recording.process import environment, kill_group
from nb2prod.recording.workspace import Workspace

START_SECONDS = 90
NAME = "nb2prod"


class _Stopped(Exception):
    """The run cannot go on; says why."""


class _OneSpec(KernelSpecManager):
    """Knows a single kernel, made up on the spot, so that nothing has to be installed where Jupyter looks."""

    engine: Engine

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(argv=list(self.engine.argv), display_name=NAME, language="python", env=dict(self.engine.env))


def play(engine: Engine, workspace: Workspace, turns: Sequence[dict[str, Any]], attach: str, timeout: float) -> str:
    """Runs all turns within `timeout` seconds; empty when the end was reached. Raises `RunError` when the kernel does not start."""
    deadline = time.monotonic() + timeout
    with _kernel(engine, workspace) as (manager, client):
        try:
            _execute(manager, client, attach, "before the first cell", deadline, silent=True)
            for turn in turns:
                where = f"in cell {turn['index']}"
                _execute(manager, client, f"__nb2prod__.arm({turn['index']}, {turn['ranks']})", where, deadline, silent=True)
                _execute(manager, client, turn["code"], where, deadline)
            _execute(manager, client, "__nb2prod__.finish()", "after the last cell", deadline, silent=True)
        except _Stopped as stopped:
            limit = f" (the limit of {timeout:g} seconds; --timeout raises it)" if time.monotonic() >= deadline else ""
            return f"{stopped}{limit}"
    return ""


@contextlib.contextmanager
def _kernel(engine: Engine, workspace: Workspace) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """A started kernel and a client of it; kernel and all its children are gone afterwards, also after Ctrl-C."""
    specs = _OneSpec()
    specs.engine = engine
    manager = KernelManager(kernel_name=NAME, kernel_spec_manager=specs, connection_file=str(workspace.private / "connection.json"))
    errors = workspace.private / "kernel.err"
    group = 0
    client = None
    try:
        with open(errors, "wb") as sink:
            manager.start_kernel(cwd=str(workspace.folder), env=environment(workspace.private), stdout=sink, stderr=sink)
        group = int(getattr(manager.provisioner, "pid", None) or 0)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=START_SECONDS)
        yield manager, client
    except (RuntimeError, OSError) as error:
        said = errors.read_text(encoding="utf-8", errors="replace").strip()[-500:] if errors.exists() else ""
        raise RunError(f"the kernel `{' '.join(engine.argv[:3])}` does not start: {said or error}", HINT) from error
    finally:
        if client is not None:
            client.stop_channels()
        if group > 1:
            kill_group(group)
        with contextlib.suppress(Exception):
            manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def _execute(manager: KernelManager, client: BlockingKernelClient, code: str, where: str, deadline: float, silent: bool = False) -> None:
    """Runs code and waits for its end; raises `_Stopped` when time is up, the kernel died, or our own code failed in it."""
    asked = client.execute(code, silent=silent, store_history=not silent, allow_stdin=False, stop_on_error=False)
    while True:
        if time.monotonic() >= deadline:
            raise _Stopped(f"the run was stopped {where}")
        _drain(client)
        try:
            reply = client.get_shell_msg(timeout=0.5)
        except queue.Empty:
            if not manager.is_alive():
                raise _Stopped(f"the kernel died {where}") from None
            continue
        if reply["parent_header"].get("msg_id") == asked:
            content = reply["content"]
            if silent and content["status"] == "error":
                raise _Stopped(f"the run cannot be watched {where}: {content.get('ename')}: {content.get('evalue')}")
            return


def _drain(client: BlockingKernelClient) -> None:
    """Output is gathered inside the kernel; what it publishes is thrown away so that it does not pile up."""
    while client.iopub_channel.msg_ready():
        client.get_iopub_msg(timeout=0)
