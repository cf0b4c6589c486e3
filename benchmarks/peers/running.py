"""Processes that end, folders of their own, and what a notebook's run left in its variables and files.

with copied(Path("sample_notebooks/churn.ipynb")) as path:      a copy of the notebook's folder, without the other notebooks
    ran = run([tool, path.name], path.parent)                   Ran(code=0, seconds=1.2, cpu=0.9, memory=88_000_000, ...)
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SECONDS = 300.0  # for one process
PLAIN = (".csv", ".json", ".txt", ".tsv", ".md")  # files that hold no time of writing, so that their bytes can be compared


@dataclass(frozen=True)
class Ran:
    """How a process ended. `cpu` are the seconds of processor it and its own processes took, `memory` its highest in bytes."""

    code: int
    seconds: float
    cpu: float
    memory: int
    out: str = ""
    errors: str = ""

    @property
    def why(self) -> str:
        """The last words of a process that failed."""
        if self.code == 0:
            return ""
        plain = re.sub(r"\x1b\[[\d;]*m", "", self.errors.strip() or self.out.strip())
        said = [line.strip() for line in plain.splitlines() if line.strip()]
        named = [line for line in said if line.partition(":")[0].endswith(("Error", "Exception", "error"))]
        return (named or said or [f"exit code {self.code}"])[-1][:160]


def run(words: Sequence[object], folder: Path, seconds: float = SECONDS, **variables: str) -> Ran:
    """Run a command in a folder until it ends or its time is over; all it started ends with it. Needs Unix, for what it took is asked of wait4."""
    env = {**os.environ, "MPLBACKEND": "Agg", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "", **variables}
    env.pop("PYTHONPATH", None) if "PYTHONPATH" not in variables else None
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": errors, "start_new_session": True}
        process = subprocess.Popen([str(word) for word in words], cwd=folder, env=env, **quiet)
        alarm = threading.Timer(seconds, end, [process.pid])
        alarm.start()
        _, status, used = os.wait4(process.pid, 0)
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.perf_counter() - started
        end(process.pid)
        said = []
        for stream in (out, errors):
            stream.seek(0)
            said.append(stream.read().decode("utf-8", "replace"))
    scale = 1 if sys.platform == "darwin" else 1024
    return Ran(process.returncode, took, used.ru_utime + used.ru_stime, used.ru_maxrss * scale, *said)


def end(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


@contextmanager
def copied(notebook: Path) -> Iterator[Path]:
    """The notebook in a copy of its folder that has no other notebook, and goes away."""
    with tempfile.TemporaryDirectory(prefix="beside-") as place:
        folder = Path(place, "work")
        shutil.copytree(notebook.parent, folder, ignore=lambda at, names: [name for name in names if name.endswith(".ipynb")])
        yield Path(shutil.copy(notebook, folder))


def line_of_dump(names: str, wanted: Sequence[str], path: Path) -> str:
    """A line of Python that writes down the values of the wanted names; `names` is an expression for where they are."""
    return f'__import__("runpy").run_path({str(HERE / "dumping.py")!r})["dump"]({names}, {list(wanted)!r}, {str(path)!r})'


@dataclass(frozen=True)
class Left:
    """What a run left: whether it came to its end, its last values, its files."""

    ok: bool
    why: str
    values: dict[str, Any]
    files: dict[str, bytes]


def left(ran: Ran, dump: Path, folder: Path, files: Sequence[str]) -> Left:
    """What is there after a run."""
    values = json.loads(dump.read_text(encoding="utf-8")) if dump.exists() else {}
    found = {name: (folder / name).read_bytes() if name.endswith(PLAIN) else b"" for name in files if (folder / name).is_file()}
    return Left(ran.code == 0, ran.why, values, found)


def reference(notebook: Path, python: str, wanted: Sequence[str], files: Sequence[str]) -> Left:
    """What the notebook itself leaves: run in document order or, where that fails, in the order of its saved counts."""
    for order in ("document", "counts"):
        with copied(notebook) as path:
            dump = path.parent / "last.json"
            ran = run([python, HERE / "reference.py", path.name, order, line_of_dump("globals()", wanted, dump)], path.parent)
            found = left(ran, dump, path.parent, files)
        if found.ok:
            break
    return found
