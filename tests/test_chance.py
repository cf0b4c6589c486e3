"""Notebooks that draw random numbers without a seed are proved with both runs seeded alike."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from nb2prod.model.choices import Choices
from nb2prod.pipeline import convert

CELLS = (
    "import random\nimport numpy as np",
    "values = [random.random() for _ in range(5)]\nnoise = np.random.rand(3)",
    "total = sum(values) + noise.sum()\nprint(total)",
)


def notebook(folder: Path, cells: tuple[str, ...]) -> Path:
    listed = [{"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text, "outputs": []} for i, text in enumerate(cells)]
    path = folder / "chance.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed}), encoding="utf-8")
    return path


def test_an_unseeded_notebook_is_proved_with_both_runs_seeded_alike(tmp_path: Path) -> None:
    conversion = convert(notebook(tmp_path, CELLS), Choices(timeout=120))
    assert conversion.verdict.outcome == "same"
    assert {c.name: "generators seeded alike" in c.how for c in conversion.verdict.comparisons} == {
        "total": True,
        "printed text": True,
    }


def test_values_that_chance_decides_are_not_asserted_by_the_generated_tests(tmp_path: Path) -> None:
    conversion = convert(notebook(tmp_path, CELLS), Choices(timeout=120))
    assert json.loads(conversion.project.file("tests/expected.json").content)["results"] == {"total": {"kind": "number"}}


def test_a_shown_value_that_chance_decides_is_not_asserted_either(tmp_path: Path) -> None:
    cells = ("import numpy as np", "m = np.random.rand(3)\n(m.max(), m.min())", "m = 3\nprint(m)")
    conversion = convert(notebook(tmp_path, cells), Choices(timeout=120))
    expected = json.loads(conversion.project.file("tests/expected.json").content)["results"]
    assert [fact for fact in expected.values() if "value" in str(fact)] == [{"kind": "number", "value": 3}]


def test_a_value_on_which_two_runs_agree_by_chance_is_not_asserted_either(tmp_path: Path) -> None:
    cells = ("import random", "steady = 3\nprint(steady)\nlucky = int(random.random() * 1.001)\nprint(lucky)")
    conversion = convert(notebook(tmp_path, cells), Choices(timeout=120))
    expected = json.loads(conversion.project.file("tests/expected.json").content)["results"]
    assert (conversion.verdict.outcome, expected) == ("same", {"steady": {"kind": "number", "value": 3}, "lucky": {"kind": "number"}})


def test_a_dropped_draw_of_a_library_leaves_its_later_draws_as_they_are(tmp_path: Path) -> None:
    draw = "seaborn.algorithms.bootstrap([1.0, 2.0, 9.0])"
    cells = ("import seaborn.algorithms", f"idle = {draw}", f"out = {draw}.mean()\nprint(out)")
    conversion = convert(notebook(tmp_path, cells), Choices(timeout=120))
    assert (conversion.verdict.outcome, conversion.verdict.restored) == ("same", ())


def test_generators_that_a_notebook_makes_without_a_seed_stay_apart(tmp_path: Path) -> None:
    cells = ("import numpy as np", "out = np.random.default_rng().random() == np.random.default_rng().random()\nprint(out)")
    conversion = convert(notebook(tmp_path, cells), Choices(timeout=120, seed=3))
    assert {c.name: c.notebook for c in conversion.verdict.comparisons} == {"out": "False", "printed text": "'False\\n'"}


def test_a_chosen_seed_makes_the_values_the_same_without_another_proof(tmp_path: Path) -> None:
    conversion = convert(notebook(tmp_path, CELLS), Choices(timeout=120, seed=5))
    assert conversion.verdict.outcome == "same"
    assert not any("generators seeded alike" in c.how for c in conversion.verdict.comparisons)


ENTERS = {
    "a draw": (
        ("import random", "x = random.random()", "y = x + 1\nprint(y)"),
        (1, 1, "draws from Python's random generator, which nothing seeds: `y` moved between two runs of the notebook"),
    ),
    "a generator of its own": (
        ("import numpy as np", "rng = np.random.default_rng()", "y = rng.random()\nprint(y)"),
        (1, 1, "makes a generator without a seed: `rng`, `y` moved between two runs of the notebook"),
    ),
    "the clock, in a function": (
        ("import time\ndef now():\n    return time.time()", "n = 3\nx = now()", "y = x + n\nprint(n)\nprint(y)"),
        (1, 2, "asks the clock: `y` moved between two runs of the notebook"),
    ),
    "the order of a set": (
        ("words = ['ab', 'cd', 'ef', 'gh', 'ij']\nn = len(words)", "print(n)", "first = list(set(words))\nprint(first)"),
        (2, 1, "depends on the order of a set, which is new in each process: `first` moved between two runs of the notebook"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("cells", "expected"), ENTERS.values(), ids=ENTERS.keys())
def test_the_line_where_chance_enters_is_named(cells: tuple[str, ...], expected: tuple[int, int, str], tmp_path: Path) -> None:
    conversion = convert(notebook(tmp_path, cells), Choices(timeout=120, python=sys.executable))
    assert conversion.verdict.outcome == "same"
    assert [(d.cell, d.line, d.message) for d in conversion.analysis.diagnostics if d.code == "NB303"] == [expected]


@pytest.mark.slow
def test_a_chosen_seed_reaches_generators_that_are_made_without_one(tmp_path: Path) -> None:
    cells = (
        "import numpy as np",
        "rng = np.random.default_rng()\nother = np.random.RandomState()",
        "y = rng.random() + other.rand()\nprint(y)",
    )
    conversion = convert(notebook(tmp_path, cells), Choices(timeout=120, python=sys.executable, seed=5))
    assert {c.outcome for c in conversion.verdict.comparisons} == {"same"}
