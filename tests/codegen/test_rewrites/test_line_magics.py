"""The rewrite `line_magics`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.line_magics import rewrite

BOUND = ("folder",)
TWICE = """def timed() -> None:
    for _ in range(2):
        f()
for _ in range(3):
    timed()
"""
CASES = [
    ("x = 1\nget_ipython().run_line_magic('timeit', 'f()')\n", "x = 1\ndef timed() -> None:\n    f()\ntimed()\n"),
    ("get_ipython().run_line_magic('timeit', '-n2 -r 3 -q f()')\n", TWICE),
    ("get_ipython().run_line_magic('timeit', '-n2 f()')\n", TWICE.replace("range(3)", "range(7)")),
    (
        "get_ipython().run_cell_magic('timeit', '-n 1 -r1 x = 1', 'f(x)\\ng(x)\\n')\n",
        "def timed() -> None:\n    x = 1\n    f(x)\n    g(x)\ntimed()\n",
    ),
]
LEFT_ALONE = [
    "t = get_ipython().run_line_magic('timeit', '-o f()')\n",
    "get_ipython().run_line_magic('sql', 'select 1')\n",
    "get_ipython().run_line_magic(name, 'x')\n",
]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code
