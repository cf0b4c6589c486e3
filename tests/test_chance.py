"""Notebooks that draw random numbers without a seed are proved with both runs seeded alike."""

from __future__ import annotations

import json
from pathlib import Path

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
    assert {c.name: c.how.endswith("generators seeded alike") for c in conversion.verdict.comparisons} == {
        "total": True,
        "printed text": True,
    }


def test_values_that_chance_decides_are_not_asserted_by_the_generated_tests(tmp_path: Path) -> None:
    conversion = convert(notebook(tmp_path, CELLS), Choices(timeout=120))
    assert json.loads(conversion.project.file("tests/expected.json").content)["results"] == {"total": {"kind": "number"}}


def test_a_chosen_seed_makes_the_values_the_same_without_another_proof(tmp_path: Path) -> None:
    conversion = convert(notebook(tmp_path, CELLS), Choices(timeout=120, seed=5))
    assert conversion.verdict.outcome == "same"
    assert not any(c.how.endswith("generators seeded alike") for c in conversion.verdict.comparisons)
