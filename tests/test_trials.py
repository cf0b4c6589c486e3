"""Every parameter is tried with another value: the package must give what the notebook gives with that value written into it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from nb2prod.model.choices import Choices
from nb2prod.model.project import File
from nb2prod.model.verdict import Trial
from nb2prod.pipeline import Conversion, convert
from nb2prod.proving.trials import Bench

CHOICES = Choices(timeout=120, python=sys.executable)


def converted(folder: Path, *cells: str, choices: Choices = CHOICES) -> Conversion:
    (folder / "table.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    listed = [{"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text, "outputs": []} for i, text in enumerate(cells)]
    path = folder / "tried.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed}), encoding="utf-8")
    return convert(path, choices)


def test_parameters_of_every_kind_do_what_editing_the_notebook_does(tmp_path: Path) -> None:
    conversion = converted(
        tmp_path,
        "LIMIT = 2\nSHARE = 0.5\nDOUBLE = True\nPARTS = ['a', 'b', 'c']\nWHEN = '2024-02-28'\nSEED = 2",
        "import datetime\nrows = open('table.csv').read().split()",
        "out = (LIMIT * SHARE + SEED, DOUBLE, len(PARTS), datetime.date.fromisoformat(WHEN).day, len(rows))\nprint(out)",
    )
    assert conversion.verdict.trials == (
        Trial("limit", 3, "same"),
        Trial("share", 0.45, "same"),
        Trial("double", False, "same"),
        Trial("parts", ["a", "b"], "same"),
        Trial("when", "2024-02-29", "same"),
        Trial("seed", 4, "same"),  # not the 3 that `limit` was given: one wired to the other would go unseen
        Trial("table_path", "table_other.csv", "same"),
    )


def test_a_value_that_the_notebook_refuses_is_refused_by_the_package(tmp_path: Path) -> None:
    conversion = converted(tmp_path, "KEY = 'a'", "worth = {'a': 1}[KEY]\nprint(worth)")
    assert conversion.verdict.trials == (Trial("key", "a_other", "same", "both raise KeyError: 'a_other'"),)


def test_a_file_that_dead_code_reads_too_can_have_another_name(tmp_path: Path) -> None:
    conversion = converted(tmp_path, "rows = open('table.csv').read()\nspare = open('table.csv').read()\nprint(len(rows))")
    assert conversion.verdict.trials == (Trial("table_path", "table_other.csv", "same"),)


def test_a_parameter_that_does_not_reach_its_use_is_told_from_those_that_do(tmp_path: Path) -> None:
    conversion = converted(tmp_path, "LOW = 1\nHIGH = 9\nMID = 5", "out = (LOW, MID, HIGH)\nprint(out)")
    path, wiring = "src/tried/pipeline.py", "mid=parameters.mid"
    whole = conversion.project.file(path).content
    assert isinstance(whole, str) and wiring in whole
    files = tuple(one for one in conversion.project.files if one.path != path)
    broken = replace(conversion.project, files=(*files, File(path, whole.replace(wiring, "mid=5"))))
    bench = Bench(conversion.notebook, conversion.analysis, conversion.plan, broken, CHOICES, {})
    assert conversion.recording is not None
    told = [(trial.parameter, trial.value, trial.outcome) for trial in bench.trials(conversion.recording)]
    assert told == [("low", 2, "same"), ("high", 10, "same"), ("mid", 6, "different")]


def test_where_there_is_no_time_nothing_is_tried(tmp_path: Path) -> None:
    choices = replace(CHOICES, trial_seconds=0.01)
    conversion = converted(tmp_path, "LIMIT = 2", "print(LIMIT + 1)", choices=choices)
    assert conversion.verdict.trials == (Trial("limit", 3, "unknown", "not tried: there was no time for another run"),)


def test_a_value_that_is_to_stay_in_the_code_is_no_parameter(tmp_path: Path) -> None:
    conversion = converted(tmp_path, "LOW = 1\nHIGH = 9", "print(LOW + HIGH)", choices=replace(CHOICES, fixed=("low",)))
    assert [one.name for one in conversion.plan.parameters] == ["high"]
    assert conversion.verdict.outcome == "same"
