"""What nb2prod costs, as ratios to something simple or to a peer on the same notebook: everything that is compared takes turns.

    in_process([path], rounds=5)        ->   [{"notebook": "ab_test", "cells": 25, "parse": 0.004, "analysis": 0.019, "ratio": 4.7}]
    processes([path], environments, 3)  ->   [{"notebook": "ab_test", "tool": "nb2prod analyze", "cpu": 0.41, "seconds": 0.43}, ...]

What is compared is seconds of processor, for they hardly change with what else the machine does (nothing measured here waits for anything); for
whole processes those of the clock are told as well. Of each the quickest round counts.
"""

from __future__ import annotations

import ast
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from peers.environments import Environment
from peers.running import ROOT, Ran, copied, run

LONG = 1800.0  # seconds of the clock for one command, on a busy machine and a huge notebook
EDITED = "edited = [number * 2 for number in range(7)]"


def in_process(notebooks: Sequence[Path], rounds: int) -> list[dict[str, Any]]:
    """Reading and analysing each notebook against `json.load` and `ast.parse` of its cells, in this process, everything loaded before."""
    from nb2prod.understanding import read_and_analyze

    gc.set_threshold(100_000, 50, 50)  # as the command does
    rows = []
    for path in notebooks:
        codes = [cell.code for cell in read_and_analyze(path, choices())[0].code_cells]  # magics are calls in it
        texts = other_texts(path)
        parse, analysis = best(rounds, partial(parsed, path, codes), partial(analyzed_next, path, texts))
        rows.append({"notebook": path.stem, "cells": len(codes), "parse": parse, "analysis": analysis, "ratio": analysis / parse})
    return rows


def other_texts(path: Path) -> Iterator[bytes]:
    """The notebook with another comment in each cell every time: what is known of a text that was seen before must not help."""
    for number in count():
        data = json.loads(path.read_text(encoding="utf-8"))
        for cell in data["cells"]:
            if cell["cell_type"] == "code":
                cell["source"] = f"{''.join(cell['source'])}\n# {number}"
        yield json.dumps(data).encode()


def analyzed_next(path: Path, texts: Iterator[bytes]) -> None:
    """One more of its texts read and analysed."""
    from nb2prod.understanding import read_and_analyze

    read_and_analyze(path, choices(), next(texts))


def choices() -> Any:
    from nb2prod.model.choices import Choices

    return Choices()


def parsed(path: Path, codes: Sequence[str]) -> None:
    """The least that any analysis must do."""
    with path.open(encoding="utf-8") as file:
        json.load(file)
    for code in codes:
        try:
            ast.parse(code)
        except SyntaxError:
            pass


def best(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The quickest of so many rounds of each, in seconds of processor; they take turns."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, times, strict=True):
            gc.collect()
            started = time.process_time()
            work()
            found.append(time.process_time() - started)
    return [min(found) for found in times]


def after_an_edit(notebook: Path, rounds: int) -> float:
    """Seconds of processor until a notebook is analysed again after one of its cells in the middle was edited; what an editor holds, not the file."""
    from nb2prod.understanding import read_and_analyze

    data = json.loads(notebook.read_text(encoding="utf-8"))
    code = [cell for cell in data["cells"] if cell["cell_type"] == "code"]
    before = json.dumps(data).encode()
    cell = code[len(code) // 2]
    took = []
    for number in range(rounds):
        read_and_analyze(notebook, choices(), before)
        cell["source"] = f"{''.join(cell['source'])}\n{EDITED} + [{number}]"
        after = json.dumps(data).encode()
        gc.disable()  # as the server does between questions
        started = time.process_time()
        read_and_analyze(notebook, choices(), after)
        took.append(time.process_time() - started)
        gc.enable()
        before = after
    return min(took)


def commands(environments: Mapping[str, Environment]) -> dict[str, Callable[[Path], Ran]]:
    """What is timed as a whole process: each takes the notebook in a folder of its own."""
    ours = {"PYTHONPATH": str(ROOT)}

    def ask(*words: str) -> Callable[[Path], Ran]:
        return lambda path: run([sys.executable, *(path.name if word == "NOTEBOOK" else word for word in words)], path.parent, LONG, **ours)

    def peer(name: str, program: str, *words: str) -> Callable[[Path], Ran]:
        tool = environments[name].tool(program)
        quiet = {"HOME": str(environments[name].place), "PLOOMBER_STATS_ENABLED": "false"}
        return lambda path: run([tool, *(path.name if word == "NOTEBOOK" else word for word in words)], path.parent, LONG, **quiet)

    found = {
        "python -c pass": ask("-c", "pass"),
        "nb2prod --help": ask("-m", "nb2prod", "--help"),
        "nb2prod analyze": ask("-m", "nb2prod", "analyze", "NOTEBOOK"),
        "nb2prod convert --no-run": ask("-m", "nb2prod", "convert", "--no-run", "-q", "NOTEBOOK", "-o", "made"),
        "nbconvert": peer("nbconvert", "jupyter-nbconvert", "--to", "script", "NOTEBOOK"),
        "jupytext": peer("jupytext", "jupytext", "--to", "py", "NOTEBOOK"),
        "marimo convert": peer("marimo", "marimo", "-q", "-y", "convert", "NOTEBOOK", "-o", "made.py"),
        "soorgeon refactor": peer("soorgeon", "soorgeon", "refactor", "NOTEBOOK"),
    }
    return {name: command for name, command in found.items() if _peer_of(name) not in environments or environments[_peer_of(name)].place}


def _peer_of(command: str) -> str:
    return command.partition(" ")[0]


def processes(notebooks: Sequence[Path], environments: Mapping[str, Environment], rounds: int) -> list[dict[str, Any]]:
    """Every command on every notebook; one that fails has no time."""
    rows = []
    for path in notebooks:
        ran: dict[str, list[Ran]] = {}
        for _ in range(rounds):
            for name, command in commands(environments).items():
                with copied(path) as copy:
                    ran.setdefault(name, []).append(command(copy))
        for name, found in ran.items():
            row = {"notebook": path.stem, "tool": name, "why": found[-1].why, "cpu": min(one.cpu for one in found)}
            rows.append({**row, "seconds": min(one.seconds for one in found)})
    return rows
