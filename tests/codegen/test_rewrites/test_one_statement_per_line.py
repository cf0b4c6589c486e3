"""The rewrite `one_statement_per_line`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.one_statement_per_line import rewrite

BOUND = ()
CASES = [
    ("# why\na; b  # here\n", "# why\na\nb  # here\n"),
    ("import os, re as r  # both\n", "import os\nimport re as r  # both\n"),
    ("a;\n", "a\n"),
    ("def f():\n    a; b;\n", "def f():\n    a\n    b\n"),
    ("if x: a; b  # here\nelse: c\n", "if x:\n    a\n    b  # here\nelse:\n    c\n"),
    ("class C: pass\n", "class C:\n    pass\n"),
]
LEFT_ALONE = ["a\nb\n", "x = 'a; b;'\n", "from a import b, c\n", "x = 1  # a; b\n", "if x:\n    a\n"]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code
