"""Where the time goes: of an analysis by part of the code, of a command by its steps, of the start of a process by what is loaded.

of_analysis([path])   ->   [("nb2prod/analysis/graph.py", 0.31), ("ast", 0.12), ...]     shares of the whole, the largest first
of_start()            ->   [("click", 0.61), ("nb2prod", 0.11), ...]                     shares of the time that imports take
"""

from __future__ import annotations

import cProfile
import json
import pstats
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from peers.running import HERE, ROOT, run
from peers.timing import choices

SHOWN = 12
Shares = list[tuple[str, float]]


def of_analysis(notebooks: Sequence[Path]) -> Shares:
    """Reading and analysing these notebooks: the time inside the functions of each file, without what they call."""
    from nb2prod.understanding import read_and_analyze

    for path in notebooks:
        read_and_analyze(path, choices())  # loads everything
    profile = cProfile.Profile()
    for path in notebooks:
        profile.runcall(read_and_analyze, path, choices())
    times: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if file == "~":  # built in: belongs to whoever calls it, but for the parser
            for (caller, _, _), (_, _, spent, _) in callers.items():
                times["Python's parser" if "compile" in name else _part(caller)] += spent
        else:
            times[_part(file)] += own
    return shares(times)


def _part(file: str) -> str:
    if file.startswith("<"):
        return "methods of dataclasses and named tuples"
    path = Path(file)
    if ROOT in path.parents:
        return str(path.relative_to(ROOT))
    return path.parent.name if path.stem == "__init__" else path.stem


def of_command(notebook: Path) -> Shares:
    """`nb2prod analyze` of a notebook, step by step; the least of three runs of each."""
    runs = [run([sys.executable, HERE / "laps.py", notebook.absolute()], ROOT, PYTHONPATH=str(ROOT)) for _ in range(3)]
    laps = [json.loads(one.out) for one in runs]
    least = {name: min(lap[name] for lap in laps) for name in laps[0]}
    return [(name, took / sum(least.values())) for name, took in least.items()]


def of_start() -> Shares:
    """`nb2prod --help`: what each package takes to load, without what it loads in turn; what a bare Python loads too is left out."""
    ours, bare, click = _imported("-m", "nb2prod", "--help"), _imported("-c", "pass"), _imported("-c", "import click")
    times: Counter[str] = Counter()
    for name, took in ours.items():
        package = name.partition(".")[0]
        if package in ("click", "nb2prod"):
            times[package] += took
        elif name not in bare:
            times["standard library, for click" if name in click else "standard library, for the rest"] += took
    return shares(times)


def _imported(*words: str) -> dict[str, int]:
    """Microseconds of every import of a process, the least of three runs."""
    least: dict[str, int] = {}
    for _ in range(3):
        done = subprocess.run([sys.executable, "-X", "importtime", *words], capture_output=True, encoding="utf-8", cwd=ROOT, check=True)
        for own, name in re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", done.stderr, re.MULTILINE):
            least[name] = min(int(own), least.get(name, int(own)))
    return least


def shares(times: Counter[str]) -> Shares:
    """The largest parts and, as one, all others."""
    whole = sum(times.values()) or 1
    shown = [(name, took / whole) for name, took in times.most_common(SHOWN)]
    rest = 1 - sum(share for _, share in shown)
    return [*shown, ("all others", rest)] if rest > 0.0005 else shown
