"""A command -> how it ended, with limits, no terminal, and nothing left running behind it.

    run_to_end([python, "-c", "..."], environment, place, Bounds(seconds=600))   ->   Ending(code=0)
    kept(command, place, bounds)                                                 ->   the same command with a keeper before it

Every run has a keeper (`keeper.py`), which kills all of it when our end of its standard input closes: also when nb2prod itself is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

KEPT_OUT = ("PYTHON", "JPY_", "IPYTHON", "MPLBACKEND", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR", "PYDEVD", "PYTEST", "COV_")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
KEEPER = Path(__file__).with_name("keeper.py")
GRACE = 10.0  # seconds for the keeper to clear up
STOPPED = "the run was stopped"
OUTPUT = 256 << 20  # bytes a run may print
DISK = 20 << 30  # bytes it may add to the disk
FILES = 200_000  # files it may add


@dataclass(frozen=True)
class Bounds:
    """How far a run may go: seconds, bytes of memory for all its processes together (0: nine tenths of the machine's); `stop` ends it early."""

    seconds: float = 600.0
    memory: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def memory_limit(self) -> int:
        return self.memory or machine_memory() * 9 // 10


@dataclass(frozen=True)
class Ending:
    """How a process ended: its exit code (negative: the signal that killed it), and why we had to stop it, if we had to."""

    code: int
    stopped: str = ""


def environment(private: Path, folder: Path, hash_seed: int = 0, **more: str) -> dict[str, str]:
    """The environment of every run: the user's own without traces of the interpreter we run in, and what can vary fixed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(KEPT_OUT)}
    fixed = {"PYTHONHASHSEED": str(hash_seed), "PYTHONIOENCODING": "utf-8", "PWD": str(folder), **dict.fromkeys(THREADS, "1")}
    places = {"IPYTHONDIR": "ipython", "JUPYTER_RUNTIME_DIR": "runtime", "MPLCONFIGDIR": "matplotlib"}
    for name in places.values():
        (private / name).mkdir(exist_ok=True)
    return {**kept, **fixed, **{key: str(private / name) for key, name in places.items()}, **more}


def kept(command: Sequence[str], place: Path, bounds: Bounds, outputs: Sequence[Path]) -> list[str]:
    """The command with a keeper before it, which watches the workspace at `place` and these output files; on Windows the bare command."""
    if os.name != "posix":
        return list(command)
    orders = {
        "ending": str(ending_file(place)),
        "memory": bounds.memory_limit,
        "outputs": [str(path) for path in outputs],
        "output": OUTPUT,
        "folders": [str(place)],
        "disk": DISK,
        "files": FILES,
    }
    return [sys.executable, "-I", "-S", str(KEEPER), json.dumps(orders), *command]


def ending_file(place: Path) -> Path:
    """Where the keeper of a run writes how it ended."""
    return place / "ending.json"


@contextlib.contextmanager
def lifeline() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """A pipe whose reading end becomes the keeper's standard input; when the writing end is closed, at the latest here, the run ends."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", 0) as reader, os.fdopen(writing, "wb", 0) as writer:
        yield reader, writer


def run_to_end(command: Sequence[str], env: Mapping[str, str], cwd: Path, place: Path, bounds: Bounds) -> Ending:
    """Runs a command; its standard output and errors go to the files that `outputs_of` names."""
    outputs = outputs_of(place)
    deadline = time.monotonic() + bounds.seconds
    with open(outputs[0], "wb") as out, open(outputs[1], "wb") as err, lifeline() as (reading, writing):
        process = subprocess.Popen(
            kept(command, place, bounds, outputs), env=env, cwd=cwd, stdin=reading, stdout=out, stderr=err, start_new_session=True
        )
        stopped = ""
        try:
            stopped = _wait(process, deadline, bounds)
        finally:  # Ctrl-C included: nothing of it outlives this call
            writing.close()
            clear_up(process)
    return _ending(place, process.returncode, stopped)


def outputs_of(place: Path) -> tuple[Path, Path]:
    """Where standard output and errors of a run in this workspace go."""
    return place / "private" / "run.out", place / "private" / "run.err"


def _wait(process: subprocess.Popen[bytes], deadline: float, bounds: Bounds) -> str:
    """Waits for the end; gives why we cannot wait any longer."""
    while not bounds.stop.is_set():
        left = deadline - time.monotonic()
        if left <= 0:
            return "time"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(min(0.5, left))
            return ""
    return "stop"


def clear_up(process: subprocess.Popen[bytes]) -> None:
    """The lifeline is closed: gives the keeper time to kill what it keeps, then kills the keeper."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
        return
    kill_group(process.pid)
    process.kill()
    process.wait()


def _ending(place: Path, code: int, stopped: str) -> Ending:
    try:
        told = json.loads(ending_file(place).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Ending(code, stopped)
    return Ending(told["code"], stopped or told["why"])


def why_ended(place: Path) -> str:
    """Which limit the keeper stopped a run for; empty when it did not."""
    return _ending(place, 0, "").stopped


def reason_of(stopped: str, bounds: Bounds, where: str = "") -> str:
    """Why a run was stopped, as a sentence with what to do."""
    told = {
        "time": f"the limit of {bounds.seconds:g} seconds; --timeout raises it",
        "memory": f"it took more than {_size(bounds.memory_limit)} of memory; --memory raises the limit, --sample N takes less data",
        "output": f"it printed more than {_size(OUTPUT)}",
        "disk": f"it wrote more than {_size(DISK)} to the disk",
        "files": f"it made more than {FILES:,} files",
    }
    return f"{STOPPED}{where and ' ' + where}" + (f" ({told[stopped]})" if stopped in told else "")


def _size(count: int) -> str:
    """Bytes for people: 512 MiB, 2 GiB."""
    return f"{count / (1 << 30):.3g} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.3g} MiB"


def machine_memory() -> int:
    """The bytes of memory there are, for this machine or for the container we are in."""
    found = []
    with contextlib.suppress(OSError, ValueError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with contextlib.suppress(OSError, ValueError):
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(found, default=1 << 60)


def kill_group(group: int) -> None:
    """Kills every process of a group; a group that is already gone is fine, and where there are no groups nothing happens."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
