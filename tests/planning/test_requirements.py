"""What a package needs besides what its code imports: engines, and what compiled libraries were built upon."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.plan import Plan
from nb2prod.model.recording import Environment, Pin, Recording
from nb2prod.planning import make_plan
from nb2prod.reading import read

PINS = {
    "pandas": Pin("1.5.3", ("numpy", "pytz")),
    "numpy": Pin("1.23.5"),
    "pytz": Pin("2026.6"),
    "openpyxl": Pin("3.1.5"),
}
MODULES = {"pandas": ("pandas", "1.5.3"), "numpy": ("numpy", "1.23.5"), "openpyxl": ("openpyxl", "3.1.5")}


def planned(folder: Path, code: str, recording: Recording | None) -> Plan:
    path = folder / "needs.ipynb"
    cells = [{"cell_type": "code", "id": "c0", "metadata": {}, "source": code, "outputs": []}]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}), encoding="utf-8")
    notebook = read(path)
    return make_plan(notebook, analyze(notebook, load_knowledge()), load_knowledge(), Choices(), recording)


def test_what_a_compiled_library_was_built_upon_keeps_its_release(tmp_path: Path) -> None:
    recording = Recording(ok=True, environment=Environment("3.11.7", MODULES, PINS))
    plan = planned(tmp_path, "import pandas as pd\nprint(pd.Series([1]).sum())", recording)
    assert (plan.requirements, plan.unnamed) == ({"numpy": "1.23.5", "pandas": "1.5.3"}, ("numpy",))


def test_without_a_run_nobody_knows_what_it_was_built_upon(tmp_path: Path) -> None:
    plan = planned(tmp_path, "import pandas as pd\nprint(pd.Series([1]).sum())", None)
    assert (plan.requirements, plan.unnamed) == ({"pandas": ""}, ())


def test_an_engine_that_only_pandas_uses_is_required_and_not_imported(tmp_path: Path) -> None:
    recording = Recording(ok=True, environment=Environment("3.11.7", MODULES, PINS))
    code = "import numpy as np\nimport openpyxl\nimport pandas as pd\npd.Series(np.arange(3)).to_frame().to_excel('a.xlsx')"
    plan = planned(tmp_path, code, recording)
    assert [one.module for one in plan.imports] == ["numpy", "pandas"]
    assert (plan.requirements, plan.unnamed) == ({"numpy": "1.23.5", "openpyxl": "3.1.5", "pandas": "1.5.3"}, ("openpyxl",))


def test_an_engine_whose_name_is_used_stays_imported(tmp_path: Path) -> None:
    plan = planned(tmp_path, "import openpyxl\nopenpyxl.Workbook().save('a.xlsx')", None)
    assert ([one.module for one in plan.imports], plan.requirements, plan.unnamed) == (["openpyxl"], {"openpyxl": ""}, ())


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("df['a'].plot.kde().figure.savefig('a.png')", ["matplotlib", "scipy"]),
        ("df['a'].plot(kind='density').figure.savefig('a.png')", ["matplotlib", "scipy"]),
        ("print(df.corr(method='kendall'))", ["scipy"]),
        ("print(df['a'].corr(df['b'], method='spearman'))", ["scipy"]),
        ("print(df['a'].interpolate(method='cubic'))", ["scipy"]),
        ("print(df.rolling(3, win_type='triang').sum())", ["scipy"]),
        ("df.style.highlight_max().to_html('a.html')", ["jinja2"]),
        ("print(df['a'].interpolate())", []),
        ("print(df.corr(method='spearman'))", []),
    ],
)
def test_what_pandas_loads_for_one_function_is_required(code: str, needed: list[str], tmp_path: Path) -> None:
    plan = planned(tmp_path, f"import pandas as pd\ndf = pd.DataFrame({{'a': [1.0], 'b': [2.0]}})\n{code}", None)
    assert [*plan.unnamed] == needed


def test_a_file_that_was_found_on_the_path_is_not_required(tmp_path: Path) -> None:
    recording = Recording(ok=True, environment=Environment("3.11.7", {**MODULES, "checks": ("", "")}, PINS))
    code = "import sys\nsys.path.insert(0, '..')\nimport checks\nimport pandas as pd\nprint(checks.ok(pd.Series([1]).sum()))"
    assert planned(tmp_path, code, recording).requirements == {"numpy": "1.23.5", "pandas": "1.5.3"}


def test_what_statsmodels_loads_to_draw_is_required(tmp_path: Path) -> None:
    code = (
        "import statsmodels.api as sm\nres = sm.OLS([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]).fit()\nsm.graphics.plot_fit(res, 0).savefig('a.png')"
    )
    assert planned(tmp_path, code, None).unnamed == ("matplotlib",)
