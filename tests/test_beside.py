"""benchmarks/beside.py: what it counts is right on examples small enough to be counted by hand. No peer is needed, no time is measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from notebook_files import write_notebook
from peers.dumping import described, dump
from peers.judging import different, share_gone
from peers.quality import dropped, unlike
from peers.running import Left, reference, run
from peers.scaling import exponent, grown
from peers.tables import outcome, targets

CELLS = ("import math\nx = 1", "y = x + 1\nif y:\n    z = y", "!ls")


@pytest.mark.parametrize(
    ("written", "gone"),
    [
        ("import math\nx = 1\ny = x + 1\nif y:\n    z = y", 0.0),
        ("def stage():\n    import math\n    x_1 = 1\n    y = x_1 + 1\n    if y:\n        z = y", 0.0),  # names and places do not matter
        ("x = 1\ny = x + 1", 0.6),
        ("# import math\nx = 1\nx = 1", 0.8),
        ("", 1.0),
    ],
)
def test_the_share_of_code_lines_that_do_not_stand_in_what_was_written(written: str, gone: float) -> None:
    assert share_gone(CELLS, written) == pytest.approx(gone)


def test_the_share_that_a_manifest_drops_counts_the_lines_of_dropped_statements() -> None:
    live, dead = {"start": 1, "end": 1, "live": True}, {"start": 2, "end": 3, "live": False}
    manifest = {"cells": [{"statements": [live, {**dead, "end": 2}]}, {"statements": [live, dead]}]}
    assert dropped(manifest, list(CELLS[:2])) == pytest.approx(3 / 5)


@pytest.mark.parametrize(
    ("expected", "found", "told"),
    [
        (0.1 + 0.2, 0.3, ""),
        (float("nan"), float("nan"), ""),
        (0.3, 0.31, "value: 0.31 instead of 0.3"),
        (1, True, "value: True instead of 1"),
        ([1, [2.0]], [1, [2.5]], "value: 2.5 instead of 2.0"),
        ([1, 2], [1], "value: 1 values instead of 2"),
        ({"a": 1}, {"a": 2}, "value.pairs: 2 instead of 1"),
        ({3, 1}, {1, 3}, ""),
        ("same", "Same", "value: 'Same' instead of 'same'"),
    ],
)
def test_the_first_difference_between_two_values(expected: object, found: object, told: str) -> None:
    assert different({"value": described(expected, 0)}, {"value": described(found, 0)}) == told


def test_a_table_differs_by_one_cell_or_one_column() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [1, 2], "b": [0.5, None]})
    assert different(described(table, 0), described(table.copy(), 0)) == ""
    assert different(described(table, 0), described(table.drop(columns="b"), 0)) == "columns: 1 values instead of 2"
    assert different(described(table, 0), described(table.assign(b=[0.5, 1.0]), 0)) == "values: 1.0 instead of nan"


def test_what_a_process_leaves_are_the_names_that_are_there(tmp_path: Path) -> None:
    dump({"n": 3, "other": 4}, ["n", "gone"], tmp_path / "last.json")
    assert json.loads((tmp_path / "last.json").read_text(encoding="utf-8")) == {"n": 3, "gone": {"missing": True}}


def test_results_are_held_against_values_and_files() -> None:
    whole = Left(True, "", {"n": 3}, {"out.csv": b"1"})
    assert unlike(whole, Left(True, "", {"n": 3}, {"out.csv": b"1"}), ["n"]) == ""
    assert unlike(whole, Left(True, "", {}, {"out.csv": b"1"}), ["n"]) != ""
    assert unlike(whole, Left(True, "", {"n": 3}, {"out.csv": b"2"}), ["n"]) == "the file out.csv"


def test_a_notebook_that_fails_from_the_top_is_run_in_the_order_of_its_counts(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "upside_down.ipynb", "total = n + 1", "n = 1")
    data = json.loads(path.read_text(encoding="utf-8"))
    for cell, count in zip(data["cells"], (2, 1), strict=True):
        cell["execution_count"] = count
    path.write_text(json.dumps(data), encoding="utf-8")
    assert reference(path, sys.executable, ["total"], []) == Left(True, "", {"total": 2}, {})


def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    ran = run([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, seconds=0.5)
    assert ran.code != 0 and ran.seconds < 30


@pytest.mark.parametrize(("costs", "slope"), [([1.0, 10.0, 100.0], 1.0), ([1.0, 100.0, 10000.0], 2.0), ([5.0, 5.0, 5.0], 0.0)])
def test_the_exponent_of_a_cost(costs: list[float], slope: float) -> None:
    assert exponent([10, 100, 1000], costs) == pytest.approx(slope)


def test_a_grown_notebook_has_so_many_code_cells_and_every_copy_its_own_names(tmp_path: Path) -> None:
    sample = write_notebook(tmp_path / "sample.ipynb", "# Title", "import math\nn = math.pi", "def twice(x):\n    return n * x", "%time n")
    cells = json.loads(grown([sample], 5, tmp_path).read_text(encoding="utf-8"))["cells"]
    assert [cell["source"] for cell in cells if cell["cell_type"] == "code"] == [
        "import math\nn_0_0 = math.pi",
        "def twice_0_0(x):\n    return n_0_0 * x",
        "%time n",
        "import math\nn_1_0 = math.pi",
        "def twice_1_0(x):\n    return n_1_0 * x",
    ]


@pytest.mark.parametrize(
    ("converts", "runs", "same", "word"),
    [
        (False, False, None, "refused"),
        (True, False, False, "stops"),
        (True, True, False, "**other results**"),
        (True, True, None, "runs"),
        (True, True, True, "same"),
    ],
)
def test_each_outcome_has_a_word(converts: bool, runs: bool, same: bool | None, word: str) -> None:
    assert outcome({"converts": converts, "runs": runs, "same": same}) == word


def test_a_target_is_met_missed_or_not_measured() -> None:
    commands = {"nb2prod --help": 0.06, "python -c pass": 0.02, "nb2prod analyze": 0.4, "nbconvert": 1.0}
    processes = [{"notebook": "a", "tool": tool, "cpu": cpu, "why": ""} for tool, cpu in commands.items()]
    found = {"in_process": [{"ratio": 3.0}, {"ratio": 9.0}, {"ratio": 4.0}], "edit": 0.021, "processes": processes, "scaling": []}
    assert [line.split(" | ")[2:] for line in targets(found).splitlines()[2:]] == [
        ["4.00x", "met |"],
        ["21.00 ms", "**missed** |"],
        ["3.00x", "met |"],
        ["0.40x", "**missed** |"],
        ["not measured", " |"],
        ["not measured", " |"],
        ["not measured", " |"],
        ["not measured", " |"],
    ]
