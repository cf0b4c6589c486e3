"""Every case of `cases/*.md`: exactly the expected statements die, and running the living ones alone gives what the whole program gives."""

from __future__ import annotations

import json
import time
import warnings

import pytest
from analysis.case_files import Case, all_cases
from analysis.programs import Program

CASES = all_cases()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_exactly_the_expected_statements_die(case: Case) -> None:
    program = case.program
    live = set(program.slice(case.expected["keep"])) if "keep" in case.expected else set(program.analysis().live)
    labels = case.labels(program)
    assert {label for id, label in labels.items() if id not in live} == set(case.lines("dead"))
    assert set(case.lines("needless")) <= {label for id, label in labels.items() if id in live}


@pytest.mark.parametrize("case", [case for case in CASES if "not run" not in case.expected], ids=str)
def test_the_living_statements_alone_give_the_same(case: Case) -> None:
    program = case.program
    if "keep" in case.expected:
        name = case.expected["keep"]
        whole, part = program.run(program.every, name), program.run(program.slice(name), name)
        assert not whole.error
        assert (part.values, part.error) == (whole.values, "")
        return
    analysis = program.analysis()
    names = tuple(result.name for result in analysis.results if result.kind == "variable")
    dead_on_error = {id for id in program.every if id.cell in {cell for cell, _, _ in program.errors}}
    order = [id for id in analysis.order if id not in dead_on_error]
    whole, part = program.run(order, *names), program.run(analysis.live, *names)
    assert not whole.error
    assert (part.values, part.files, part.error) == (whole.values, whole.files, "")


@pytest.mark.parametrize("case", [case for case in CASES if "results" in case.expected], ids=str)
def test_the_results_are_the_expected_ones(case: Case) -> None:
    found = [f"{result.kind} {result.name}" for result in case.program.analysis().results]
    assert found == [name.strip() for name in case.expected["results"].split(",") if name.strip()]


def test_a_program_that_replaces_functions_of_the_library_leaves_it_as_it_was() -> None:
    before = time.sleep, json.dumps, warnings.warn
    program = Program(["import time, json, warnings\ntime.sleep = lambda seconds: None\njson.dumps = str\nwarnings.warn = print\nout = json.dumps(1)"])
    assert program.run(program.every, "out").values == {"out": ("str", "'1'")}
    assert (time.sleep, json.dumps, warnings.warn) == before
