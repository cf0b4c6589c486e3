"""Assertions of a notebook: which of them can be looked at at the end of a stage, and why others cannot."""

from __future__ import annotations

import json
from pathlib import Path

from nb2prod.codegen.checks import Check, checks_of, confirmed, with_checks
from nb2prod.model.choices import Choices
from nb2prod.model.project import Project
from nb2prod.understanding import make_plan_for, read_and_analyze

CELLS = (
    ("code", "import pandas as pd\nimport numpy as np\nLIMIT = 10"),
    ("markdown", "# Load"),
    ("code", "df = pd.read_csv('in.csv')\nassert df['id'].is_unique, 'ids'\nassert np.isfinite(df['age']).all()"),
    ("markdown", "# Clean"),
    ("code", "df = df[df['age'] > LIMIT].copy()\nassert len(df) > 5\ndf['old'] = df['age'] > 40"),
    ("markdown", "# Summarize"),
    ("code", "rest = df['age'].max()\nassert rest < 99\nmean = df.groupby('old')['age'].mean()\nassert mean.max() > LIMIT\nprint(mean)"),
    ("markdown", "# Save"),
    ("code", "table = mean.reset_index()\ntable['age'] = table['age'].round(1)\ntable['n'] = len(table)\ntable.to_csv('out.csv')"),
)


def found(folder: Path, cells: tuple[tuple[str, str], ...] = CELLS) -> tuple[dict[str, Check], Project]:
    """The checks of a notebook by their source, and the tests made of them."""
    made = [
        {
            "cell_type": kind,
            "id": f"c{at}",
            "metadata": {},
            "source": text,
            **({"outputs": [], "execution_count": None} if kind == "code" else {}),
        }
        for at, (kind, text) in enumerate(cells)
    ]
    path = folder / "b.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}), encoding="utf-8")
    notebook, analysis = read_and_analyze(path, Choices())
    plan = make_plan_for(notebook, analysis, Choices())
    checks = checks_of(plan, analysis, notebook)
    return {check.source: check for check in checks}, with_checks(Project(plan.package, ()), plan, checks)


def test_what_a_stage_gives_can_be_looked_at_when_it_is_done(tmp_path: Path) -> None:
    checks, project = found(tmp_path)
    unique = checks["assert df['id'].is_unique, 'ids'"]
    assert (unique.name, unique.names, unique.why_not) == ("cell_2_line_2", ("df",), "")
    text = {file.path: str(file.content) for file in project.files}["tests/checks.py"]
    assert 'def cell_2_line_2(df: Any) -> None:\n    """From cell 2 of the notebook."""\n    assert df["id"].is_unique, "ids"\n' in text


def test_a_parameter_of_the_notebook_is_read_from_the_parameters(tmp_path: Path) -> None:
    checks, project = found(tmp_path)
    assert set(checks["assert mean.max() > LIMIT"].names) == {"mean", "LIMIT"}
    text = {file.path: str(file.content) for file in project.files}["tests/checks.py"]
    assert 'PARAMETERS: dict[str, str] = {"LIMIT": "limit"}' in text


def test_a_value_that_no_stage_gives_or_that_is_another_by_then_makes_no_test(tmp_path: Path) -> None:
    checks, _ = found(tmp_path)
    assert [check.stage for source, check in checks.items() if source in ("assert rest < 99", "assert len(df) > 5")] == ["", ""]
    assert checks["assert rest < 99"].why_not == "it looks at nothing that a stage makes"


def test_a_check_that_did_not_hold_in_the_run_is_no_test(tmp_path: Path) -> None:
    checks = tuple(found(tmp_path)[0].values())
    kept = confirmed(checks, {"cell_2_line_2"})
    assert [check.name for check in kept if check.stage] == ["cell_2_line_2"]
    assert {check.why_not for check in kept if check.source == "assert mean.max() > LIMIT"} == {"it does not hold in the package's own run"}


def test_a_notebook_without_assertions_has_no_such_tests(tmp_path: Path) -> None:
    assert found(tmp_path, (("code", "total = sum(range(4))\nprint(total)"),))[1].files == ()
