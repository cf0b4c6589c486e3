"""What JupyterLab's table of parameters writes into the cells, the command line heeds: converted, proved, and run with another value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nb2prod.cli import main

CELLS = (
    ("LIMIT = 3\nSCALE = 2", {"LIMIT": {"name": "least", "help": "Smaller ones are left out"}, "SCALE": {"parameter": False}}),
    ("sizes = [round(size * SCALE, 1) for size in (1.24, 2.5)]", {"round.1": {"parameter": True, "name": "digits"}}),
    ("with open('big.txt', 'w') as file:\n    file.write(str([size for size in sizes if size > LIMIT]))", {"open.0": {"name": "into"}}),
    ("print(sizes)", {"gone.0": {"name": "x"}}),
)


def notebook_in(folder: Path) -> Path:
    cells = [
        {"cell_type": "code", "id": f"c{at}", "metadata": {"nb2prod": {"parameters": asked}}, "source": text, "outputs": []}
        for at, (text, asked) in enumerate(CELLS)
    ]
    path = folder / "sizes.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}), encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_package_has_the_parameters_that_its_cells_ask_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["convert", str(notebook_in(tmp_path)), "-o", "made"]) == 0
    told = capsys.readouterr()
    assert "this cell has no value `gone.0`" in told.out + told.err
    manifest = json.loads(Path("made/nb2prod.json").read_text(encoding="utf-8"))
    assert manifest["verdict"] == "same"
    assert [(one["name"], one["default"], one["help"]) for one in manifest["parameters"]] == [
        ("least", 3, "Smaller ones are left out"),
        ("digits", 1, "given to round"),
        ("into", "big.txt", "given to open"),
    ]
    assert "Smaller ones are left out" in Path("made/README.md").read_text(encoding="utf-8")
    assert "SCALE = 2" in "".join(path.read_text(encoding="utf-8") for path in Path("made/src").rglob("*.py"))
    assert main(["run", "made", "-p", "digits=2", "-p", "least=1", "-p", "into=all.txt", "-q"]) == 0
    assert Path("all.txt").read_text(encoding="utf-8") == "[2.48, 5.0]"
    assert main(["run", "made", "-p", "scale=3", "-q"]) == 2
