"""Loops that a stage repeats become one function, only where that surely does the same."""

from __future__ import annotations

import random

import pytest
from codegen.test_blocks import done, expression, stage, statements

from nb2prod.codegen.functions import Chunk
from nb2prod.codegen.repeats import without_repeats

LOOP = (
    "for c in [3, 4]:",
    "    wait = c * rate  # minutes",
    "    for day in range(2):",
    "        log.append(wait + day)",
    "    log.append(c)",
)


def as_it_is(text: str) -> str:
    return text


def parted(text: str) -> list[str]:
    return [chunk.text for chunk in without_repeats([Chunk("data", ("stage",), text, stage=True)], set(), as_it_is)]


def test_equal_loops_are_calls_of_one_function() -> None:
    text = stage("# one", *LOOP, "# two", "rate = 2", *LOOP, "return log", arguments="log: list[int], rate: float")
    assert parted(text) == [
        "def stage_over_c(rate: Any, log: list[int]) -> None:\n"
        '    """Go over each `c` as `stage` does."""\n' + "".join(f"    {line}\n" for line in LOOP),
        "def stage(log: list[int], rate: float):\n"
        '    """Stage."""\n'
        "    # one\n    stage_over_c(rate, log)\n    # two\n    rate = 2\n    stage_over_c(rate, log)\n    return log\n",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        [*LOOP, *LOOP[:-1], "    log.append(-c)"],
        [*LOOP, *LOOP, "log.append(wait)"],
        [*LOOP, "log.append(lambda: wait)", *LOOP],
        [line.replace("log.append(c)", "return c") for line in (*LOOP, *LOOP)],
        [line.replace("wait + day", "lambda: wait") for line in (*LOOP, *LOOP)],
    ],
    ids=["another", "read behind", "seen by a function", "left", "a function of a round"],
)
def test_what_is_not_surely_the_same_stays(lines: list[str]) -> None:
    text = stage(*lines, arguments="log, rate")
    assert parted(text) == [text]


def program(seed: int) -> str:
    chance = random.Random(seed)
    before = [f"{name} = {chance.randrange(4)}" for name in "abc" if chance.random() < 0.9]
    body = [f"    {line}" for line in [*statements(chance, 0, chance.randrange(2, 6)), *["log.append(n)"] * 4]]
    loop = [f"for n in range({chance.randrange(4)}):", *body]
    between = [*statements(chance, 1, chance.randrange(3)), f"log.append({expression(chance)})"]
    return stage("n = 0", *before, *loop, *between, *loop, *statements(chance, 1, 2), arguments="log, later")


def test_stages_in_parts_do_what_they_did() -> None:
    parts = 0
    for seed in range(80):
        text = program(seed)
        chunks = parted(text)
        ended, log = done(text)
        if len(chunks) > 1 and ended != "NameError":
            parts += 1
            assert done("".join(chunks)) == (ended, log), text
    assert parts > 10
