"""What `nb2prod explain` says of one small notebook, and how it answers what does not exist."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from nb2prod.analysis import analyze
from nb2prod.cli import main
from nb2prod.knowledge import load_knowledge
from nb2prod.reading import read

CELLS = ["import math\nr = 2\nunused = 5", "area = math.pi * r\nprint(f'{area:.2f}')\nprint(area / 2)"]


@pytest.fixture
def notebook(tmp_path: Path) -> str:
    path = tmp_path / "circle.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS]), path)
    return str(path)


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["explain", *words])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_a_slice_of_a_result_that_is_no_variable(notebook: str, capsys: pytest.CaptureFixture[str]) -> None:
    analysis = analyze(read(Path(notebook)), load_knowledge())
    (name,) = [result.name for result in analysis.results if result.kind == "text"]
    code, text = answer(capsys, notebook, "--slice", name)
    assert code == 0
    assert text.splitlines()[:2] == [f"what `{name}` depends on: 4 statements, from the end back", "  cell 1 line 3     print(area / 2)"]


def test_a_slice_of_a_variable_that_is_no_result(notebook: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, notebook, "--slice", "unused") == (
        0,
        "what `unused` depends on: 1 statement, from the end back\n  cell 0 line 3     unused = 5\n",
    )


def test_an_unknown_name_is_told_what_exists(notebook: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = answer(capsys, notebook, "--slice", "aera")
    assert code == 2
    assert "no result or variable 'aera'" in text
    assert "did you mean area" in text
    assert "variables: area, math, r, unused" in text


def test_why_a_statement_is_kept(notebook: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = answer(capsys, notebook, "--why", "0:2")
    assert code == 0
    assert text.splitlines()[:4] == [
        "cell 0 line 2  r = 2",
        "  kept: needed by `area` through `r` (cell 1)",
        "  who needs it:",
        "    + cell 1 line 1     area = math.pi * r  through `r`",
    ]


def test_why_a_statement_is_dropped(notebook: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = answer(capsys, notebook, "--why", "0:3")
    assert (code, text.splitlines()) == (
        0,
        [
            "cell 0 line 3  unused = 5",
            "  dropped: nothing kept uses `unused`",
            "  what it would have fed: nothing",
            "  what it needs: nothing",
        ],
    )


@pytest.mark.parametrize(
    ("spot", "said"),
    [("x", "no place in a notebook"), ("7", "cells with code: 0, 1"), ("0:9", "its statements begin on lines 1, 2, 3")],
)
def test_a_place_that_does_not_exist_is_told_what_does(notebook: str, capsys: pytest.CaptureFixture[str], spot: str, said: str) -> None:
    code, text = answer(capsys, notebook, "--why", spot)
    assert code == 2
    assert said in text
