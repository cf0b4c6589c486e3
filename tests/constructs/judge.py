"""Runs notebooks in IPython, or packages made of them, each in a process of its own; started by the tests as `python judge.py`.

{"kind": "notebook", "folder": ..., "cells": [...]}               ->   {"out": "[1, 2]", "files": {"a.txt": "..."}, "error": ""}
{"kind": "package", "folder": ..., "source": ..., "package": ...}  ->   the same
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

LIMIT = 60  # seconds of one job


def main() -> None:
    jobs = json.load(sys.stdin)
    if any(job["kind"] == "notebook" for job in jobs):
        importlib.import_module("IPython.core.interactiveshell")  # once, before the forks
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        json.dump([in_a_fork(job) for job in jobs], sys.stdout)


def in_a_fork(job: dict[str, Any]) -> dict[str, Any]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        told = {"out": "", "files": {}, "error": "ended early"}
        try:
            os.close(reader)
            quiet()
            os.chdir(job["folder"])
            before = listed()
            value = {"notebook": notebook, "package": package}[job["kind"]](job)
            told = {"out": repr(value), "files": {name: text for name, text in listed().items() if before.get(name) != text}, "error": ""}
        except BaseException:
            told["error"] = traceback.format_exc()
        os.write(writer, json.dumps(told).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return json.loads(told or b'{"out": "", "files": {}, "error": "died"}')  # type: ignore[no-any-return]


def quiet() -> None:
    import signal

    signal.alarm(LIMIT)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    sys.stdout = sys.stderr = io.StringIO()
    os.environ.update(IPYTHONDIR="/nonexistent", MPLBACKEND="agg")


def listed() -> dict[str, str]:
    files = (
        path for path in sorted(Path().rglob("*")) if path.is_file() and "__pycache__" not in path.parts and ".ipython" not in path.parts
    )
    return {path.as_posix(): path.read_bytes().decode("latin-1") for path in files}


def notebook(job: dict[str, Any]) -> Any:
    """The cells one after another, as `Run all` runs them; one that raises is told on stderr and the next one follows."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    InteractiveShell.enable_gui = lambda self, gui=None: None  # as a kernel without a screen
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    folder = os.getcwd()
    sys.path.insert(0, folder)
    errors = []
    for cell in job["cells"]:
        done = shell.run_cell(cell, store_history=True)
        if not done.success:
            errors.append(f"{cell}\n{done.error_before_exec or done.error_in_exec!r}")
    os.chdir(folder)
    if "out" not in shell.user_ns:
        raise LookupError("the notebook made no `out`\n" + "\n".join(errors))
    return shell.user_ns["out"]


def package(job: dict[str, Any]) -> Any:
    folder = os.getcwd()
    sys.modules["IPython"] = sys.modules["ipykernel"] = None  # type: ignore[assignment]
    sys.path[:0] = [job["source"], folder]
    results = importlib.import_module(job["package"] + ".pipeline").run()
    os.chdir(folder)
    return results.out


if __name__ == "__main__":
    main()
