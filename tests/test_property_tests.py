"""The property tests of a converted notebook: they hold for what it does, and fail where a stage is broken so that they no longer do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nb2prod.model.choices import Choices
from nb2prod.pipeline import convert
from nb2prod.saving import save

CELLS = {  # a stage each
    "load": "import pandas as pd\nfrom sklearn.model_selection import train_test_split\ndf = pd.read_csv('sales.csv')\nprint(len(df))",
    "clean": (
        "df['shop'] = df['shop'].str.strip().str.lower()\n"
        "df.drop_duplicates(subset=['shop', 'day'], inplace=True)\n"
        "df['amount'] = df['amount'].fillna(df['amount'].median()).clip(lower=0)"
    ),
    "enrich": "df['large'] = df['amount'] > 50\ndf['price'] = df['amount'] / df['pieces']",
    "sum_up": "totals = df.groupby('shop')['amount'].agg(['sum', 'mean'])\ntotals",
    "split": "train, test = train_test_split(df, test_size=0.25, random_state=3)",
    "compare": "print(len(train), len(test), round(train['price'].mean(), 3), test['large'].sum())",
}
# What is broken: a file's text, what comes instead, and the test that tells of it.
FAULTS = {
    "every pass cuts more": (".clip(lower=0)", ".clip(lower=0).sub(1)", "clean_twice_is_clean_once"),
    "rows go": ('df["large"] = df["amount"] > 50', 'df.drop(index=df.index[:1], inplace=True)', "enrich_keeps_every_row_of_df"),
    "a row looks at its neighbour": ('/ df["pieces"]', '/ df["pieces"].shift(1).fillna(1)', "enrich_looks_at_each_row_of_df_alone"),
    "the order matters": ('["sum", "mean"]', '["sum", "first"]', "sum_up_does_not_depend_on_the_order_of_df"),
    "rows are added": ("df.drop_duplicates(", "df.loc[10 ** 6] = ['new', 99, 1.0, 1]\n    df.drop_duplicates(", "clean_makes_no_new_rows_of_df"),
    "a row is in no part": ("train, test = train_test_split(df,", "train, test = train_test_split(df.iloc[1:],", "split_splits_df_into_parts_that_add_up"),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small notebook, converted."""
    folder = tmp_path_factory.mktemp("notebook")
    rows = [f"{' Ab'[at % 3]}b{'xyz'[at % 3]},{at % 50},{at % 97 - 3 if at % 11 else ''},{at % 5 + 1}" for at in range(120)]
    (folder / "sales.csv").write_text("\n".join(["shop,day,amount,pieces", *rows]) + "\n", encoding="utf-8")
    cells = [
        {"cell_type": "code", "id": name, "metadata": {"tags": [f"stage:{name}"]}, "source": text, "outputs": []}
        for name, text in CELLS.items()
    ]
    path = folder / "sales.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}), encoding="utf-8")
    conversion = convert(path, Choices(timeout=300, trial_seconds=0))
    assert conversion.verdict.outcome == "same"
    save(conversion.project, folder / "made", False)
    return folder / "made"


def looked_at(project: Path) -> tuple[set[str], set[str]]:
    """The tests of properties that pass, and those that fail."""
    command = [sys.executable, "-m", "pytest", "-rA", "-q", "-p", "no:cacheprovider", "tests/test_properties.py"]
    done = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False)
    found = {how: set(re.findall(rf"^{how} \S+::(\w+)", done.stdout, re.MULTILINE)) for how in ("PASSED", "FAILED")}
    assert found["PASSED"] | found["FAILED"], done.stdout + done.stderr
    return found["PASSED"], found["FAILED"]


@pytest.mark.slow
def test_the_properties_that_the_code_shows_hold_and_are_told_by_name(project: Path) -> None:
    passed, failed = looked_at(project)
    assert failed == set() and passed >= {f"test_{name}" for _, _, name in FAULTS.values()}
    assert 'test = ["pytest", "hypothesis"]' in (project / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_stage_that_is_broken_fails_the_test_of_that_property(project: Path, fault: str) -> None:
    old, new, name = FAULTS[fault]
    (module,) = [path for path in (project / "src" / "sales").glob("*.py") if old in path.read_text(encoding="utf-8")]
    text = module.read_text(encoding="utf-8")
    module.write_text(text.replace(old, new), encoding="utf-8")
    try:
        _, failed = looked_at(project)
    finally:
        module.write_text(text, encoding="utf-8")
    assert f"test_{name}" in failed
