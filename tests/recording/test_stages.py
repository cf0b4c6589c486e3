"""The cases that are made of a package's stages: few rows, found out by running, never one that would fail elsewhere or tomorrow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from nb2prod.codegen.recorded import told_of_missing
from nb2prod.converting.stages import recorded_stages
from nb2prod.model.choices import Choices
from nb2prod.model.project import Project
from nb2prod.pipeline import Conversion, convert
from nb2prod.recording.probe.sampling import reduced
from nb2prod.recording.probe.stages import kind_of

CLEAN = (
    "df = df[df['amount'] >= 10].copy()",
    "df['large'] = df['amount'] > 90",
    "assert (df['amount'] >= 10).all(), 'small'",
    "rest = len(df) % 7",
    "assert rest < 7",
    "words = set(df['shop'])",
    "print(words)",
)
CELLS = (
    ("markdown", "# Load"),
    ("code", "import pandas as pd\nimport numpy as np\nimport datetime"),
    ("code", "df = pd.read_csv('sales.csv')\nassert len(df) == 400\nprint(len(df))"),
    ("markdown", "# Clean"),
    ("code", "\n".join(CLEAN)),
    ("markdown", "# Draw"),
    ("code", "np.random.seed(3)\ndf['lot'] = np.random.permutation(len(df))\nmean = df['amount'].mean()\nprint(mean)"),
    ("markdown", "# Date"),
    (
        "code",
        "age = (datetime.date.today() - datetime.date(2020, 1, 1)).days\nday = age > 3\nprint(day)\nsold = df['amount'].sum()\nprint(sold)",
    ),
)


def notebook(folder: Path, parts: Sequence[tuple[str, str]]) -> Path:
    """A notebook with these cells."""
    cells = [
        {"cell_type": kind, "id": f"c{at}", "metadata": {}, "source": text, **({"outputs": []} if kind == "code" else {})}
        for at, (kind, text) in enumerate(parts)
    ]
    path = folder / "sales.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def conversion(tmp_path_factory: pytest.TempPathFactory) -> Conversion:
    """A small notebook, converted."""
    folder = tmp_path_factory.mktemp("notebook")
    rows = [f"{'abcdefgh'[at % 8] * 4},{at % 100}" for at in range(400)]
    (folder / "sales.csv").write_text("\n".join(["shop,amount", *rows]) + "\n", encoding="utf-8")
    path = notebook(folder, CELLS)
    conversion = convert(path, Choices(timeout=120, trial_seconds=0))
    assert conversion.verdict.outcome == "same"
    return conversion


@pytest.fixture(scope="module")
def cases(conversion: Conversion) -> dict[str, Any]:
    return cases_of(conversion)


def cases_of(conversion: Conversion) -> dict[str, Any]:
    """The recorded cases of a notebook's stages, by the title of their part."""
    files = {file.path: file.content for file in conversion.project.files}
    found = {}
    for stage in conversion.plan.stages:
        text = files.get(f"tests/recorded/{stage.name}.json")
        found[stage.title or stage.name] = json.loads(text) if text else None
    return found


def test_a_long_table_is_made_short_and_keeps_rows_at_the_borders_the_code_names(cases: dict[str, Any]) -> None:
    amounts = [row[1] for row in cases["Clean"]["inputs"]["df"]["rows"]]
    assert len(amounts) < 40
    assert {0, 10, 90, 99} <= set(amounts)


def test_what_a_stage_returns_and_prints_is_found_out_by_running_it(cases: dict[str, Any]) -> None:
    clean = cases["Clean"]
    kept = [row[1] for row in clean["outcome"]["df"]["rows"]]
    assert kept == [row[1] for row in clean["inputs"]["df"]["rows"] if row[1] >= 10]


def test_what_depends_on_the_hash_of_a_text_is_marked(cases: dict[str, Any]) -> None:
    assert cases["Clean"]["outcome"]["printed"] == {"kind": "unsteady"}


def test_the_state_of_a_generator_after_a_stage_is_part_of_what_it_does(cases: dict[str, Any]) -> None:
    assert "next random number of numpy" in cases["Draw"]["outcome"]


def test_a_long_result_is_told_by_some_rows_and_sums(cases: dict[str, Any]) -> None:
    told = cases["load_sales"]["outcome"]["df"]
    assert (told["length"], len(told["rows"]) < 25, len(told["sums"])) == (400, True, 24)


def test_a_stage_that_asks_what_day_it_is_has_no_case(cases: dict[str, Any]) -> None:
    assert cases["Date"] is None


def test_assertions_of_the_notebook_become_tests_or_the_report_says_why_not(conversion: Conversion) -> None:
    files = {file.path: str(file.content) for file in conversion.project.files}
    reasons = {
        conversion.notebook.statement(one.statement).source: one.reason
        for one in conversion.analysis.decisions
        if conversion.notebook.statement(one.statement).source.startswith("assert")
    }
    assert reasons == {
        "assert len(df) == 400": "only checks something: it is a test of the package",
        "assert (df['amount'] >= 10).all(), 'small'": "only checks something: it is a test of the package",
        "assert rest < 7": "only checks something, and no result depends on it; no test, because it looks at nothing that a stage makes",
    }
    assert "def cell_4_line_3(df: Any) -> None:" in files["tests/checks.py"]
    assert "rest" not in files["tests/checks.py"]


