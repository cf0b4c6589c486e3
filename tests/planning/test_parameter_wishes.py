"""Parameters as the metadata of cells asks for them: renamed, read as another type, left in the code, made of any value; and what cannot be is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan
from nb2prod.planning import make_plan, offered_values, unmet_wishes
from nb2prod.reading import read

CELLS = (
    "import pandas as pd\nfrom sklearn.cluster import KMeans\nLIMIT = 3",
    "frame = pd.read_csv('in.csv', sep=';')\nframe = frame[frame.size > LIMIT]",
    "model = KMeans(n_clusters=8, random_state=0).fit(frame)\nother = KMeans(n_clusters=4).fit(frame)\npassword = 'hunter2-hunter2'",
    "frame.to_csv('in.csv')\nopen(f'{len(password)}', 'w').write(repr([model, other]))",
)


def opened(folder: Path, *asked: Any, cells: tuple[str, ...] = CELLS) -> tuple[Notebook, Analysis, Plan]:
    """The plan of a notebook whose cells in turn carry this metadata."""
    listed = [
        {"cell_type": "code", "metadata": {"nb2prod": {"parameters": told}} if told else {}, "source": text, "outputs": []}
        for text, told in zip(cells, [*asked, *[None] * len(cells)], strict=False)
    ]
    path = folder / "asked.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": listed}), encoding="utf-8")
    notebook = read(path)
    analysis = analyze(notebook, load_knowledge())
    return notebook, analysis, make_plan(notebook, analysis, load_knowledge(), Choices())


def planned(folder: Path, *asked: Any, cells: tuple[str, ...] = CELLS) -> tuple[list[tuple[str, str, object]], list[str]]:
    notebook, analysis, plan = opened(folder, *asked, cells=cells)
    said = [f"{one.cell}.{one.line}: {one.message}" for one in unmet_wishes(notebook, analysis, plan)]
    return [(one.name, one.type, one.default) for one in plan.parameters], said


USUAL = [
    ("limit", "int", 3),
    ("in_path", "path", "in.csv"),
    ("n_clusters", "int", 8),
    ("random_state", "int", 0),
    ("k_means_n_clusters", "int", 4),
    ("password", "str", None),
]


def test_values_are_told_in_the_words_of_the_notebook(tmp_path: Path) -> None:
    _, _, plan = opened(tmp_path)
    assert [one.source for one in plan.parameters] == [
        "LIMIT",
        "read_csv.0",
        "KMeans.n_clusters",
        "KMeans.random_state",
        "KMeans.n_clusters#2",
        "",
    ]
    assert [[(place.cell, *place.span) for place in one.literals] for one in plan.parameters[:3]] == [
        [(0, 3, 8, 3, 9)],
        [(1, 1, 20, 1, 28), (3, 1, 13, 1, 21)],
        [(2, 1, 26, 1, 27)],
    ]
    assert planned(tmp_path) == (USUAL, [])


def test_a_parameter_is_called_read_and_described_as_its_cell_asks(tmp_path: Path) -> None:
    asked = {"KMeans.n_clusters#2": {"name": "groups", "type": "float", "help": "How many groups"}}
    notebook, analysis, plan = opened(tmp_path, {"LIMIT": {"name": "most"}}, None, asked)
    found = {one.name: one for one in plan.parameters}
    assert (found["groups"].type, found["groups"].default, found["groups"].help) == ("float", 4, "How many groups")
    assert (found["most"].variable, found["most"].default) == ("LIMIT", 3)
    assert unmet_wishes(notebook, analysis, plan) == ()


def test_what_is_to_be_no_parameter_stays_in_the_code(tmp_path: Path) -> None:
    no = {"parameter": False}
    found = planned(tmp_path, {"LIMIT": no}, None, {"KMeans.n_clusters": no, "KMeans.random_state": no})
    assert found == ([("in_path", "path", "in.csv"), ("k_means_n_clusters", "int", 4), ("password", "str", None)], [])
    _, _, plan = opened(tmp_path, {"LIMIT": no})
    assert 0 in {id.cell for stage in plan.stages for id in stage.statements}


def test_a_file_is_one_parameter_whichever_of_its_literals_is_asked_about(tmp_path: Path) -> None:
    named = planned(tmp_path, None, {"read_csv.0": {"name": "table"}})[0]
    assert ("table", "path", "in.csv") in named and len(named) == len(USUAL)
    assert planned(tmp_path, None, None, None, {"to_csv.0": {"parameter": False}}) == ([one for one in USUAL if one[0] != "in_path"], [])


def test_any_plain_value_given_to_a_call_can_be_made_a_parameter(tmp_path: Path) -> None:
    notebook, analysis, plan = opened(tmp_path)
    assert [(words, use.value) for words, use in offered_values(notebook, analysis, plan)] == [("read_csv.sep", ";"), ("open.1", "w")]
    assert ("sep", "str", ";") in planned(tmp_path, None, {"read_csv.sep": {"parameter": True}})[0]
    cells = (
        "import pandas as pd\nk = 2\nempty = ''",
        "f = pd.read_csv('a.csv')\nprint(f.query('x > @k'), f.round(3), f'{round(f.size, 1)}', [4], empty)",
    )
    asked = {value: {"parameter": True} for value in ("query.0", "round.0", "print.3")}
    found, said = planned(tmp_path, {"empty": {"parameter": True}}, asked, cells=cells)
    assert found == [("empty", "str", ""), ("a_path", "path", "a.csv"), ("round_0", "int", 3)]
    assert said == ["1.2: `query.0` cannot be a parameter", "1.2: `print.3` cannot be a parameter"]


def test_a_name_that_another_parameter_gave_up_can_be_taken(tmp_path: Path) -> None:
    swapped = {"KMeans.n_clusters": {"name": "k_means_n_clusters"}, "KMeans.n_clusters#2": {"name": "n_clusters"}}
    found, said = planned(tmp_path, None, None, swapped)
    assert (found[2], found[4], said) == (("k_means_n_clusters", "int", 8), ("n_clusters", "int", 4), [])


def test_what_cannot_be_is_said_and_changes_nothing(tmp_path: Path) -> None:
    for name in ("frame", "2 things", "class", "print", "parameters", "_x", "", "random_state"):
        asked = {"KMeans.n_clusters": {"name": name}}
        assert planned(tmp_path, None, None, asked) == (USUAL, [f"2.1: no parameter can be called `{name}`"])
    refused = {
        "LIMIT": {"type": "str"},
        "nothing": {"name": "a"},
    }
    assert planned(tmp_path, refused) == (
        USUAL,
        ["0.3: `LIMIT` cannot be a `str`", "0.1: this cell has no value `nothing`, about which its metadata asks something"],
    )
    secret = {"password": {"parameter": False}, "KMeans.n_clusters": {"parameter": "perhaps"}, "KMeans.random_state": 3, "fit.0": {}}
    assert planned(tmp_path, None, None, secret) == (
        USUAL,
        [
            "2.3: `password` must be a parameter",
            "2.1: the metadata of this cell asks something about `KMeans.n_clusters` that nobody understands",
            "2.1: the metadata of this cell asks something about `KMeans.random_state` that nobody understands",
            "2.1: this cell has no value `fit.0`, about which its metadata asks something",
        ],
    )


def test_metadata_of_any_other_form_asks_nothing(tmp_path: Path) -> None:
    for told in (3, [], {"parameters": []}, {"parameters": None}):
        cells = [{"cell_type": "code", "metadata": {"nb2prod": told}, "source": "a = 1\nprint(a)", "outputs": []}]
        path = tmp_path / "odd.ipynb"
        path.write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}), encoding="utf-8")
        assert read(path).cells[0].wishes == ()


def test_a_script_asks_as_jupytext_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "asked.py"
    path.write_text(
        '# %% nb2prod={"parameters": {"a": {"name": "most", "help": "so [much]"}}} tags=["keep"]\na = 1\nprint(a)\n', encoding="utf-8"
    )
    (cell,) = read(path).cells
    assert [(wish.value, dict(wish.asked)) for wish in cell.wishes] == [("a", {"name": "most", "help": "so [much]"})]
    assert cell.tags == ("keep",)
