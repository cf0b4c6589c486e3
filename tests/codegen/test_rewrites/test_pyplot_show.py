"""The rewrite `pyplot_show`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.pyplot_show import rewrite

BOUND = ()
CASES = [
    ("plt.show()\n", 'plt.close("all")\n'),
    ("for c in x:\n    plt.hist(c)\n    plt.show(block=False)  # each\n", 'for c in x:\n    plt.hist(c)\n    plt.close("all")  # each\n'),
]
LEFT_ALONE = ["fig.show()\n", "f(plt.show)\n", "plt.plot(x)\n"]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code


def test_a_figure_that_is_captured_stays_open() -> None:
    assert after(rewrite, "def f():\n    plt.plot(x)\n    plt.show()\n", stage=False, open_figures=True) == "def f():\n    plt.plot(x)\n"
