"""A command -> how it ended, with a time limit, no terminal, and nothing left running behind it.

run_to_end([python, "driver.py"], env, cwd, output, 600.0)   ->   Ending(code=0, timed_out=False)
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

KEPT_OUT = ("PYTHON", "JPY_", "IPYTHON", "MPLBACKEND", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR", "PYDEVD", "PYTEST", "COV_")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Ending:
    """How a process ended: its exit code (negative: the signal that killed it), and whether we had to stop it."""

    code: int
    timed_out: bool = False


def environment(private: Path, **more: str) -> dict[str, str]:
    """The environment of every run: the user's own without traces of the interpreter we run in, and what can vary fixed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(KEPT_OUT)}
    fixed = {"PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8", **dict.fromkeys(THREADS, "1")}
    places = {"IPYTHONDIR": "ipython", "JUPYTER_RUNTIME_DIR": "runtime", "MPLCONFIGDIR": "matplotlib"}
    for name in places.values():
        (private / name).mkdir(exist_ok=True)
    return {**kept, **fixed, **{key: str(private / name) for key, name in places.items()}, **more}


def run_to_end(command: Sequence[str], env: Mapping[str, str], cwd: Path, output: Path, timeout: float) -> Ending:
    """Runs a command in a process group of its own; standard output and errors go to `output` + ".out" and ".err"."""
    with open(f"{output}.out", "wb") as out, open(f"{output}.err", "wb") as err:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        try:
            return Ending(process.wait(timeout))
        except subprocess.TimeoutExpired:
            return Ending(-9, timed_out=True)
        finally:  # Ctrl-C included: nothing of the group outlives this call
            kill_group(process.pid)
            process.kill()
            process.wait()


def kill_group(group: int) -> None:
    """Kills every process of a group; a group that is already gone is fine, and where there are no groups nothing happens."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
