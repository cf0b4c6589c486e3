"""Slices of random programs: running the slice for a variable gives the variable the value it has in the whole program."""

from __future__ import annotations

import ast
import os

import numpy as np
from analysis.programs import Program
from analysis.random_programs import NAMES, PRELUDE, PROGRAMS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nb2prod.model.notebook import StatementId

STEPS = 2000
LOADED = np  # before any program: the steps of an import are not the program's
EXAMPLES = int(os.environ.get("SLICING_EXAMPLES", "120"))


def runnable(statements: list[str]) -> Program:
    """The program of those statements that run without an error after the ones before them."""
    kept: list[str] = []
    for statement in statements:
        try:
            ast.parse(statement)
        except SyntaxError:
            continue
        kept.append(statement)
    while True:
        program = Program([PRELUDE, *kept], steps=STEPS)
        failed: list[StatementId] = []
        program.run(program.every, failed=failed)
        if not failed:
            return program
        cells = {id.cell for id in failed}
        assert 0 not in cells, "the prelude must run"
        kept = [statement for rank, statement in enumerate(kept, 1) if rank not in cells]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize="SLICING_EXAMPLES" not in os.environ,
)
@given(PROGRAMS, st.sampled_from((*NAMES, "log", "count")))
def test_a_slice_computes_what_the_whole_program_computes(statements: list[str], name: str) -> None:
    program = runnable(statements)
    whole = program.run(program.every, name)
    if whole.values[name] == "<no such variable>":
        return
    part = program.run(program.slice(name), name)
    assert (part.values, part.error) == (whole.values, "")
