"""`nb2prod mutate`: the score of a project's tests on the screen, as data and in the report."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from nb2prod.cli import main
from nb2prod.codegen.report import with_verdict
from nb2prod.model.project import File, Project
from nb2prod.model.verdict import Verdict
from nb2prod.saving import save

CODE = "def keep(numbers):\n    return [number for number in numbers if number > 30]\n\n\ndef show(numbers):\n    print(len(numbers))\n"
TESTS = "from churn.data import keep\n\n\ndef test_keep():\n    assert keep([29, 31]) == [31]\n"
STAGES = [{"name": name, "module": "data", "inputs": ["numbers"], "outputs": [], "cells": [1]} for name in ("keep", "show")]
PAGE = with_verdict("<html><!-- verdict --><!-- end of verdict --></html>", Verdict("same"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    manifest = {"package": "churn", "source_root": "src", "parameters": [], "stages": STAGES, "notebook": {"path": "churn.ipynb"}}
    settings = '[tool.pytest.ini_options]\npythonpath = ["src"]\nmarkers = ["slow: takes long"]\n'
    files = {
        "nb2prod.json": json.dumps(manifest),
        "pyproject.toml": settings,
        "REPORT.html": PAGE,
        "src/churn/__init__.py": "",
        "src/churn/data.py": CODE,
        "tests/test_data.py": TESTS,
    }
    save(Project("churn", tuple(File(path, text) for path, text in sorted(files.items())), manifest), tmp_path / "churn")
    return tmp_path / "churn"


def mutate(project: Path, *words: str) -> int:
    return main(["mutate", str(project), "--python", sys.executable, "--seconds", "60", *words])


def test_each_stage_has_a_line_and_every_survivor_its_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate(project) == 0
    assert capsys.readouterr().out.splitlines() == [
        "keep   67 %     2 of 3",
        "  line 2: `>` became `>=`",
        "show    0 %     0 of 1",
        "  line 6: deleted: print(len(numbers))",
        "50 % of 4 faults were noticed by 1 tests",
    ]
    page = (project / "REPORT.html").read_text(encoding="utf-8")
    assert "2 of 4 small faults" in page and "line 6: deleted: print(len(numbers))" in page


def test_a_second_score_takes_the_place_of_the_first(project: Path) -> None:
    assert (mutate(project, "-q"), mutate(project, "-q")) == (0, 0)
    assert (project / "REPORT.html").read_text(encoding="utf-8").count("small faults") == 1


def test_the_score_as_data(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate(project, "--json", "--stage", "show") == 0
    survivors = [{"line": 6, "what": "deleted: print(len(numbers))"}]
    stage = {"stage": "show", "module": "churn.data", "score": 0.0, "killed": 0, "mutants": 1, "untried": 0, "survivors": survivors}
    assert json.loads(capsys.readouterr().out) == {"score": 0.0, "killed": 0, "mutants": 1, "tests": 1, "failing": [], "stages": [stage]}


def test_a_stage_below_the_least_is_a_finding(project: Path) -> None:
    assert (mutate(project, "--least", "30"), mutate(project, "--least", "30", "--stage", "keep")) == (1, 0)


def test_a_stage_that_is_not_there_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate(project, "--stage", "sho") == 2
    assert "there is no stage `sho`; there are: keep, show" in capsys.readouterr().err


def test_the_project_is_left_as_it_was(project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*.py")}
    mutate(project, "-q")
    assert {path: path.read_bytes() for path in project.rglob("*.py")} == before
