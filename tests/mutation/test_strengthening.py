"""Further cases for faults that no test notices: found by varying what was recorded, written beside it, and gone again where they do not help."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from nb2prod.cli import main
from nb2prod.codegen.recorded import snapshot_files
from nb2prod.model.project import File, Project
from nb2prod.mutation.mutants import named_values
from nb2prod.mutation.varying import variations
from nb2prod.saving import save

CODE = """def label(score, limit):
    if score >= limit:
        return "high"
    return "low"


def chance():
    import random

    return random.SystemRandom().random() > 2
"""
TESTS = """import pytest
from snapshots.cases import names_of
from snapshots.checking import check

from churn.data import label


@pytest.mark.parametrize("case", names_of("label"))
def test_label_does_what_it_did(case: str) -> None:
    check(label, case, False)
"""
CASE = {
    "stage": "label",
    "module": "churn.data",
    "where": "cell 1",
    "outputs": ["label"],
    "inputs": {"score": 7, "limit": 5},
    "outcome": {"label": "high"},
}
STAGES = [{"name": "label", "module": "data", "inputs": ["score", "limit"], "outputs": ["label"], "cells": [1]}]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    manifest = {"package": "churn", "source_root": "src", "parameters": [], "stages": STAGES, "notebook": {"path": "churn.ipynb"}}
    files = [
        File("nb2prod.json", json.dumps(manifest)),
        File("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["src"]\nmarkers = ["slow: takes long"]\n'),
        File("src/churn/__init__.py", ""),
        File("src/churn/data.py", CODE),
        File("src/churn/pipeline.py", "def run():\n    return None\n"),
        File("tests/test_data.py", TESTS),
        File("tests/recorded/label.json", json.dumps(CASE)),
        *snapshot_files(),
    ]
    save(Project("churn", tuple(sorted(files, key=lambda file: file.path)), manifest), tmp_path / "churn")
    return tmp_path / "churn"


def test_a_case_at_the_border_is_added_and_the_score_rises(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mutate", str(project), "--python", sys.executable, "--seconds", "60", "-q", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stages"][0]["survivors"] == [
        {"line": 2, "what": "`>=` became `>`"},
        {"line": 4, "what": "'low' became 'XXlowXX'"},
        {"line": 4, "what": "the value returned became None"},
    ]
    assert main(["mutate", str(project), "--python", sys.executable, "--seconds", "60", "--strengthen", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["score"] == 100.0
    added = sorted(path.name for path in (project / "tests" / "recorded").glob("label-*.json"))
    assert added == ["label-2.json", "label-3.json"]
    assert "added: tests/recorded/label-2.json" in told.err
    cases = [json.loads((project / "tests" / "recorded" / name).read_text(encoding="utf-8")) for name in added]
    assert {(case["inputs"]["score"], case["inputs"]["limit"], case["outcome"]["label"]) for case in cases} == {
        (5, 5, "high"),
        (0, 5, "low"),
    }
    assert all(case["note"].startswith("made by `nb2prod mutate --strengthen`: score is ") for case in cases)


def test_nothing_is_added_where_nothing_survives(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["mutate", str(project), "--python", sys.executable, "--seconds", "60", "--strengthen"]) == 0
    assert capsys.readouterr().err.count("added:") == 2


def test_variations_are_the_same_every_time_and_name_what_is_other() -> None:
    given = {"limit": 3, "name": "a", "rows": [1, 2, 3, 4]}
    told = [(why, changed) for why, changed in variations(given, [30])]
    assert told == [(why, changed) for why, changed in variations(given, [30])]
    assert ("limit is 4", {"limit": 4}) in told
    assert ("rows: the rows turned round", {"rows": [4, 3, 2, 1]}) in told
    assert ("rows: the values 3, 4, 30, 31", {"rows": [3, 4, 30, 31]}) in told


def test_values_that_a_function_names_are_found_without_its_docstring() -> None:
    source = 'def f(df):\n    """Text."""\n    return df.age[df["sex"] == "f"] > 30\n\n\ndef g():\n    return 31\n'
    assert sorted(map(str, named_values(source, "f"))) == ["30", "age", "f", "sex"]
