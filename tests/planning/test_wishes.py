"""Stages as the tags of cells ask for them: renamed, merged, split, moved; and what cannot be is said and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.planning import make_plan, unmet_wishes
from nb2prod.reading import read

CELLS = (
    "rows = open('orders.txt').read().split()",
    "sizes = [len(row) for row in rows]\nbig = [size for size in sizes if size > 3]",
    "unused = rows[:3]",
    "total = sum(big)\nmean = total / len(big)",
    "with open('out.txt', 'w') as file:\n    file.write(f'{total} {mean}')",
)


def planned(
    folder: Path, *tags: str, cells: tuple[str, ...] = CELLS, whole: bool = False
) -> tuple[list[tuple[str, tuple[int, ...]]], list[str]]:
    """The stages with their cells, and what is said of wishes that were not followed; `tags` are those of the cells in turn."""
    listed = [
        {"cell_type": "code", "id": f"c{rank}", "metadata": {"tags": [tag] if tag else []}, "source": text, "outputs": []}
        for rank, (text, tag) in enumerate(zip(cells, [*tags, *[""] * len(cells)], strict=False))
    ]
    path = folder / "asked.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed}), encoding="utf-8")
    notebook = read(path)
    analysis = analyze(notebook, load_knowledge())
    plan = make_plan(notebook, analysis, load_knowledge(), Choices(whole=whole))
    said = [f"{one.cell}: {one.message}" for one in unmet_wishes(notebook, analysis, plan)]
    return [(stage.name, stage.cells) for stage in plan.stages], said


def test_a_stage_is_called_as_its_cells_ask(tmp_path: Path) -> None:
    assert planned(tmp_path, *["stage:write_mean"] * 5) == ([("write_mean", (0, 1, 3, 4))], [])
    assert planned(tmp_path, "stage:fetch_rows") == ([("fetch_rows", (0,)), ("save_out", (1, 3, 4))], [])


def test_stages_are_merged_and_split_where_the_tags_say(tmp_path: Path) -> None:
    merged = planned(tmp_path, "stage:a", "stage:a", "", "stage:b", "stage:b")
    assert merged == ([("a", (0, 1)), ("b", (3, 4))], [])
    apart = planned(tmp_path, "stage:a", "stage:b", "", "stage:c", "stage:d")
    assert apart == ([("a", (0,)), ("b", (1,)), ("c", (3,)), ("d", (4,))], [])


def test_what_stands_between_cells_of_a_stage_belongs_to_it(tmp_path: Path) -> None:
    assert planned(tmp_path, "stage:work", "", "", "stage:work") == ([("work", (0, 1, 3)), ("save_out", (4,))], [])


def test_a_name_that_cannot_be_is_said_and_changes_nothing(tmp_path: Path) -> None:
    usual = planned(tmp_path)[0]
    for name in ("total", "2 things", "class", "print", "Parameters", "test_it", "_x", ""):
        assert planned(tmp_path, f"stage:{name}") == (usual, [f"0: no stage can be called `{name}`"])


def test_statements_keep_their_order_whatever_is_asked(tmp_path: Path) -> None:
    stages, said = planned(tmp_path, "stage:a", "stage:b", "", "stage:a")
    assert [cells for _, cells in stages[:3]] == [(0,), (1,), (3,)] and [name for name, _ in stages[:2]] == ["a", "b"]
    assert said == ["3: the stage `a` cannot be as the tags of the cells ask for"]


def test_what_must_share_a_function_does(tmp_path: Path) -> None:
    stages, said = planned(tmp_path, "stage:a", "stage:b", "stage:c", cells=("def f():\n    global x\n    x = 2\nx = 1", "f()", "print(x)"))
    assert (stages, said) == (
        [("a", (0, 1, 2))],
        [f"{cell}: the stage `{name}` cannot be as the tags of the cells ask for" for cell, name in ((1, "b"), (2, "c"))],
    )


def test_one_function_of_all_heeds_no_tags(tmp_path: Path) -> None:
    assert len(planned(tmp_path, "stage:a", "stage:b", whole=True)[0]) == 1
