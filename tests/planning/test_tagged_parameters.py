"""Every literal of a cell tagged `parameters` is a parameter, whatever its value, and one file named in two calls gives two names."""

from __future__ import annotations

import json
from pathlib import Path

from nb2prod.analysis import analyze
from nb2prod.codegen.parameters_module import kind_of
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.plan import Plan
from nb2prod.planning import make_plan
from nb2prod.reading import read


def planned(folder: Path, *cells: str, tags: tuple[str, ...] = ("parameters",), whole: bool = False) -> Plan:
    listed = [
        {"cell_type": "code", "id": f"c{rank}", "metadata": {"tags": list(tags) if rank == 0 else []}, "source": text, "outputs": []}
        for rank, text in enumerate(cells)
    ]
    path = folder / "tagged.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed}), encoding="utf-8")
    notebook = read(path)
    return make_plan(notebook, analyze(notebook, load_knowledge()), load_knowledge(), Choices(whole=whole))


VALUES = "a = None\nb = ''\nc = (1, 2)\nd = '''x\ny'''\ne = -2\nf = []\ng = {}"
USES = "print(a, b, c, d, e, f, g)"


def test_every_literal_of_a_tagged_cell_is_a_parameter(tmp_path: Path) -> None:
    found = [(p.name, kind_of(p), p.default) for p in planned(tmp_path, VALUES, USES).parameters]
    assert found == [
        ("a", "any", None),
        ("b", "str", ""),
        ("c", "tuple", (1, 2)),
        ("d", "str", "x\ny"),
        ("e", "int", -2),
        ("f", "list", []),
        ("g", "dict", {}),
    ]


def test_tuples_inside_others_which_a_config_file_would_make_lists_are_none(tmp_path: Path) -> None:
    assert [
        p.name for p in planned(tmp_path, "a = [(1, 2)]\nb = {'k': (1, 2)}\nc = ((1, 2), 3)\nd = ([1], 2)", "print(a, b, c, d)").parameters
    ] == ["d"]


def test_without_the_tag_what_only_begins_something_is_none(tmp_path: Path) -> None:
    assert [p.name for p in planned(tmp_path, VALUES, USES, tags=()).parameters] == ["e"]


def test_in_one_function_only_what_the_notebook_tags_is_a_parameter(tmp_path: Path) -> None:
    cells = ("k = 3", "n = 4\nimport pandas as pd\nprint(pd.read_csv('x.csv').shape[0] * n * k)")
    assert [p.name for p in planned(tmp_path, *cells).parameters] == ["k", "n", "x_path"]
    assert [p.name for p in planned(tmp_path, *cells, whole=True).parameters] == ["k"]


def test_one_file_in_several_calls_is_one_parameter_that_says_what_is_done_to_it(tmp_path: Path) -> None:
    code = "a = pd.read_csv('sales.csv')\nb = pd.read_csv('sales.csv')\npd.concat([a, b]).to_csv('sales.csv')"
    (one,) = planned(tmp_path, "import pandas as pd", code).parameters
    assert (one.name, one.access, len(one.places)) == ("sales_path", "read and written", 3)


def test_a_file_that_a_variable_names_is_that_variable_also_where_its_name_is_written_out(tmp_path: Path) -> None:
    code = "a = pd.read_csv('sales.csv')\nOUT = 'sum.csv'\na.to_csv('sum.csv')\ntotal = pd.read_csv(OUT)['x'].sum()\nprint(total)"
    named = [(p.name, p.access) for p in planned(tmp_path, "import pandas as pd", code).parameters]
    assert named == [("sales_path", "read"), ("out", "written")]


def test_a_day_is_a_date_and_what_only_looks_like_one_a_text(tmp_path: Path) -> None:
    code = "FIRST = '2024-02-29'\nLAST = '2023-02-29'\nprint(FIRST, LAST)"
    assert [(p.name, p.type) for p in planned(tmp_path, code).parameters] == [("first", "date"), ("last", "str")]