def test_tables_at_the_ends_of_stages_have_contracts_with_the_ranges_the_code_asks_for(conversion: Conversion) -> None:
    text = next(str(file.content) for file in conversion.project.files if file.path.endswith("/contracts.py"))
    assert '"amount": Column("int64", Check.ge(10))' in text
    assert "at least 200 rows" in text


def test_a_long_list_or_table_is_of_the_kind_of_a_short_one() -> None:
    table = {"kind": "frame", "dtypes": ["int64"], "rows": [[1]]}
    assert kind_of({"kind": "list", "length": 1000, "items": [1], "rest": 7}) == kind_of([1])
    assert kind_of({"kind": "long", "length": 30_000, "every": 2, "table": table}) == kind_of(table)
    assert kind_of({"kind": "tuple", "items": [1]}) != kind_of([1])


def test_a_conversion_says_which_stages_have_no_case_and_why(conversion: Conversion) -> None:
    stage = next(stage.name for stage in conversion.plan.stages if stage.title == "Date")
    told = [finding.message for finding in conversion.analysis.diagnostics if finding.code == "NB306"]
    assert told == [f"1 of {len(conversion.plan.stages)} stages has no recorded case: `{stage}` asks for the time or the day"]
    report = next(file.content for file in conversion.project.files if file.path == "REPORT.html")
    assert "asks for the time or the day" in str(report)


def test_where_the_recording_takes_too_long_that_is_said(conversion: Conversion) -> None:
    cases, about = recorded_stages(conversion, conversion.plan, conversion.project, Choices(timeout=0.3))
    bare = Project(conversion.plan.package, ())
    (finding,) = told_of_missing(bare, conversion.plan, cases, about)
    many = len(conversion.plan.stages)
    assert finding.message == f"{many} of {many} stages have no recorded case: the run was stopped (the limit of 0.3 seconds)"


LOAD = (
    "df = pd.read_csv('points.csv')",
    "print(len(df), df.columns)",
    "x = df.to_numpy()",
    "y = x.sum(axis=1) + np.sin(x[:, 0])",
    "print(x.mean(), y.mean())",
)
SPLIT = (
    "rng = np.random.default_rng(3)",
    "order = rng.permutation(len(x))",
    "later = order[len(x) * 2 // 3 :]",
    "centre = x.mean(axis=0)",
    "spread = x.std(axis=0)",
    "x = (x - centre) / spread",
    "print(x.std(), centre)",
)
USE = (
    "last = x[later]",
    "total = last.sum(axis=0)",
    "print(total)",
    "most = last.max(axis=0) - last.min(axis=0)",
    "print(most)",
    "shared = np.corrcoef(last[:, 0], y[later])",
    "print(shared)",
)
PARTS = (
    ("code", "import numpy as np\nimport pandas as pd"),
    ("markdown", "# Load"),
    ("code", "\n".join(LOAD)),
    ("markdown", "# Split"),
    ("code", "\n".join(SPLIT)),
    ("markdown", "# Use"),
    ("code", "\n".join(USE)),
)


@pytest.mark.slow
def test_values_that_belong_together_come_from_the_stage_before_where_a_part_of_each_does_not_fit(tmp_path: Path) -> None:
    rows = [f"{at % 97},{at % 89 / 7},{at % 31}" for at in range(9000)]
    (tmp_path / "points.csv").write_text("\n".join(["a,b,c", *rows]) + "\n", encoding="utf-8")
    path = notebook(tmp_path, PARTS)
    conversion = convert(path, Choices(timeout=120, trial_seconds=0))
    case = cases_of(conversion)["Use"]
    split = conversion.plan.stages[-2].name
    assert {name: told["by"] for name, told in case["inputs"].items()} == {"x": split, "later": split, "y": conversion.plan.stages[0].name}


def test_a_row_that_is_there_twice_is_kept_with_the_one_like_it() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"number": range(500), "name": ["a", None] * 250})
    table.iloc[377] = table.iloc[123]
    assert {123, 377} <= set(reduced({"df": table}, 24, [])["df"].index)


@pytest.mark.slow
def test_what_is_drawn_on_all_processors_is_drawn_in_one_process_wherever_the_case_is_run(tmp_path: Path) -> None:
    code = """import numpy as np
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier
X, y = np.arange(40.0).reshape(20, 2), np.array([0, 1] * 10)
scores = cross_val_score(DecisionTreeClassifier(max_features=1), X, y, cv=2, n_jobs=-1)
print(len(scores))"""
    (case,) = cases_of(convert(notebook(tmp_path, (("code", code),)), Choices(timeout=120, trial_seconds=0))).values()
    assert "next random number of numpy" in case["outcome"]
