"""`python -m PACKAGE --figures DIR` saves the figures among the results."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

from codegen.scaffold_example import JOB, parameter, write

from nb2prod.codegen.scaffold import render_scaffold
from nb2prod.codegen.words import figures_option
from nb2prod.model.dataflow import Result
from nb2prod.model.plan import Plan
from nb2prod.model.project import File

RESULTS = (Result("curve", "figure", ""), Result("maps", "figure", "", many=True), Result("total", "variable", ""))
PLAN = Plan("drawn", "", "", (), (), (), (), RESULTS, ())
PIPELINE = """
from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple


class Figure:
    def savefig(self, path: Path) -> None:
        path.write_text("drawn", encoding="utf-8")


class Results(NamedTuple):
    curve: Any
    maps: Any
    total: Any


def run(parameters: object = None) -> Results:
    return Results(Figure(), [Figure(), Figure()], 3)
"""


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "PYTHONPATH": str(folder / "src")}
    words = (sys.executable, "-m", "drawn", *words)
    return subprocess.run(
        words, cwd=folder, env=surroundings, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=120, check=False
    )


def test_figures_are_saved_where_that_is_asked_for_and_nowhere_else(tmp_path: Path) -> None:
    write((*render_scaffold(PLAN, JOB, None, {}), File("src/drawn/pipeline.py", PIPELINE)), tmp_path)
    before = {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts}
    plain = command(tmp_path)
    assert (plain.returncode, plain.stdout) == (0, "curve: <Figure>\nmaps: <Figure>, <Figure>\ntotal: 3\n"), plain.stderr
    assert {path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts} == before
    saved = command(tmp_path, "--figures", "out/figures")
    assert (saved.returncode, saved.stdout) == (0, plain.stdout), saved.stderr
    assert sorted(path.name for path in (tmp_path / "out/figures").iterdir()) == ["curve.png", "maps-1.png", "maps-2.png"]


def test_the_option_makes_way_for_a_parameter_and_is_there_only_with_figures() -> None:
    taken = dataclasses.replace(PLAN, parameters=(parameter("figures", "int", 3),))
    assert [figures_option(plan) for plan in (PLAN, taken, dataclasses.replace(PLAN, results=RESULTS[2:]))] == [
        "--figures",
        "--figures-folder",
        "",
    ]
