"""Runs Python in a plain interpreter, watched from inside: a notebook's cells where there is no kernel, and the finished package.

play(engine, workspace, starter, env, bounds)   ->   Outcome(reason="", stdout="...")
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass

from nb2prod.recording.interpreters import Engine
from nb2prod.recording.process import Bounds, outputs_of, reason_of, run_to_end
from nb2prod.recording.sandbox import closed
from nb2prod.recording.workspace import Workspace


@dataclass(frozen=True)
class Outcome:
    """How it ended (`reason` is empty when it came to its end) and everything written to standard output and errors."""

    reason: str
    stdout: str
    stderr: str


def play(engine: Engine, workspace: Workspace, starter: str, env: Mapping[str, str], bounds: Bounds) -> Outcome:
    """Runs `starter` in the workspace's folder.

    It is handed over with -c: a main module without a file is how pandas knows that it need not fit a terminal, as in a notebook.
    """
    command = closed([engine.python, "-u", "-c", starter], engine, workspace)
    ending = run_to_end(command, {**env, **engine.env}, workspace.folder, workspace.place, bounds)
    out, err = (file.read_bytes().decode("utf-8", "replace") for file in outputs_of(workspace.place))
    if ending.stopped:
        return Outcome(reason_of(ending.stopped, bounds), out, err)
    return Outcome(_reason(ending.code, err), out, err)


def _reason(code: int, err: str) -> str:
    if code < 0:
        return f"the process was killed by {signal.Signals(-code).name}"
    return f"the process ended with exit code {code}: {err.strip()[-500:]}" if code else ""
