"""Runs Python in a plain interpreter, watched from inside: a notebook's cells where there is no kernel, and the finished package.

play(engine, workspace, starter, timeout)   ->   Outcome(reason="", stdout="...")
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

from nb2prod.recording.interpreters import Engine
from nb2prod.recording.process import environment, run_to_end
from nb2prod.recording.workspace import Workspace


@dataclass(frozen=True)
class Outcome:
    """How it ended (`reason` is empty when it came to its end) and everything written to standard output and errors."""

    reason: str
    stdout: str
    stderr: str


def stdout_file(workspace: Workspace) -> Path:
    """Where the standard output of a run in this workspace goes."""
    return workspace.private / "run.out"


def play(engine: Engine, workspace: Workspace, starter: str, timeout: float, **more: str) -> Outcome:
    """Runs `starter` in the workspace's folder within `timeout` seconds.

    It is handed over with -c: a main module without a file is how pandas knows that it need not fit a terminal, as in a notebook.
    """
    output = stdout_file(workspace).with_suffix("")
    env = {**environment(workspace.private, **more), **engine.env}
    ending = run_to_end([engine.python, "-u", "-c", starter], env, workspace.folder, output, timeout)
    out, err = ((output.with_suffix(suffix)).read_bytes().decode("utf-8", "replace") for suffix in (".out", ".err"))
    return Outcome(_reason(ending.code, ending.timed_out, timeout, err), out, err)


def _reason(code: int, timed_out: bool, timeout: float, err: str) -> str:
    if timed_out:
        return f"the run was stopped (the limit of {timeout:g} seconds; --timeout raises it)"
    if code < 0:
        return f"the process was killed by {signal.Signals(-code).name}"
    return f"the process ended with exit code {code}: {err.strip()[-500:]}" if code else ""
