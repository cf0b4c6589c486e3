"""`nb2prod analyze` over several notebooks: JSON by its schema, a page with nothing from elsewhere, and the worst exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import nbformat
import pytest

from nb2prod.cli import main

SCHEMA = json.loads((Path(__file__).parent.parent / "nb2prod/codegen/manifest.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def notebooks(tmp_path: Path) -> list[str]:
    paths = []
    for name, code in (
        ("fine", "x = 2\nprint(x * 3)"),
        ("asks", "name = input('who? ')\nprint(name + '!')"),
        ("chance", "import random\nprint(random.random())"),
    ):
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
        paths.append(str(path))
    return paths


def test_each_of_several_notebooks_is_told_by_the_schema(notebooks: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", *notebooks, "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    for one in told:
        parts = {**SCHEMA, "properties": {key: SCHEMA["properties"][key] for key in one}, "required": sorted(one)}
        jsonschema.validate(one, parts)
    assert [[finding["code"] for finding in one["diagnostics"]] for one in told] == [[], ["NB201"], ["NB203"]]


def test_a_notebook_that_cannot_be_read_does_not_hide_the_others(notebooks: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", notebooks[0], "gone.ipynb", "--format", "json"]) == 2
    told = capsys.readouterr()
    assert [one.get("outcome", "analysed") for one in json.loads(told.out)] == ["analysed", "refused"]
    assert "gone.ipynb" in told.err


def test_the_page_holds_nothing_from_elsewhere_and_shows_findings(notebooks: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", notebooks[2], "--format", "html"]) == 0
    page = capsys.readouterr().out
    assert re.findall(r"<script|(?:src|href)=\"(?!#|data:)[^\"]*\"|url\((?!data:)", page) == []
    assert "NB203" in page


def test_colour_is_left_out_where_nobody_wants_it(
    notebooks: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["explain", notebooks[0], "--graph"]) == 0
    assert "\x1b" not in capsys.readouterr().out
